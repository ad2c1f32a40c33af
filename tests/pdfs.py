"""Makes small PDFs with text at given places, for single properties; typeset.py makes a whole report."""

import io
from collections.abc import Container, Sequence
from pathlib import Path
from typing import NamedTuple

import pypdfium2 as pdfium
from fpdf import FPDF
from pypdf import PdfReader, PdfWriter


class Text(NamedTuple):
    """A piece of text at (x, y) points from the top left of the page; `style` is "", "B" or "I"."""

    x: float
    y: float
    text: str
    size: float = 10
    style: str = ""


class Stroke(NamedTuple):
    """A horizontal line from x0 to x1, y points from the top of the page."""

    x0: float
    x1: float
    y: float


def write_pages(path: Path, *pages: Sequence[Text | Stroke], header: str = "") -> None:
    """A plain PDF with a piece of text or a line at each place given; a page without pieces is empty."""
    pdf = FPDF(unit="pt", format="A4")
    pdf.core_fonts_encoding = "cp1252"
    pdf.set_auto_page_break(False)
    for pieces in pages:
        pdf.add_page()
        for piece in ([Text(60, 40, header, 8)] if header else []) + list(pieces):
            if isinstance(piece, Stroke):
                pdf.line(piece.x0, piece.y, piece.x1, piece.y)
                continue
            pdf.set_font("Helvetica", piece.style, piece.size)
            pdf.text(piece.x, piece.y, piece.text)
    pdf.output(str(path))


def lines(
    *texts: str, x: float = 60, y: float = 80, leading: float = 13, size: float = 10, style: str = ""
) -> list[Text]:
    """Lines of one column, from the top."""
    return [Text(x, y + leading * number, text, size, style) for number, text in enumerate(texts)]


def rows(
    *of: Sequence[str], x: Sequence[float], y: float = 80, leading: float = 15, ruled: float = 0
) -> list[Text | Stroke]:
    """Rows of a table, from the top, its cells at `x`; with a line under each that ends at `ruled`, if given."""
    cells = [Text(at, y + leading * n, cell) for n, row in enumerate(of) for at, cell in zip(x, row, strict=True)]
    return [*cells, *(Stroke(x[0] - 4, ruled, y + leading * n + 4) for n in range(len(of) if ruled else 0))]


def scan(source: Path, path: Path, pages: Container[int], dpi: int = 200) -> None:
    """A copy of the PDF `source` in which these pages, from 0, are images of themselves, as a scanner makes them."""
    writer = PdfWriter()
    with pdfium.PdfDocument(source) as document:
        for number, page in enumerate(PdfReader(source).pages):
            if number in pages:
                image = io.BytesIO()
                document[number].render(scale=dpi / 72, grayscale=True).to_pil().save(image, "PDF", resolution=dpi)
                writer.append(image)
            else:
                writer.add_page(page)
    writer.write(path)
