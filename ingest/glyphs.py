"""Reads the words of a PDF page and where they stand, from pdfium; layout.py puts them in reading order.

Places are in points, x to the right and y downwards, turned so that the text of a sheet runs to the right.
"""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from ingest.document import Unreadable

MAX_GLYPHS = 200_000  # a page; the fullest newspaper page has a tenth of it
MAX_SHAPES = 3000  # a page; charts and maps have more, and no table in them
WIDE_GAP = 0.5  # of the font size: a gap that parts two words even where the file has no space
HYPHEN_AT_LINE_END = 0x02  # what pdfium gives for it
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
BOLD_NAME = re.compile(r"bold|black|heavy|semib|demi|CMBX|,b\b|-bd\b", re.IGNORECASE)
BOLD_WEIGHT = 600
RULE_THICKNESS = 3.0
RULE_LENGTH = 20.0


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

    @property
    def bottom(self) -> float:
        """The depth of a descender."""
        return self.base + 0.22 * self.size


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line drawn on the page, or the edge of a box."""

    x0: float
    x1: float
    y: float


@dataclass(frozen=True)
class Sheet:
    """The words of a page that run in one direction, in the order of the file. Most pages have one sheet."""

    words: tuple[Word, ...]
    rules: tuple[Rule, ...]
    width: float
    height: float


@dataclass(frozen=True)
class _Style:
    """What the glyphs of one text object share; `turn` is (cosine, sine) of the writing direction, at `angle` degrees."""

    size: float
    bold: bool
    angle: int
    turn: tuple[float, float]


def read_sheets(page: pdfium.PdfPage) -> list[Sheet]:
    """The sheets of `page`, the one with the most words first; empty when the page holds no text."""
    textpage = page.get_textpage()
    try:
        by_angle: dict[int, list[tuple[_Style, list[_Glyph]]]] = {}
        for style, glyphs in _runs(textpage.raw, page.get_cropbox()):
            by_angle.setdefault(style.angle, []).append((style, glyphs))
        sheets = [_sheet(page, runs) for runs in by_angle.values()]
    finally:
        textpage.close()
    return sorted((s for s in sheets if s.words), key=lambda s: -len(s.words))


def body_size(sheets: Iterable[Sheet]) -> float:
    """The font size, to half a point, of most of the text."""
    sizes: Counter[float] = Counter()
    for sheet in sheets:
        for word in sheet.words:
            sizes[round(word.size * 2) / 2] += len(word.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


@dataclass(slots=True)
class _Glyph:
    text: str
    box: tuple[float, float, float, float]  # left, bottom, right, top as pdfium gives them
    origin: tuple[float, float]
    spaced: bool


def _runs(text: Any, crop: tuple[float, float, float, float]) -> Iterator[tuple[_Style, list[_Glyph]]]:
    """The glyphs inside `crop`, in file order, cut where the style changes."""
    count = raw.FPDFText_CountChars(text)
    if count > MAX_GLYPHS:
        raise Unreadable(f"A page holds {count:,} characters, more than the {MAX_GLYPHS:,} that are read.")
    styles: dict[int | None, _Style] = {}
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    run: list[_Glyph] = []
    current: _Style | None = None
    spaced = True
    for at in range(count):
        code = raw.FPDFText_GetUnicode(text, at)
        if code <= 0x20 and code != HYPHEN_AT_LINE_END and code in {0, 9, 10, 13, 32} or code == 0xA0:
            spaced = True
            continue
        raw.FPDFText_GetLooseCharBox(text, at, box)
        raw.FPDFText_GetCharOrigin(text, at, x, y)
        if not (crop[0] - 1 <= x.value <= crop[2] + 1 and crop[1] - 1 <= y.value <= crop[3] + 1):
            spaced = True
            continue
        key = ctypes.cast(raw.FPDFText_GetTextObject(text, at), ctypes.c_void_p).value
        style = styles.get(key) if key else None
        if style is None:
            style = styles[key] = _style(text, at)
        if style is not current:
            if run and current:
                yield current, run
            current, run = style, []
        character = "-" if code == HYPHEN_AT_LINE_END else chr(code)
        run.append(_Glyph(character, (box.left, box.bottom, box.right, box.top), (x.value, y.value), spaced))
        spaced = False
    if run and current:
        yield current, run


def _style(text: Any, at: int) -> _Style:
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, at, matrix)
    size = raw.FPDFText_GetFontSize(text, at) * math.hypot(matrix.c, matrix.d)
    font = raw.FPDFTextObj_GetFont(raw.FPDFText_GetTextObject(text, at))
    name = ctypes.create_string_buffer(256)
    raw.FPDFFont_GetBaseFontName(font, name, 256)
    bold = bool(BOLD_NAME.search(name.value.decode("utf-8", "replace"))) or raw.FPDFFont_GetWeight(font) >= BOLD_WEIGHT
    angle = round(math.degrees(math.atan2(matrix.b, matrix.a))) % 360
    return _Style(max(size, 1.0), bold, angle, (math.cos(math.radians(angle)), math.sin(math.radians(angle))))


def _sheet(page: pdfium.PdfPage, runs: list[tuple[_Style, list[_Glyph]]]) -> Sheet:
    cosine, sine = runs[0][0].turn
    left, bottom, right, top = page.get_cropbox()
    corners = [(x * cosine + y * sine, x * sine - y * cosine) for x in (left, right) for y in (bottom, top)]
    x0, y0 = min(c[0] for c in corners), min(c[1] for c in corners)
    width, height = max(c[0] for c in corners) - x0, max(c[1] for c in corners) - y0

    def place(x: float, y: float) -> tuple[float, float]:
        return x * cosine + y * sine - x0, x * sine - y * cosine - y0

    words: list[Word] = []
    for style, glyphs in runs:
        for glyph in glyphs:
            a, b = place(*glyph.box[:2]), place(*glyph.box[2:])
            word = Word(glyph.text, min(a[0], b[0]), max(a[0], b[0]), place(*glyph.origin)[1], style.size, style.bold)
            _add(words, word, glyph.spaced)
    rules = [Rule(place(a, y)[0], place(b, y)[0], place(a, y)[1]) for a, b, y in _rules(page)] if sine == 0 else []
    return Sheet(tuple(words), _joined(rules), width, height)


def _add(words: list[Word], glyph: Word, spaced: bool) -> None:
    """Append `glyph` to the last word, or begin a new one, glued or not."""
    last = words[-1] if words else None
    near = last is not None and abs(glyph.base - last.base) < 0.6 * max(last.size, glyph.size)
    if last is None or spaced or not near or not -1 < _gap(last, glyph) / glyph.size < WIDE_GAP:
        words.append(glyph)
        return
    same = (
        last.bold == glyph.bold and abs(last.size - glyph.size) < 0.2 and abs(last.base - glyph.base) < 0.1 * last.size
    )
    if same:
        words[-1] = Word(
            last.text + glyph.text,
            min(last.x0, glyph.x0),
            max(last.x1, glyph.x1),
            last.base,
            last.size,
            last.bold,
            last.glued,
        )
    else:
        words.append(Word(glyph.text, glyph.x0, glyph.x1, glyph.base, glyph.size, glyph.bold, True))


def _gap(last: Word, glyph: Word) -> float:
    """What lies between a word and the next glyph, in the direction in which the glyph is read."""
    return last.x0 - glyph.x1 if RIGHT_TO_LEFT.match(glyph.text) else glyph.x0 - last.x1


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
