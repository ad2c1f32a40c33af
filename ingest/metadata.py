"""What a PDF says of itself: title, page labels and outline, by pypdf; its words are glyphs.py's job, by pdfium."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

from ingest.clean import clean
from ingest.document import Unreadable

MAX_BOOKMARKS = 5000
LOCKED = "The file is locked with a password; save a copy without one."
# What pypdf raises on damaged structures; its own errors are only a part. These facts are extras: pdfium, which repairs
# more than pypdf does, decides whether the file can be read.
DAMAGED = (
    PyPdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class Bookmark:
    """An entry of the outline: `level` from 1, `page` from 0 (None where it points nowhere)."""

    level: int
    title: str
    page: int | None


@dataclass(frozen=True)
class Metadata:
    """Each part is empty where the file has none or it is damaged; `labels` are by page from 0."""

    title: str = ""
    labels: dict[int, str] = field(default_factory=dict)
    bookmarks: tuple[Bookmark, ...] = ()


def read_metadata(path: Path) -> Metadata:
    """Read what is declared; raises `Unreadable` when the file is locked with a password that is not empty."""
    try:
        reader = pypdf.PdfReader(path)
        locked = reader.is_encrypted and not reader.decrypt("")
    except DAMAGED:
        return Metadata()
    if locked:
        raise Unreadable(LOCKED)
    return Metadata(_title(reader), _labels(reader), _bookmarks(reader))


def _title(reader: pypdf.PdfReader) -> str:
    try:
        return clean(str(reader.metadata.title or "")) if reader.metadata else ""
    except DAMAGED:
        return ""


def _labels(reader: pypdf.PdfReader) -> dict[int, str]:
    try:
        if "/PageLabels" not in reader.root_object:
            return {}  # pypdf would make up "1", "2", ...
        return {page: label for page, raw in enumerate(reader.page_labels) if (label := clean(raw))}
    except DAMAGED:
        return {}


def _bookmarks(reader: pypdf.PdfReader) -> tuple[Bookmark, ...]:
    def walk(entries: list[Any], level: int) -> Iterator[Bookmark]:
        for entry in entries:
            if isinstance(entry, list):
                yield from walk(entry, level + 1)
            else:
                page = reader.get_destination_page_number(entry)
                yield Bookmark(level, clean(str(entry.title)), page if page is not None and page >= 0 else None)

    try:
        return tuple(islice(walk(reader.outline, 1), MAX_BOOKMARKS))
    except DAMAGED:
        return ()
