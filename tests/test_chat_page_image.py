"""Pages as pictures: quotes of typeset reports are boxed where they stand, and only files that are as they were read show."""

import io
from pathlib import Path
from threading import Thread

import pytest
from pdfs import Text, write_pages
from PIL import Image
from pypdf import PdfReader, PdfWriter
from typeset import Design, typeset_report

from chat.page_image import MAX_PIXELS, Pages
from chat.place import place
from ingest.corpus import file_hash, read_document
from ingest.document import Document, Unreadable
from ingest.passages import split_passages
from ingest.sentences import split_units

QUOTE = "The goal of the Technology Working Group is to identify and raise awareness on critical technology gaps"


def opened(path: Path) -> tuple[Document, Pages]:
    document = read_document(path, file_hash(path))
    return document, Pages(lambda: {document.sha256: path})


def placed(document: Document, pages: Pages, quote: str) -> tuple[int, list[tuple[float, ...]] | None]:
    """The page on which `quote` begins, and its boxes there."""
    start = document.text.index(quote)
    page = document.page_at(start)
    assert page is not None
    image = pages.image(document.sha256, page.number)
    boxes = place(
        image.readings, document.text[page.start : page.end], start - page.start, start - page.start + len(quote)
    )
    return page.number, None if boxes is None else [tuple(round(side, 2) for side in box) for box in boxes]


@pytest.mark.parametrize(
    "design", [Design(), Design(by_height=True), Design(columns=1)], ids=["columns", "by height", "one column"]
)
def test_nearly_every_sentence_of_a_typeset_report_is_placed(tmp_path: Path, design: Design) -> None:
    path = tmp_path / "report.pdf"
    typeset_report(path, design)
    document, pages = opened(path)
    tried = found = 0
    for passage in split_passages(document):
        for unit in split_units(document.text, passage.start, passage.end):
            for page in document.pages_of(unit.start, unit.end):
                start, end = max(unit.start, page.start), min(unit.end, page.end)
                readings = pages.image(document.sha256, page.number).readings
                tried += 1
                found += (
                    place(readings, document.text[page.start : page.end], start - page.start, end - page.start)
                    is not None
                )
    assert tried > 130
    assert found >= 0.98 * tried


def test_the_box_lies_on_the_ink_of_the_quote(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_pages(
        path, [Text(60, 200, "Sum 5."), Text(300, 400, "The agency paid 1.5 million."), Text(60, 600, "Sum 5.")]
    )
    document, pages = opened(path)
    number, boxes = placed(document, pages, "The agency paid 1.5 million.")
    image = pages.image(document.sha256, number)
    assert boxes is not None
    (left, top, right, bottom), *rest = boxes
    assert rest == []
    assert (left, top) == (0.5, 0.46)
    picture = Image.open(io.BytesIO(image.jpeg)).convert("L")
    across, down = image.width, image.height
    picture.paste(
        255,
        (
            int((left - 0.01) * across),
            int((top - 0.01) * down),
            int((right + 0.01) * across),
            int((bottom + 0.01) * down),
        ),
    )
    rows = [y for y in range(0, image.height) if min(picture.crop((0, y, image.width, y + 1)).getdata()) < 128]
    assert {round(y / image.height, 1) for y in rows} == {
        round(195 / 842, 1),
        round(595 / 842, 1),
    }  # the other two are left


def test_on_a_page_that_is_turned_the_box_turns_with_it(tmp_path: Path) -> None:
    upright, turned = tmp_path / "upright.pdf", tmp_path / "turned.pdf"
    write_pages(upright, [Text(60, 80 + 20 * n, f"Sentence number {n} of this page is here.") for n in range(8)])
    writer = PdfWriter(clone_from=PdfReader(upright))
    writer.pages[0].rotate(90)
    writer.write(turned)
    document, pages = opened(turned)
    _, boxes = placed(document, pages, "Sentence number 3 of this page is here.")
    image = pages.image(document.sha256, 1)
    assert image.width / image.height == pytest.approx(842 / 595, abs=0.01)
    assert boxes is not None
    (left, top, right, bottom) = boxes[0]
    assert 1 - left == pytest.approx(
        140 / 842, abs=0.02
    )  # the line's height on the page is now its distance from the right
    assert top == pytest.approx(60 / 595, abs=0.02)
    assert bottom - top > 5 * (right - left)


def test_a_file_that_changed_or_is_gone_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_pages(path, [Text(60, 80, "The agency has 31 members.")])
    document, pages = opened(path)
    assert pages.file(document.sha256)[0] == "report.pdf"
    pages.image(document.sha256, 1)
    path.write_bytes(path.read_bytes() + b"\n")
    for show in (lambda: pages.image(document.sha256, 1), lambda: pages.file(document.sha256)):
        with pytest.raises(Unreadable, match="its bytes have changed"):
            show()
    path.unlink()
    with pytest.raises(Unreadable, match="no longer where it was read"):
        pages.image(document.sha256, 1)


def test_only_pdfs_of_the_index_are_shown(tmp_path: Path) -> None:
    text = tmp_path / "report.txt"
    text.write_text("x")
    pages = Pages(lambda: {"a": text})
    for sha256 in ("a", "b", "../a", ""):
        with pytest.raises(Unreadable, match="not in the index"):
            pages.file(sha256)


def test_a_page_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_pages(path, [Text(60, 80, "The agency has 31 members.")])
    document, pages = opened(path)
    for number in (0, 2, -1, 10**9):
        with pytest.raises(Unreadable, match=f"no page {number}"):
            pages.image(document.sha256, number)


def test_a_page_five_metres_wide_is_drawn_small(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_pages(path, [Text(60, 80, "The agency has 31 members.")])
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.pages[0].mediabox.upper_right = (14_000, 842)
    writer.pages[0].cropbox.upper_right = (14_000, 842)
    writer.write(path)
    document, pages = opened(path)
    image = pages.image(document.sha256, 1)
    assert image.width * image.height <= 1.01 * MAX_PIXELS
    assert image.height >= 1


def test_several_at_once_get_the_same_page(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    write_pages(path, [Text(60, 80, "The agency has 31 members.")])
    document, pages = opened(path)
    found = []
    threads = [Thread(target=lambda: found.append(pages.image(document.sha256, 1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(image) for image in found}) == 1
    assert len(found) == 8
