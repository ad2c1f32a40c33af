"""Typesets the real report as a designed PDF: columns, contents, a table, hyphens; pdfs.py makes the small ones."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fpdf import FPDF

from ingest.extract import Extract
from ingest.text import read_text

REPORT = Path(__file__).parent.parent / "corpus" / "isecg-annual-report-2024.txt"
HEADER = "International Space Exploration Coordination Group"
FOOTER = "ISECG Annual Report 2024"
MEMBERS = (
    ("Australia", "Australian Space Agency (ASA)"),
    ("Australia", "Commonwealth Scientific and Industrial Research Organisation (CSIRO)"),
    ("Brazil", "Agência Espacial Brasileira (AEB)"),
    ("Canada", "Canadian Space Agency (CSA)"),
    ("China", "China National Space Administration (CNSA)"),
    ("Europe", "European Space Agency (ESA)"),
    ("France", "Centre National d'Études Spatiales (CNES)"),
    ("Germany", "German Aerospace Center (DLR)"),
    ("India", "Indian Space Research Organisation (ISRO)"),
    ("Italy", "Agenzia Spaziale Italiana (ASI)"),
    ("Japan", "Japan Aerospace Exploration Agency (JAXA)"),
    ("Luxembourg", "Luxembourg Space Agency (LSA)"),
    ("Mexico", "Agencia Espacial Mexicana (AEM)"),
    ("Norway", "Norwegian Space Agency (NOSA)"),
    ("New Zealand", "New Zealand Space Agency (NZSA)"),
    ("Poland", "Polish Space Agency (POLSA)"),
    ("Portugal", "Portugal Space (PT Space)"),
    ("Republic of Korea", "Korea AeroSpace Administration (KASA)"),
    ("Romania", "Romanian Space Agency (ROSA)"),
    ("Switzerland", "Swiss Space Office (SSO)"),
    ("Thailand", "Geo-informatics and Space Technology Development Agency (GISTDA)"),
    ("Ukraine", "State Space Agency of Ukraine (SSAU)"),
    ("United Arab Emirates", "United Arab Emirates Space Agency (UAE Space Agency)"),
    ("United Kingdom", "United Kingdom Space Agency (UKSA)"),
    ("USA", "National Aeronautics and Space Administration (NASA)"),
    ("Vietnam", "Vietnamese National Space Center (VNSC)"),
)
MARGIN, GUTTER, TOP, BOTTOM = 56, 24, 80, 770  # points, on A4
BODY, LEADING = 9.5, 12.5
BREAKS = re.compile(r"(?<=[A-Za-z]{2})-(?=[A-Za-z]{3})|(?<=[a-z]{2}[aeiou])(?=[bcdfgklmnprstv][a-z]{3})")
HEADING_SIZES = {1: 18.0, 2: 13.0, 3: 10.5}


@dataclass(frozen=True)
class Design:
    """How the report is typeset."""

    columns: int = 2
    outline: bool = True
    labels: bool = True
    justified: bool = True
    ruled: bool = False
    hyphenate: bool = True
    by_height: bool = False  # words lie in the file as on the page, from top to bottom across all columns


class Report(FPDF):  # type: ignore[misc]  # fpdf2 has no types
    """A4 pages with a running header and footer from the third page on."""

    def __init__(self) -> None:
        """Begin an empty document."""
        super().__init__(unit="pt", format="A4")
        self.core_fonts_encoding = "cp1252"
        self.set_auto_page_break(False)
        self.set_font("Helvetica", size=BODY)

    def header(self) -> None:
        """The running header."""
        if self.page_no() > 2:
            self.set_font("Helvetica", "I", 8)
            self.text(MARGIN, 40, HEADER)

    def footer(self) -> None:
        """The page number as printed: roman on the first two pages."""
        self.set_font("Helvetica", size=8)
        number = self.page_no()
        printed = "i" * number if number < 3 else str(number - 2)
        if number > 1:
            self.text(MARGIN, 815, FOOTER)
            self.text(530, 815, printed)


class Typesetter:
    """Fills columns from the top left, page after page; every line is set word by word, as design programs do."""

    def __init__(self, pdf: Report, design: Design, label: dict[str, Any]) -> None:
        """Fill pages of `pdf`, of which the first gets `label`; nothing is added before the first heading."""
        self.pdf, self.design, self.label = pdf, design, label
        self.width = (pdf.w - 2 * MARGIN - GUTTER * (design.columns - 1)) / design.columns
        self.column, self.y, self.top = 0, float(TOP), float(TOP)
        self.words: list[tuple[float, float, str, str, float]] = []

    def finish_page(self) -> None:
        """Write the words of the page."""
        for y, x, text, style, size in sorted(self.words) if self.design.by_height else self.words:
            self.pdf.set_font("Helvetica", style, size)
            self.pdf.text(x, y, text)
        self.words = []

    def put(self, x: float, y: float, text: str) -> None:
        """Place text in the current font."""
        self.words.append((y, x, text, self.pdf.font_style, self.pdf.font_size))

    def new_page(self) -> None:
        """Go on at the top of the next page."""
        self.finish_page()
        self.pdf.add_page(**self.label)
        self.label = {}
        self.column, self.y, self.top = 0, float(TOP), float(TOP)

    @property
    def x(self) -> float:
        """The left edge of the current column."""
        return float(MARGIN + self.column * (self.width + GUTTER))

    def room(self, height: float) -> None:
        """Go to the next column or page unless `height` is left."""
        if self.y + height > BOTTOM:
            self.column, self.y = self.column + 1, self.top
            if self.column == self.design.columns:
                self.new_page()

    def paragraph(self, text: str, indent: float = 0, mark: str = "", size: float = BODY, style: str = "") -> None:
        """Set a paragraph; `mark` is a bullet that hangs in the indent."""
        self.pdf.set_font("Helvetica", style, size)
        leading = size * LEADING / BODY
        lines = self._lines(text.split(), self.width - indent)
        for number, line in enumerate(lines):
            self.room(leading)
            self.pdf.set_font("Helvetica", style, size)
            if mark and number == 0:
                self.put(self.x + indent - 10, self.y + size, mark)
            stretched = self.design.justified and not style and number < len(lines) - 1
            self._line(line, self.x + indent, self.y + size, self.width - indent if stretched else 0)
            self.y += leading
        self.y += 0.5 * leading

    def _line(self, words: list[str], x: float, y: float, width: float) -> None:
        widths = [self.pdf.get_string_width(word) for word in words]
        gap = (width - sum(widths)) / (len(words) - 1) if width and len(words) > 1 else self.pdf.get_string_width(" ")
        for word, measured in zip(words, widths, strict=True):
            self.put(x, y, word)
            x += measured + gap

    def _lines(self, words: list[str], width: float) -> list[list[str]]:
        lines: list[list[str]] = [[]]
        queue = list(words)
        while queue:
            word = queue.pop(0)
            if self.pdf.get_string_width(" ".join([*lines[-1], word])) <= width:
                lines[-1].append(word)
                continue
            room = width - self.pdf.get_string_width(" ".join([*lines[-1], "-"]))
            head, tail = self._broken(word, room)
            if head:
                lines[-1].append(head)
            queue.insert(0, tail)
            lines.append([])
        return [line for line in lines if line]

    def _broken(self, word: str, room: float) -> tuple[str, str]:
        """`word` in two at a hyphen or between a vowel and a consonant, so that the first fits in `room`."""
        if not self.design.hyphenate:
            return "", word
        places = [match.end() for match in BREAKS.finditer(word)]
        for at in reversed(places):
            head = word[:at] if word[at - 1] == "-" else f"{word[:at]}-"
            if self.pdf.get_string_width(f" {head}") <= room:
                return head, word[at:]
        return "", word

    def heading(self, text: str, level: int) -> None:
        """Set a heading; those of the first level run across all columns at the top of a page."""
        size = HEADING_SIZES[level]
        if level == 1:
            self.new_page()
        else:
            self.room(5 * LEADING)
        if self.design.outline:
            self.pdf.start_section(text, level - 1)
        if level == 1:
            self.pdf.set_font("Helvetica", "B", size)
            self.put(MARGIN, self.y + size, text)
            self.top = self.y = self.y + 2 * size
        else:
            self.paragraph(text, size=size, style="B")

    def table(self, rows: Iterable[Sequence[str]], widths: Sequence[float]) -> None:
        """Set rows across the page, cells broken into lines within their widths; `design.ruled` draws lines between."""
        for row in rows:
            self.pdf.set_font("Helvetica", size=BODY)
            cells = [self._lines(cell.split(), width - 12) for cell, width in zip(row, widths, strict=True)]
            height = max(map(len, cells)) * LEADING + 8
            x = float(MARGIN)
            for lines, width in zip(cells, widths, strict=True):
                for number, line in enumerate(lines):
                    self._line(line, x, self.y + BODY + number * LEADING, 0)
                x += width
            self.y += height
            if self.design.ruled:
                self.pdf.line(MARGIN, self.y - 6, MARGIN + sum(widths), self.y - 6)
        self.top = self.y


def typeset_report(path: Path, design: Design | None = None) -> Extract:
    """Typeset the report in corpus/ at `path` with a cover, contents and a table of members; its text."""
    source = read_text(REPORT)
    pages = _write(path, source, design or Design(), [])
    _write(path, source, design or Design(), pages)
    return source


def typeset_blocks(source: Extract) -> list[tuple[int, str]]:
    """What is typeset: (level of a heading or 0, text) of each block from the first heading on, without the members."""
    levels = {heading.start: heading.level for heading in source.headings}
    blocks: list[tuple[int, str]] = []
    at, chapter = 0, ""
    for text in source.text.split("\n\n"):
        level = levels.get(at, 0)
        chapter = text if level == 1 else chapter
        if chapter and (level or not chapter.startswith("Annex II:")):
            blocks.append((level, text))
        at += len(text) + 2
    return blocks


def _write(path: Path, source: Extract, design: Design, pages: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Write the file; the printed page of each heading, for the contents of the second pass."""
    pdf = Report()
    pdf.set_title("ISECG Annual Report 2024")
    roman = {"label_style": "r", "label_start": 1} if design.labels else {}
    arabic = {"label_style": "D", "label_start": 1} if design.labels else {}
    pdf.add_page(**roman)
    pdf.set_font("Helvetica", "B", 30)
    pdf.text(MARGIN, 300, "2024 Annual Report")
    pdf.add_page()
    _contents(pdf, pages)
    setter = Typesetter(pdf, design, arabic)
    found: list[tuple[str, int]] = []
    for level, text in typeset_blocks(source):
        if level:
            setter.heading(text, level)
            found.append((text, pdf.page_no() - 2))
            if text.startswith("Annex II:"):
                setter.table((("Country", "Agency"), *MEMBERS), (140, 260))
        elif text.lstrip().startswith("- "):
            for line in text.split("\n"):
                mark, _, item = line.partition("- ")
                setter.paragraph(item, indent=14 + 7 * len(mark), mark="o" if mark else "\u2022")
        else:
            setter.paragraph(text)
    setter.finish_page()
    pdf.output(str(path))
    return found


def _contents(pdf: Report, pages: list[tuple[str, int]]) -> None:
    pdf.set_font("Helvetica", "B", 18)
    pdf.text(MARGIN, 100, "Table of Contents")
    pdf.set_font("Helvetica", size=BODY)
    for number, (name, page) in enumerate(pages):
        pdf.text(MARGIN, 140 + 16 * number, name)
        pdf.text(530, 140 + 16 * number, str(page))
