"""Citation: a quote and the place it stands, taken from a Document; refuses what is not verbatim."""

from dataclasses import asdict, dataclass
from typing import Any

from ingest.document import Document

RECOGNISED = "text recognised in a scan"  # what `Citation.place` adds


class NotVerbatim(ValueError):
    """A quote that is not the document's text at its offsets."""


@dataclass(frozen=True)
class Citation:
    """A verbatim quote: `quote == document.text[start:end]`.

    `page` is the physical page of the quote's first character (None where the source has no pages), `page_label` what is
    printed on it, `section_page` the printed page on which the section begins by the table of contents. `emphasis` are
    offsets in the document of the words inside the quote that answer most directly. `last_page` and its label are those
    of the quote's last character. `recognised`: one of its pages was scanned, and its text comes from text recognition.
    `year` is the year that the report is on, if known, `newest` that of its newest edition in the index.
    """

    document: str
    sha256: str
    title: str
    section: tuple[str, ...]
    page: int | None
    page_label: str | None
    section_page: str | None
    start: int
    end: int
    quote: str
    emphasis: tuple[int, int] | None = None
    last_page: int | None = None
    last_page_label: str | None = None
    recognised: bool = False
    year: int | None = None
    newest: int | None = None

    @property
    def older(self) -> bool:
        """Whether there is a newer edition of the report quoted, which may say otherwise."""
        return self.year is not None and self.newest is not None and self.year < self.newest

    @property
    def place(self) -> str:
        """Where the quote stands, for a person: "p. 12 (PDF 14)", "section from p. 13", or "" when unknown.

        Over a page break "pp. 12–13 (PDF 14–15)"; text that was recognised on a scanned page says so.
        """
        if self.page is None:
            return f"section from p. {self.section_page}" if self.section_page else ""
        sheets = _range(str(self.page), str(self.last_page or self.page))
        printed = _range(self.page_label or str(self.page), self.last_page_label or str(self.last_page or self.page))
        pages = f"{'pp.' if '–' in sheets else 'p.'} {printed}"
        pages = pages if printed == sheets else f"{pages} (PDF {sheets})"
        return f"{pages}, {RECOGNISED}" if self.recognised else pages

    def to_dict(self) -> dict[str, Any]:
        """The citation as the contract's JSON object."""
        row = asdict(self)
        row["section"] = list(self.section)
        row["emphasis"] = list(self.emphasis) if self.emphasis else None
        row["older"] = self.older
        return row


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}–{last}"


def cite(
    document: Document, start: int, end: int, emphasis: tuple[int, int] | None = None, newest: int | None = None
) -> Citation:
    """Cite `document.text[start:end]`; `emphasis` is cut to the quote, `newest` the year of the newest edition.

    Raises `NotVerbatim` when the span is empty or outside the text.
    """
    if not 0 <= start < end <= len(document.text):
        raise NotVerbatim(f"{document.name} has no text at {start}:{end}.")
    if emphasis is not None:
        first, last = max(start, emphasis[0]), min(end, emphasis[1])
        emphasis = (first, last) if first < last else None
    pages = document.pages_of(start, end)
    page = pages[0] if pages else None
    end_page = pages[-1] if pages else None
    section = document.section_at(start)
    return Citation(
        document=document.name,
        sha256=document.sha256,
        title=document.title,
        section=section.path if section else (),
        page=page.number if page else None,
        page_label=page.label if page else None,
        section_page=section.page_label if section else None,
        start=start,
        end=end,
        quote=document.text[start:end],
        emphasis=emphasis,
        last_page=end_page.number if end_page else None,
        last_page_label=end_page.label if end_page else None,
        recognised=any(page.recognised for page in pages),
        year=document.year,
        newest=newest,
    )
