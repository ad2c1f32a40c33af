"""Reads the words of a PDF page and where they stand, from pdfium; layout.py puts them in reading order.

Places are in points, x to the right and y downwards, turned so that the text of a sheet runs to the right.
"""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

from ingest.clean import SPACES
from ingest.document import Unreadable

MAX_GLYPHS = 200_000  # a page; the fullest newspaper page has a tenth of it
MAX_SHAPES = 3000  # a page; charts and maps have more, and no table in them
WIDE_GAP = 0.5  # of the font size: a gap that parts two words even where the file has no space
SAME_LINE = 0.6  # of the font size: how far a raised figure may stand above the word it belongs to
HYPHEN_AT_LINE_END = 0x02  # what pdfium gives for it
SPACE_CODES = frozenset({0x00, 0x0A, 0x0D, 0x20, *SPACES})
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# By name: the weight that pdfium reckons from the stems makes whole TeX documents bold (744 for CMR10, 695 for a Bold).
BOLD_NAME = re.compile(r"bold|black|heavy|semib|demi|medi\b|(?:CM|SF)(?:SS)?BX|,b\b|-bd\b", re.IGNORECASE)
FORCE_BOLD = 1 << 18  # among a font's flags
RULE_THICKNESS = 3.0
RULE_LENGTH = 20.0

Box = tuple[float, float, float, float]  # left, bottom, right, top, in pdfium's places: y upwards


@dataclass(frozen=True, slots=True)
class Word:
    """A run of glyphs in one style without a space; `glued` when no space stands between it and the word before."""

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool
    glued: bool = False

    @property
    def top(self) -> float:
        """The height of a capital letter."""
        return self.base - 0.72 * self.size


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line drawn on the page, or the edge of a box."""

    x0: float
    x1: float
    y: float


@dataclass(frozen=True)
class Sheet:
    """The words of a page that run in one direction, in the order of the file. Most pages have one sheet.

    `angle` is that direction, in degrees: 0 where it is the page's own.
    """

    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    width: float
    height: float
    angle: int = 0


@dataclass(frozen=True)
class _Style:
    """What the glyphs of one text object share; `angle` is the direction of writing, in degrees."""

    size: float
    bold: bool
    angle: int

    def looks_like(self, other: "_Style") -> bool:
        """Whether both are of the same weight and about the same size."""
        return self is other or (self.bold == other.bold and abs(self.size - other.size) < 0.2)


def read_sheets(page: pdfium.PdfPage) -> list[Sheet]:
    """The sheets of `page`, the one with the most words first; empty when the page holds no text.

    Raises `Unreadable` when the page holds more than MAX_GLYPHS characters.
    """
    crop = _area(page)
    textpage = page.get_textpage()
    try:
        by_angle: dict[int, list[_Glyph]] = {}
        for glyph in _glyphs(textpage.raw, crop):
            by_angle.setdefault(glyph.style.angle, []).append(glyph)
        rules = list(_rules(page)) if by_angle else []
        sheets = [_sheet(_Turn(angle, crop), glyphs, rules) for angle, glyphs in by_angle.items()]
    finally:
        textpage.close()
    return sorted(sheets, key=lambda sheet: -len(sheet.words))


def _area(page: pdfium.PdfPage) -> Box:
    """What of the page is seen; all of it where the crop box is none."""
    for left, bottom, right, top in (page.get_cropbox(), page.get_mediabox()):
        if abs(right - left) >= 1 and abs(top - bottom) >= 1:
            break
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def body_size(sheets: Iterable[Sheet]) -> float:
    """The font size, to half a point, of most of the text."""
    sizes: Counter[float] = Counter()
    for sheet in sheets:
        for word in sheet.words:
            sizes[round(word.size * 2) / 2] += len(word.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


class _Glyph(NamedTuple):
    text: str
    box: Box
    origin: tuple[float, float]
    spaced: bool  # whether a space stands before it
    style: _Style


def _glyphs(text: Any, crop: Box) -> Iterator[_Glyph]:
    """The glyphs inside `crop`, in file order."""
    count = raw.FPDFText_CountChars(text)
    if count > MAX_GLYPHS:
        raise Unreadable(f"A page holds {count:,} characters, more than the {MAX_GLYPHS:,} that are read.")
    styles: dict[int | None, _Style] = {}  # by the address of the text object
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    spaced = True
    for at in range(count):
        code = raw.FPDFText_GetUnicode(text, at)
        raw.FPDFText_GetCharOrigin(text, at, x, y)
        inside = crop[0] - 1 <= x.value <= crop[2] + 1 and crop[1] - 1 <= y.value <= crop[3] + 1
        if code in SPACE_CODES or not inside:
            spaced = True
            continue
        raw.FPDFText_GetLooseCharBox(text, at, box)
        key = ctypes.cast(raw.FPDFText_GetTextObject(text, at), ctypes.c_void_p).value
        style = styles.get(key) or _style(text, at)
        if key:
            styles[key] = style
        character = "-" if code == HYPHEN_AT_LINE_END else chr(code)
        yield _Glyph(character, (box.left, box.bottom, box.right, box.top), (x.value, y.value), spaced, style)
        spaced = False


def _style(text: Any, at: int) -> _Style:
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, at, matrix)
    height, angle = math.hypot(matrix.c, matrix.d), math.atan2(matrix.b, matrix.a)
    size = raw.FPDFText_GetFontSize(text, at) * height
    if not (math.isfinite(size) and math.isfinite(angle)):
        size, angle = 1.0, 0.0  # the file gives no number
    font = raw.FPDFTextObj_GetFont(raw.FPDFText_GetTextObject(text, at))
    name = ctypes.create_string_buffer(256)
    raw.FPDFFont_GetBaseFontName(font, name, 256)
    named = BOLD_NAME.search(name.value.decode("utf-8", "replace"))
    bold = named is not None or bool(max(raw.FPDFFont_GetFlags(font), 0) & FORCE_BOLD)
    return _Style(max(size, 1.0), bold, round(math.degrees(angle)) % 360)


class _Turn:
    """Turns pdfium's places on a page into those of a sheet whose text is written at `angle` degrees."""

    def __init__(self, angle: int, crop: Box) -> None:
        self._cosine, self._sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        self._x0 = self._y0 = 0.0
        corners = [self.place(x, y) for x in crop[::2] for y in crop[1::2]]
        self._x0, self._y0 = min(x for x, _ in corners), min(y for _, y in corners)
        self.width = max(x for x, _ in corners) - self._x0
        self.height = max(y for _, y in corners) - self._y0
        self.angle = angle

    def place(self, x: float, y: float) -> tuple[float, float]:
        return x * self._cosine + y * self._sine - self._x0, x * self._sine - y * self._cosine - self._y0


@dataclass(slots=True)
class _Draft:
    """A Word that still grows."""

    text: str
    x0: float
    x1: float
    base: float
    style: _Style
    glued: bool


def _sheet(turn: _Turn, glyphs: Iterable[_Glyph], rules: Iterable[tuple[float, float, float]]) -> Sheet:
    drafts: list[_Draft] = []
    for text, box, origin, spaced, style in glyphs:
        one, other = turn.place(box[0], box[1])[0], turn.place(box[2], box[3])[0]
        x0, x1 = (one, other) if one < other else (other, one)
        base = turn.place(*origin)[1]
        last = drafts[-1] if drafts else None
        near = last is not None and not spaced and _follows(last, text, x0, x1, base, style.size)
        if last is not None and near and last.style.looks_like(style) and abs(last.base - base) < 0.1 * style.size:
            last.text += text
            last.x0, last.x1 = min(last.x0, x0), max(last.x1, x1)
        else:
            drafts.append(_Draft(text, x0, x1, base, style, near))
    words = tuple(Word(d.text, d.x0, d.x1, d.base, d.style.size, d.style.bold, d.glued) for d in drafts)
    level = [
        Rule(turn.place(a, y)[0], turn.place(b, y)[0], turn.place(a, y)[1]) for a, b, y in rules if turn.angle == 0
    ]
    return Sheet(words, _joined(level), turn.width, turn.height, turn.angle)


def _follows(last: _Draft, text: str, x0: float, x1: float, base: float, size: float) -> bool:
    """Whether a glyph stands so close behind a word, in the direction in which it is read, that it belongs to it."""
    gap = last.x0 - x1 if RIGHT_TO_LEFT.match(text) else x0 - last.x1
    return abs(base - last.base) < SAME_LINE * max(last.style.size, size) and -1 < gap / size < WIDE_GAP


def _joined(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules, those that touch end to end as one: tables are often drawn cell by cell."""
    whole: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (round(r.y), r.x0)):
        last = whole[-1] if whole else None
        if last and round(last.y) == round(rule.y) and rule.x0 <= last.x1 + RULE_THICKNESS:
            whole[-1] = Rule(last.x0, max(last.x1, rule.x1), last.y)
        else:
            whole.append(rule)
    return tuple(whole)


def _rules(page: pdfium.PdfPage) -> Iterator[tuple[float, float, float]]:
    """The horizontal lines on the page as (left, right, y), in pdfium's own places."""
    handle = page.raw
    bounds = [ctypes.c_float() for _ in range(4)]
    for at in range(min(raw.FPDFPage_CountObjects(handle), MAX_SHAPES)):
        shape = raw.FPDFPage_GetObject(handle, at)
        if raw.FPDFPageObj_GetType(shape) != raw.FPDF_PAGEOBJ_PATH:
            continue
        raw.FPDFPageObj_GetBounds(shape, *bounds)
        left, bottom, right, top = (value.value for value in bounds)
        if right - left >= RULE_LENGTH:
            yield left, right, top
            if top - bottom > RULE_THICKNESS:
                yield left, right, bottom
