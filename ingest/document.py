"""Document, Page, Section: a report as one canonical text and the spans over it. Reading files is text.py's and pdf.py's job.

The canonical text is plain: blocks are separated by one blank line, a heading is a block of one line, a list item is a
line that begins with "- " (two more spaces for each level down), a table row is a line. All offsets count characters.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

ANNUAL_REPORT, ROADMAP, WHITE_PAPER, OTHER = KINDS = ("annual report", "roadmap", "white paper", "other")


@dataclass(frozen=True)
class Page:
    """One page of the source: `number` counts physical pages from 1, `label` is what is printed on it; text[start:end].

    `recognised`: it held no text of its own, so it was rendered and read by text recognition (which may have found none).
    """

    number: int
    label: str
    start: int
    end: int
    recognised: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it holds no text."""
        return self.start == self.end


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
    `kind` is one of KINDS.

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
    kind: str = OTHER

    @cached_property
    def _page_starts(self) -> list[int]:
        return [page.start for page in self.pages]

    @cached_property
    def _section_starts(self) -> list[int]:
        return [section.start for section in self.sections]

    @cached_property
    def text_sha256(self) -> str:
        """SHA-256 of the text in UTF-8: two programs that read the file alike give the same."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    def page_at(self, offset: int) -> Page | None:
        """The page on which the character at `offset` stands; None where the source has no pages."""
        at = bisect_right(self._page_starts, offset) - 1
        return self.pages[at] if at >= 0 else None

    def pages_of(self, start: int, end: int) -> tuple[Page, ...]:
        """The pages that hold text[start:end], in order; none where the source has no pages."""
        first = bisect_right(self._page_starts, start) - 1
        last = bisect_right(self._page_starts, max(start, end - 1)) - 1
        return tuple(page for page in self.pages[max(first, 0) : last + 1] if not page.is_empty)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the person who gave the file should know of it, in sentences that follow its name: pages without text."""
        unread = [page.number for page in self.pages if page.is_empty and not page.recognised]
        blank = [page.number for page in self.pages if page.is_empty and page.recognised]
        said = [f"{_hold(unread)} no text; --ocr reads what is scanned."] if unread else []
        said += [f"{_hold(blank)} no text, and none was recognised there."] if blank else []
        return tuple(said)

    def section_at(self, offset: int) -> Section | None:
        """The section in which the character at `offset` stands; None in the table of contents."""
        at = bisect_right(self._section_starts, offset) - 1
        return self.sections[at] if at >= 0 and offset < self.sections[at].end else None


def from_json(row: dict[str, Any]) -> Document:
    """The Document whose `dataclasses.asdict` went through JSON."""
    sections = tuple(Section(**{**section, "path": tuple(section["path"])}) for section in row["sections"])
    return Document(**{**row, "pages": tuple(Page(**page) for page in row["pages"]), "sections": sections})


def _hold(numbers: Sequence[int]) -> str:
    """Page numbers in order, as ranges: "page 3 holds", "pages 4–9, 12 hold"."""
    by_distance = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])  # the same within a range
    runs = [[number for _, number in run] for _, run in by_distance]
    named = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
    return f"page {named} holds" if len(numbers) == 1 else f"pages {named} hold"


class Unreadable(Exception):
    """A file that cannot become a Document; the message says why, in one sentence for the person who gave the file."""
