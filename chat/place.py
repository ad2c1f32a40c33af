"""Finds a quote among the letters of its page and gives the boxes to draw; pure, and None wherever there is doubt.

The quote is cut from the canonical text, which was cleaned; the page has raw glyphs. Both are folded to letters and
digits, so that hyphens, spaces, ligatures, accents and case do not part them. What stands between two digits is kept:
"1.5" is not "15".
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Box = tuple[float, float, float, float]  # left, top, right, bottom, as shares of the page's width and height
Run = tuple[int, int]  # letters [first, last)

DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212\x02")  # the last is pdfium's hyphen at a line's end
ALIKE = str.maketrans({"ı": "i"})  # a letter whose dot may stand beside it as an accent
LIST_MARKER = re.compile(r"^ *- ")
MARKER = ".{0,4}?"  # what a list marker, or a footnote's, may leave between two lines of a quote
CONTEXT = 200  # folded characters on either side by which occurrences are told apart
CLEARLY = 12  # folded characters of context that one occurrence must have over the next
SAME_LINE = 0.5  # of the smaller extent: how much two letters of one line overlap across its direction
WIDE_GAP = 3.0  # of a letter's extent: a wider gap parts two boxes of one line
EMPTY = 1e-4  # of the page: what is smaller has no extent


class Letter(NamedTuple):
    """A character as the page has it, and its box; spaces that pdfium adds have an empty one."""

    text: str
    box: Box


@dataclass(frozen=True)
class Folded:
    """The letters and digits of a text, and for each the place of the character that it comes from."""

    text: str
    origins: tuple[int, ...]


def fold(characters: Iterable[str]) -> Folded:
    """Letters and digits only, without accents and case; one sign is kept where signs stand between two digits."""
    out: list[str] = []
    origins: list[int] = []
    between: tuple[str, int] | None = None  # a sign after a digit, kept if a digit comes next
    for at, character in enumerate(characters):
        kept = [c for c in unicodedata.normalize("NFKD", character.casefold().translate(ALIKE)) if c.isalnum()]
        if kept:
            if between and kept[0].isdigit():
                out.append(between[0])
                origins.append(between[1])
            between = None
            out += kept
            origins += [at] * len(kept)
        elif out and out[-1].isdigit() and (between is None or between[0] == " "):
            between = (_sign(character), at)
    return Folded("".join(out), tuple(origins))


def _sign(character: str) -> str:
    return "-" if character in DASHES else " " if character.isspace() or not character.isprintable() else character


def place(readings: Iterable[Sequence[Letter]], text: str, start: int, end: int) -> tuple[Box, ...] | None:
    """The boxes of text[start:end], one a line, by the first of the `readings` of its page that has it for certain."""
    for letters in readings:
        runs = locate(letters, text, start, end)
        if runs:
            return tuple(box for first, last in runs for box in line_boxes(letters[first:last]))
    return None


def locate(letters: Sequence[Letter], text: str, start: int, end: int) -> tuple[Run, ...] | None:
    """The letters in which text[start:end] stands, one run for each of its lines; None if that is not certain.

    `text` is the canonical text of the same page. Of several occurrences the one is taken whose neighbourhood on the
    page agrees with that in the text, or that comes as often after the others on the page as in the text.
    """
    lines = list(_lines(text, start, end))
    folded = [fold(text[a:b]).text for a, b in lines]
    lines = [span for span, line in zip(lines, folded, strict=True) if line]
    pattern = MARKER.join(f"({re.escape(line)})" for line in folded if line)
    if not pattern:
        return None
    page, source = fold(letter.text for letter in letters), fold(text)
    found = [
        m for m in re.finditer(f"(?=({pattern}))", page.text) if _whole_words(m, page, letters, text, (start, end))
    ]
    match = _right_one(found, page.text, source, (lines[0][0], lines[-1][1]), pattern)
    if match is None:
        return None
    return tuple(
        _with_signs(letters, text, span, (page.origins[match.start(n)], page.origins[match.end(n) - 1] + 1))
        for n, span in enumerate(lines, 2)
    )


def _lines(text: str, start: int, end: int) -> Iterable[Run]:
    """The lines of a quote, without the markers of list items."""
    for line in re.finditer(r"[^\n]+", text[start:end]):
        marker = LIST_MARKER.match(line[0])
        yield start + line.start() + (marker.end() if marker else 0), start + line.end()


def _whole_words(match: re.Match[str], page: Folded, letters: Sequence[Letter], text: str, quote: Run) -> bool:
    """Whether a match does not begin or end inside a word, unless the quote does, as at a page break."""
    first, last = page.origins[match.start(1)], page.origins[match.end(1) - 1]
    before, after = letters[first - 1].text if first else "", letters[last + 1].text if last + 1 < len(letters) else ""
    cut_before = _in_word(text, quote[0])
    cut_after = _in_word(text, quote[1])
    return (cut_before or not before.isalnum()) and (cut_after or not after.isalnum())


def _in_word(text: str, at: int) -> bool:
    """Whether `at` lies inside a word; the edges of a page may, for all that is known here."""
    return not 0 < at < len(text) or (text[at - 1].isalnum() and text[at].isalnum())


def _right_one(
    found: Sequence[re.Match[str]], page: str, source: Folded, quote: Run, pattern: str
) -> re.Match[str] | None:
    if len(found) < 2:
        return found[0] if found else None
    inside = [n for n, origin in enumerate(source.origins) if quote[0] <= origin < quote[1]]
    before, after = source.text[: inside[0]], source.text[inside[-1] + 1 :]
    agree = [_agreement(page[: m.start(1)], before, -1) + _agreement(page[m.end(1) :], after, 1) for m in found]
    best = max(range(len(found)), key=agree.__getitem__)
    rest = max(n for at, n in enumerate(agree) if at != best)
    if agree[best] >= rest + CLEARLY:
        return found[best]
    in_text = [m.start(1) for m in re.finditer(f"(?=({pattern}))", source.text)]
    if len(in_text) != len(found) or inside[0] not in in_text or agree[in_text.index(inside[0])] < agree[best]:
        return None
    return found[in_text.index(inside[0])]


def _agreement(one: str, other: str, direction: int) -> int:
    """How many characters two texts share from where they meet the quote, backwards (-1) or forwards (1)."""
    count = 0
    for a, b in zip(one[::direction][:CONTEXT], other[::direction][:CONTEXT], strict=False):
        if a != b:
            break
        count += 1
    return count


def _with_signs(letters: Sequence[Letter], text: str, span: Run, run: Run) -> Run:
    """A run with the signs that the quote has around its letters: quotation marks, brackets, a full stop."""
    quote = text[span[0] : span[1]]
    alnum = [at for at, c in enumerate(quote) if c.isalnum()]
    first, last = run
    for _ in range(alnum[0]):
        if first and _is_sign(letters[first - 1].text):
            first -= 1
    for _ in range(len(quote) - 1 - alnum[-1]):
        if last < len(letters) and _is_sign(letters[last].text):
            last += 1
    return first, last


def _is_sign(character: str) -> bool:
    return not character.isalnum() and not character.isspace() and character.isprintable()


def line_boxes(letters: Sequence[Letter]) -> tuple[Box, ...]:
    """One box for each line of `letters`, whichever way the lines run; letters without an extent are passed over."""
    boxes: list[Box] = []
    for letter in letters:
        left, top, right, bottom = letter.box
        if right - left < EMPTY or bottom - top < EMPTY or letter.text.isspace():
            continue
        if boxes and _same_line(boxes[-1], letter.box):
            last = boxes[-1]
            boxes[-1] = (min(last[0], left), min(last[1], top), max(last[2], right), max(last[3], bottom))
        else:
            boxes.append(letter.box)
    return tuple(boxes)


def _same_line(line: Box, letter: Box) -> bool:
    """Whether a letter goes on with a line: level with it and near its end, or under it where the line is written downwards."""
    across, along = _overlap(line[1::2], letter[1::2]), _overlap(line[0::2], letter[0::2])
    height, width = letter[3] - letter[1], letter[2] - letter[0]
    if across >= SAME_LINE * min(height, line[3] - line[1]):
        return along > -WIDE_GAP * height
    upright = line[2] - line[0] < 2 * width
    return upright and along >= SAME_LINE * min(width, line[2] - line[0]) and across > -WIDE_GAP * width


def _overlap(one: Sequence[float], other: Sequence[float]) -> float:
    return min(one[1], other[1]) - max(one[0], other[0])
