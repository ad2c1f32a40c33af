"""The pages that a source is shown on, with the boxes of its quote: what panel.py draws; page_image.py has the pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from chat.page_image import PageImage, Pages
from chat.place import Box, place
from chat.turns import Source
from ingest.document import Page


@dataclass(frozen=True)
class Sheet:
    """Physical page `number` of a PDF with `boxes` around the part of the quote that stands on it.

    `boxes` is None where a part stands on it whose place is not certain, and empty where none does. `emphasis` boxes the
    words that answer most directly. `width` and `height` are the picture's, in pixels.
    """

    sha256: str
    number: int
    label: str
    width: int
    height: int
    boxes: tuple[Box, ...] | None = ()
    emphasis: tuple[Box, ...] = ()


def has_pages(source: Source) -> bool:
    """Whether the source is a PDF, so that its pages can be shown."""
    return bool(source.document.pages)


def open_sheets(pages: Pages, source: Source, number: int | None = None) -> tuple[Sheet, ...]:
    """Page `number` of the source's PDF, or the pages of its quote if that is None or no page of it.

    Raises `Unreadable` where the file cannot be shown, with the reason.
    """
    document, citation = source.document, source.citation
    quoted: Sequence[Page] = document.pages_of(citation.start, citation.end)
    if number is not None and 1 <= number <= len(document.pages):
        shown: Sequence[Page] = [document.pages[number - 1]]
    else:
        shown = quoted if source.answers else quoted[:1]
    return tuple(_sheet(pages.image(document.sha256, page.number), source, page) for page in shown)


def _sheet(image: PageImage, source: Source, page: Page) -> Sheet:
    citation, sha256 = source.citation, source.document.sha256
    boxes = _boxes(image, source, page, (citation.start, citation.end)) if source.answers else ()
    emphasis = _boxes(image, source, page, citation.emphasis) if boxes and citation.emphasis else ()
    return Sheet(sha256, page.number, page.label, image.width, image.height, boxes, emphasis or ())


def _boxes(image: PageImage, source: Source, page: Page, span: tuple[int, int]) -> tuple[Box, ...] | None:
    start, end = max(span[0], page.start), min(span[1], page.end)
    if not source.document.text[start:end].strip():
        return ()
    return place(image.readings, source.document.text[page.start : page.end], start - page.start, end - page.start)
