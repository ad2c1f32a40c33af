"""Reads a PDF report into an Extract; text.py does the same for plain text.

The steps, each in its file: metadata.py (what the file says of itself), glyphs.py (words with their places), margins.py
(headers and footers dropped), layout.py (reading order), blocks.py and breaks.py (paragraphs, lists), headings.py.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.blocks import CONTENTS, HEADING, ITEM, ROW, Block, make_blocks, whole_words
from ingest.breaks import join_cut_paragraphs
from ingest.document import Page, Unreadable
from ingest.extract import Extract, Heading
from ingest.glyphs import Sheet, Word, body_size, read_sheets
from ingest.headings import find_title, mark_contents, mark_headings
from ingest.layout import Flow, read_order
from ingest.lexicon import common_words
from ingest.margins import Segment, printed_numbers, running_segments, without_repeated_asides
from ingest.metadata import LOCKED, read_metadata
from ingest.recognise import missing, recognise
from ingest.sandbox import DEFAULTS, Limits, too_long

NO_TEXT = "No page holds text: the document looks scanned; --ocr reads it where Tesseract is installed."
NONE_RECOGNISED = "No page holds text, and none was recognised on its pages."
WHY_CLOSED = {
    pdfium_c.FPDF_ERR_PASSWORD: LOCKED,
    pdfium_c.FPDF_ERR_SECURITY: "The file is locked for the holders of a certificate; save a copy that is not.",
}
SIGNATURE_WITHIN = 1024  # bytes: where readers look for "%PDF-"


def read_pdf(path: Path, limits: Limits = DEFAULTS, ocr: bool = False) -> Extract:
    """Read a PDF, with no limit here but on pages and characters; with `ocr`, text is recognised on pages that hold none.

    Raises `Unreadable` when it is no PDF, damaged, locked with a password, without text, or beyond the limits, and
    `OSError` when it cannot be opened.
    """
    if ocr and (problem := missing()):
        raise Unreadable(problem)
    with path.open("rb") as file:
        head = file.read(SIGNATURE_WITHIN)
    if not head.strip():
        raise Unreadable("The file is empty.")
    if b"%PDF-" not in head:
        raise Unreadable("The file is not a PDF, whatever its name says.")
    declared = read_metadata(path)
    pages, scanned = _read_pages(path, limits, ocr)
    pages = without_repeated_asides(pages)
    if not any(pages):
        raise Unreadable(NONE_RECOGNISED if ocr else NO_TEXT)
    body = body_size(sheet for page in pages for sheet in page)
    running = _running(pages, body)
    dropped = {(segment.page, word) for segment in running for word in segment.words}
    flows = [_flows(number, page, dropped) for number, page in enumerate(pages)]
    if not any(flows):  # all pages say the same: then that is the text
        flows = [_flows(number, page, ()) for number, page in enumerate(pages)]
    words = whole_words(flows) | common_words()
    blocks = make_blocks(flows, body, words)
    if not blocks:
        raise Unreadable(NO_TEXT)
    contents = mark_contents(blocks)
    mark_headings(blocks, declared.bookmarks, contents, body)
    blocks = join_cut_paragraphs(blocks, words)
    text, spans = _assemble(blocks)
    labels = declared.labels or printed_numbers(running, len(pages))
    numbered = _pages(blocks, spans, [labels.get(number) or str(number + 1) for number in range(len(pages))])
    return Extract(
        title=find_title(declared.title, blocks, body),
        text=text,
        pages=tuple(replace(page, recognised=page.number - 1 in scanned) for page in numbered),
        headings=tuple(Heading(b.level, *span) for b, span in zip(blocks, spans, strict=True) if b.kind == HEADING),
        contents=contents,
        skipped=_skipped(blocks, spans),
    )


def _read_pages(path: Path, limits: Limits, ocr: bool) -> tuple[list[list[Sheet]], frozenset[int]]:
    """The sheets of each page, and which pages (from 0) were recognised."""
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        raise Unreadable(
            WHY_CLOSED.get(error.err_code, "The file is damaged: it cannot be opened as a PDF.")
        ) from error
    with document:
        if not len(document):
            raise Unreadable("The document has no pages.")
        if len(document) > limits.pages:
            raise Unreadable(
                f"It has {len(document):,} pages, more than the {limits.pages:,} that are read; --max-pages N reads more."
            )
        pages: list[list[Sheet]] = []
        characters = 0
        for number in range(len(document)):
            pages.append(_read_page(document, number, read_sheets))
            characters += sum(len(word.text) for sheet in pages[-1] for word in sheet.words)
            if characters > limits.characters:
                raise Unreadable(too_long(limits))
        scanned = frozenset(_without_text(pages) if ocr else ())
        for number in scanned:
            pages[number] = _read_page(document, number, recognise)
    return pages, scanned


def _read_page(document: pdfium.PdfDocument, number: int, read: Callable[[pdfium.PdfPage], list[Sheet]]) -> list[Sheet]:
    try:
        page = document[number]
        try:
            return read(page)
        finally:
            page.close()
    except pdfium.PdfiumError:
        return []  # a page that cannot be loaded holds no text, and is named among those


def _without_text(pages: Sequence[Sequence[Sheet]]) -> list[int]:
    """The pages, from 0, that hold no words but those of running headers and footers."""
    kept = without_repeated_asides(pages)
    running = _running(kept, body_size(sheet for page in kept for sheet in page))
    dropped = Counter(segment.page for segment in running for _ in segment.words)
    return [number for number, page in enumerate(kept) if sum(len(s.words) for s in page) <= dropped[number]]


def _running(pages: Sequence[Sequence[Sheet]], body: float) -> list[Segment]:
    return running_segments([page[0] if page else None for page in pages], body)


def _flows(number: int, page: Iterable[Sheet], dropped: Collection[tuple[int, Word]]) -> list[Flow]:
    flows: list[Flow] = []
    for sheet in page:
        flows += read_order([word for word in sheet.words if (number, word) not in dropped], sheet.rules)
    return flows


def _assemble(blocks: Sequence[Block]) -> tuple[str, list[tuple[int, int]]]:
    """The canonical text, and the span of each block in it, without the mark of a list item."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for number, block in enumerate(blocks):
        before = blocks[number - 1] if number else None
        between = "" if before is None else "\n" if _adjoin(before, block) else "\n\n"
        mark = _mark(block)
        parts += [between, mark, block.text]
        at += len(between) + len(mark)
        spans.append((at, at + len(block.text)))
        at += len(block.text)
    return "".join(parts), spans


def _mark(block: Block) -> str:
    return "  " * block.level + "- " if block.kind == ITEM else ""


def _adjoin(before: Block, block: Block) -> bool:
    """Whether two blocks are lines of one list, table or table of contents."""
    return before.kind == block.kind and (
        block.kind in {ITEM, CONTENTS} or (block.kind == ROW and before.group == block.group)
    )


def _pages(blocks: Sequence[Block], spans: Sequence[tuple[int, int]], labels: Sequence[str]) -> tuple[Page, ...]:
    """The span of each page; a page without text has an empty one, where the next page begins."""
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    for block, (start, _) in zip(blocks, spans, strict=True):
        starts.setdefault(block.page, start - len(_mark(block)))
        at = start
        for page, text in block.fragments:
            starts.setdefault(page, at)
            at += len(text)
            ends[page] = at
    pages: list[Page] = []
    following = spans[-1][1] if spans else 0
    for page in range(len(labels) - 1, -1, -1):
        following = starts.get(page, following)
        pages.append(Page(page + 1, labels[page], following, ends.get(page, following)))
    return tuple(reversed(pages))


def _skipped(blocks: Sequence[Block], spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The spans of tables of contents, each as one."""
    runs = itertools.groupby(zip(blocks, spans, strict=True), key=lambda pair: pair[0].kind == CONTENTS)
    tables = [[span for _, span in run] for contents, run in runs if contents]
    return tuple((table[0][0], table[-1][1]) for table in tables)
