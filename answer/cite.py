"""Citation: a quote and the place it stands, taken from a Document; refuses what is not verbatim."""

from dataclasses import asdict, dataclass
from typing import Any

from ingest.document import Document


class NotVerbatim(ValueError):
    """A quote that is not the document's text at its offsets."""


@dataclass(frozen=True)
class Citation:
    """A verbatim quote: `quote == document.text[start:end]`.

    `page` is the physical page of the quote's first character (None where the source has no pages), `page_label` what is
    printed on it, `section_page` the printed page on which the section begins by the table of contents. `emphasis` are
    offsets in the document of the words inside the quote that answer most directly.
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

    @property
    def place(self) -> str:
        """Where the quote stands, for a person: "p. 12 (PDF 14)", "section from p. 13", or "" when unknown."""
        if self.page is not None:
            printed = self.page_label or str(self.page)
            return f"p. {printed}" if printed == str(self.page) else f"p. {printed} (PDF {self.page})"
        return f"section from p. {self.section_page}" if self.section_page else ""

    def to_dict(self) -> dict[str, Any]:
        """The citation as the contract's JSON object."""
        row = asdict(self)
        row["section"] = list(self.section)
        row["emphasis"] = list(self.emphasis) if self.emphasis else None
        return row


def cite(document: Document, start: int, end: int, emphasis: tuple[int, int] | None = None) -> Citation:
    """Cite `document.text[start:end]`; `emphasis` is cut to the quote.

    Raises `NotVerbatim` when the span is empty or outside the text.
    """
    if not 0 <= start < end <= len(document.text):
        raise NotVerbatim(f"{document.name} has no text at {start}:{end}.")
    if emphasis is not None:
        first, last = max(start, emphasis[0]), min(end, emphasis[1])
        emphasis = (first, last) if first < last else None
    page = document.page_at(start)
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
    )
