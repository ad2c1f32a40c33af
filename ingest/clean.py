"""Repairs for the characters that PDF extraction damages: pure functions over tables of known damage.

text.py's repairs are of Markdown; these are of glyphs: ligatures, odd spaces, detached accents, hyphens at line ends.
"""

import re
import unicodedata
from collections.abc import Collection

BULLETS = "•‣◦⁃∙▪▫■□●○◆◇►▸➢➤➔✓✔❖❑\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf0a8\uf02d\x17"
LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st", "ĳ": "ij", "Ĳ": "IJ"}
)
SPACES = dict.fromkeys(map(ord, "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"), " ")
INVISIBLE = dict.fromkeys([0xAD, 0xFEFF, 0x200B, 0x200C, 0x200D, 0x2060, 0xFFFE, 0xFFFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
CONTROLS = dict.fromkeys([c for c in (*range(0x20), *range(0x7F, 0xA0)) if c != 0x0A])
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
ACCENTS = {"´": "\u0301", "`": "\u0300", "ˆ": "\u0302", "˜": "\u0303", "¨": "\u0308", "ˇ": "\u030c", "˚": "\u030a", "¸": "\u0327"}
DETACHED = re.compile(r"(?<=\w)([´ˆ˜¨ˇ˚])([aeiouyncszAEIOUYNCSZı])|([cCsS])(¸)")
PREFIXES = frozenset(["all", "anti", "co", "cross", "ex", "half", "high", "long", "low", "mid", "multi", "near", "non", "peer", "post", "pre", "re", "self", "semi", "short", "sub", "well"])
SHY = "\u00ad"
ENDS_IN_HYPHEN = re.compile(rf"(?P<word>\w+)(?P<hyphen>[-\u2010{SHY}])$")


def clean(text: str) -> str:
    """`text` with ligatures spelled out, odd spaces plain, accents on their letters, nothing invisible; NFC, spaces single."""
    text = text.translate(LIGATURES).translate(SPACES).translate(INVISIBLE).translate(CONTROLS)
    text = DETACHED.sub(_attach, text)
    return re.sub(r" {2,}", " ", unicodedata.normalize("NFC", text)).strip()


def _attach(match: re.Match[str]) -> str:
    letter, accent = (match[2], match[1]) if match[1] else (match[3], match[4])
    return unicodedata.normalize("NFC", letter.replace("ı", "i") + ACCENTS[accent])


def join_lines(before: str, after: str, words: Collection[str]) -> str:
    """What stands between two lines of a paragraph is decided: `before` as it is to be followed directly by `after`.

    Ends with a space, or without its hyphen where a word was broken, or with it where the word has one ("road-mapping").
    `words` are the lower-case words of the document that were not broken, with their hyphens.
    """
    match = ENDS_IN_HYPHEN.search(before)
    first = re.match(r"\w+", after)
    if match is None:
        return before if before.endswith(("—", "/", "\u2011")) and after else f"{before} "
    if match["hyphen"] == SHY:
        return before[:-1]
    if first is None:
        return f"{before} "
    left, right = match["word"], first[0]
    whole = before.rsplit(None, 1)[-1]
    return before if _keeps_hyphen(left, right, whole, words) else before[:-1]


def _keeps_hyphen(left: str, right: str, whole: str, words: Collection[str]) -> bool:
    """Whether `left-right` is written with its hyphen; `whole` is the part before the break with all its hyphens."""
    joined, hyphened = f"{left}{right}".lower(), f"{left}-{right}".lower()
    if not right[0].islower() or not left[-1].islower():
        return True  # GLEX-2025, Earth-Moon, A-level
    if hyphened in words or joined in words:
        return hyphened in words
    if left.lower() in PREFIXES or "-" in whole[:-1]:
        return True  # long-term, state-of-the-art
    return left.lower() in words and right.lower() in words and min(len(left), len(right)) > 3
