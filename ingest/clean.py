"""Repairs for the characters that PDF extraction damages: pure functions over tables of known damage.

text.py's repairs are of Markdown; these are of glyphs: ligatures, odd spaces, detached accents, hyphens at line ends.
"""

import re
import unicodedata
from collections.abc import Collection

SOFT_HYPHEN = "\u00ad"
BULLETS = (
    "•‣◦⁃∙▪▫■□●○◆◇►▸➢➤➔✓✔❖❑"
    "\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf0a8\uf02d"  # Symbol and Wingdings in their private use areas
)
LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st", "ĳ": "ij", "Ĳ": "IJ"}
)
SPACES = {code: " " for code in (0x09, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)}
INVISIBLE = dict.fromkeys(
    [
        *(code for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in SPACES),  # control characters
        *(0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF),  # zero width
        *(*range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)),  # direction marks
        *(0xFFFD, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)),  # no characters: replacements, halves of pairs
    ]
)
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
ACCENTS = {
    "´": "\u0301", "ˆ": "\u0302", "˜": "\u0303", "¨": "\u0308", "ˇ": "\u030c", "˚": "\u030a", "¸": "\u0327"
}  # fmt: skip
DETACHED = re.compile(r"(?<=[^\W\d_])(?:([´ˆ˜¨ˇ˚])([aeiouyncszAEIOUYNCSZı])|(¸)([cCsS]))")  # the accent, its letter
CEDILLA_AFTER = re.compile(r"(?<=[cCsS])¸")
KEEP_AFTER = frozenset({"non", "self"})  # which are hardly ever only a syllable
JOIN_AFTER = frozenset(
    {
        *("anti", "bio", "electro", "extra", "geo", "hydro", "hyper", "infra", "inter", "macro", "micro", "mono"),
        *("multi", "over", "photo", "poly", "pre", "pro", "pseudo", "semi", "sub", "super", "tele", "thermo"),
        *("trans", "ultra", "under"),
    }
)
SUSPENDED = frozenset({"and", "or", "to"})  # "short- and long-term"
HYPHEN_END = re.compile(rf"(?P<word>[^\W\d_]+)(?P<hyphen>[-\u2010{SOFT_HYPHEN}])$")
TIGHT_END = re.compile(r"(?:[—/\u2011]|\d-)$")  # nothing comes between these and the next line


def clean(text: str) -> str:
    """`text` with ligatures spelled out, spaces plain and single, accents on their letters, nothing invisible; in NFC.

    A soft hyphen stays at the end of the text only, where `join_lines` needs it.
    """
    text = text.translate(LIGATURES).translate(SPACES).translate(INVISIBLE)
    text = CEDILLA_AFTER.sub(ACCENTS["¸"], DETACHED.sub(_attach, text))
    text = re.sub(rf"{SOFT_HYPHEN}(?!$)", "", re.sub(r" {2,}", " ", text).strip())
    return unicodedata.normalize("NFC", text)


def _attach(match: re.Match[str]) -> str:
    """The accent that stood before its letter, behind it, as Unicode has it."""
    accent, letter = (match[1], match[2]) if match[1] else (match[3], match[4])
    return letter.replace("ı", "i") + ACCENTS[accent]


def join_lines(before: str, after: str, words: Collection[str]) -> str:
    """`before` as it is to be followed directly by `after`, the next line of the same paragraph.

    It ends in a space, without its hyphen where a word was broken, or with it where the word has one ("road-mapping").
    `words` are known lower-case words, those of the document with their hyphens.
    """
    match = HYPHEN_END.search(before)
    first = re.match(r"[^\W\d_]+", after)
    if match is None:
        return before if TIGHT_END.search(before) else f"{before} "
    if match["hyphen"] == SOFT_HYPHEN:
        return before[:-1]
    if first is None:
        return before if re.match(r"\w", after) else f"{before} "
    if first[0] in SUSPENDED:
        return f"{before} "
    compound = "-" in before[: match.start()].rsplit(" ", 1)[-1]  # "state-of-the-" goes on as it began
    return before if _keeps_hyphen(match["word"], first[0], words, compound) else before[:-1]


def _keeps_hyphen(left: str, right: str, words: Collection[str], compound: bool) -> bool:
    """Whether `left-right` is written with its hyphen. The document's own spelling decides, then what is a word."""
    if not right[0].islower() or left[-1].isupper():
        return True  # Earth-Moon, A-level
    left, right = left.lower(), right.lower()
    joined = f"{left}{right}"
    if f"{left}-{right}" in words:
        return True
    if joined in words or f"{joined}s" in words or joined.removesuffix("s") in words or left in JOIN_AFTER:
        return False
    known = left in words or left.endswith("ly")  # "statically-typed", where no other line has the adverb
    return compound or left in KEEP_AFTER or (len(right) > 2 and known and right in words)
