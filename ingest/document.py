"""Document, Page, Section: a report as one canonical text and the spans over it. Reading files is text.py's and pdf.py's job.

The canonical text is plain: blocks are separated by one blank line, a heading is a block of one line, a list item is a
line that begins with "- " (two more spaces for each level down), a table row is a line. All offsets count characters.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Page:
    """One page of the source: `number` counts physical pages from 1, `label` is what is printed on it; text[start:end]."""

    number: int
    label: str
    start: int
    end: int


@dataclass(frozen=True)
class Section:
    """A heading and the text under it, up to the next heading of any level: text[start:end], body from `body`.

    `path` holds the headings from the outermost to this one. `page_label` is the page that the table of contents gives.
    """

    path: tuple[str, ...]
    start: int
    body: int
    end: int
    page_label: str | None = None


@dataclass(frozen=True)
class Document:
    """A report. `name` is its file name, `sha256` that of the file's bytes, `year` the year it reports on, if known.

    `sections` cover the text in order without overlap, `pages` likewise (none where the source has no pages). Text before
    the first heading is a section of its own under the title; the table of contents belongs to none.
    """

    name: str
    sha256: str
    title: str
    year: int | None
    text: str
    pages: tuple[Page, ...]
    sections: tuple[Section, ...]

    @cached_property
    def _page_starts(self) -> list[int]:
        return [page.start for page in self.pages]

    @cached_property
    def _section_starts(self) -> list[int]:
        return [section.start for section in self.sections]

    def page_at(self, offset: int) -> Page | None:
        """The page on which the character at `offset` stands; None where the source has no pages."""
        at = bisect_right(self._page_starts, offset) - 1
        return self.pages[at] if at >= 0 else None

    def section_at(self, offset: int) -> Section | None:
        """The section in which the character at `offset` stands; None in the table of contents."""
        at = bisect_right(self._section_starts, offset) - 1
        return self.sections[at] if at >= 0 and offset < self.sections[at].end else None


class Unreadable(Exception):
    """A file that cannot become a Document; the message says why, in one sentence for the person who gave the file."""
