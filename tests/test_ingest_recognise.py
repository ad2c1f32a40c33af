"""ingest/recognise.py: scanned pages are read by Tesseract on demand, and what was recognised says so everywhere."""

import json
import random
import re
import shutil
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from pdfs import lines, scan, write_pages
from PIL import Image
from pypdf import PdfWriter
from typeset import typeset_report

from answer.__main__ import main as answer
from ingest.__main__ import main as ingest
from ingest.extract import Extract
from ingest.pdf import read_pdf
from ingest.recognise import missing

needs_tesseract = pytest.mark.skipif(missing() is not None, reason=str(missing()))
SCANNED = 5  # a page of two columns, from 0


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Extract, Extract]:
    """The real report as typeset, and with one page scanned and recognised."""
    folder = tmp_path_factory.mktemp("scan")
    typeset_report(folder / "report.pdf")
    scan(folder / "report.pdf", folder / "scan.pdf", {SCANNED})
    return read_pdf(folder / "report.pdf"), read_pdf(folder / "scan.pdf", ocr=True)


def page_text(extract: Extract, number: int) -> str:
    page = extract.pages[number]
    return extract.text[page.start : page.end]


@needs_tesseract
def test_a_scanned_page_of_two_columns_is_read_in_order(both: tuple[Extract, Extract]) -> None:
    typeset, scanned = (page_text(extract, SCANNED).split() for extract in both)
    assert len(typeset) > 200
    alike = sum(a == b for a, b in zip(typeset, scanned, strict=False))
    assert alike >= 0.97 * len(typeset)


@needs_tesseract
def test_only_the_page_without_text_is_recognised_and_the_others_are_as_they_were(
    both: tuple[Extract, Extract],
) -> None:
    typeset, scanned = both
    assert [page.number for page in scanned.pages if page.recognised] == [SCANNED + 1]
    assert [page.label for page in scanned.pages[1:]] == [page.label for page in typeset.pages[1:]]  # as printed
    for number in set(range(len(typeset.pages))) - {SCANNED}:
        assert page_text(scanned, number) == page_text(typeset, number)


@needs_tesseract
def test_the_sentence_that_runs_into_the_scanned_page_is_whole(both: tuple[Extract, Extract]) -> None:
    typeset, scanned = both
    start = typeset.text.index("This revised white paper has been rescoped as")
    sentence = typeset.text[start : typeset.text.index(". ", typeset.pages[SCANNED].start) + 1]
    assert sentence in scanned.text


@needs_tesseract
def test_a_page_of_noise_has_no_text(tmp_path: Path) -> None:
    dots = random.Random(7)
    image = Image.frombytes("L", (600, 800), dots.randbytes(600 * 800))
    image.save(tmp_path / "noise.pdf", "PDF", resolution=100)
    write_pages(tmp_path / "text.pdf", lines("The first page has a sentence."))
    writer = PdfWriter(clone_from=tmp_path / "text.pdf")
    writer.append(tmp_path / "noise.pdf")
    writer.write(tmp_path / "a.pdf")
    extract = read_pdf(tmp_path / "a.pdf", ocr=True)
    assert extract.text == "The first page has a sentence."
    assert [page.recognised for page in extract.pages] == [False, True]


@needs_tesseract
def test_a_page_with_nothing_but_its_running_footer_is_recognised(tmp_path: Path) -> None:
    write_pages(tmp_path / "a.pdf", *[lines(f"Page {n} tells of the Moon and of Mars.", size=14) for n in "ABCD"])
    scan(tmp_path / "a.pdf", tmp_path / "b.pdf", {2})
    write_pages(tmp_path / "footers.pdf", *[lines("Annual Report of the Agency", y=810, size=8)] * 4)
    writer = PdfWriter(clone_from=tmp_path / "b.pdf")
    with pdfium.PdfDocument(tmp_path / "footers.pdf") as footers:
        assert len(footers) == len(writer.pages)
    for page, footer in zip(writer.pages, PdfWriter(clone_from=tmp_path / "footers.pdf").pages, strict=True):
        page.merge_page(footer)
    writer.write(tmp_path / "c.pdf")
    extract = read_pdf(tmp_path / "c.pdf", ocr=True)
    assert page_text(extract, 2) == "Page C tells of the Moon and of Mars."
    assert [page.recognised for page in extract.pages] == [False, False, True, False]
    assert "Annual Report" not in extract.text


@needs_tesseract
def test_from_the_command_to_the_citation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index, pdf = str(tmp_path / "index"), tmp_path / "in" / "minutes.pdf"
    pdf.parent.mkdir()
    write_pages(
        tmp_path / "a.pdf", lines("Minutes of the board."), lines("Mary Smith chairs the audit committee.", size=12)
    )
    scan(tmp_path / "a.pdf", pdf, {1})
    assert ingest(["--index", index, str(pdf.parent)]) == 0
    assert "minutes.pdf: page 2 holds no text; --ocr reads what is scanned." in capsys.readouterr().out
    assert ingest(["--index", index, str(pdf.parent), "--ocr"]) == 0  # the same bytes, and yet there is more to read
    assert "recognised minutes.pdf: text of scanned pages" in capsys.readouterr().out
    for again in (["--ocr"], []):  # what was recognised stays
        assert ingest(["--index", index, str(pdf.parent), *again]) == 0
        assert "1 unchanged" in capsys.readouterr().out
    assert answer(["--index", index, "Who chairs the audit committee?", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert [(c["page"], c["recognised"], c["quote"]) for c in row["citations"]] == [
        (2, True, "Mary Smith chairs the audit committee.")
    ]
    assert answer(["--index", index, "Who chairs the audit committee?"]) == 0
    assert "p. 2, text recognised in a scan" in capsys.readouterr().out
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(row))
    assert answer(["verify", str(saved), "--index", index]) == 0


def test_without_tesseract_one_sentence_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pages(tmp_path / "a.pdf", lines("Some text."))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("tesseract") is None
    assert ingest(["--index", str(tmp_path / "index"), str(tmp_path / "a.pdf"), "--ocr"]) == 2
    done = capsys.readouterr()
    assert done.out == ""
    assert re.fullmatch(r"--ocr needs (Tesseract|pytesseract)[^\n]*install it with: [^\n]+\n", done.err)
    assert not (tmp_path / "index").exists()
