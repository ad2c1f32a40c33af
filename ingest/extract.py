"""Extract and Heading: what text.py and pdf.py read from a file, before sections.py makes a Document of it."""

from dataclasses import dataclass

from ingest.document import Page


@dataclass(frozen=True)
class Heading:
    """A heading at text[start:end], one line; `level` counts from 1, the outermost."""

    level: int
    start: int
    end: int


@dataclass(frozen=True)
class Extract:
    """The canonical text of a file (see document.py for its form) and what is known of it; all spans are over `text`.

    `title` is the document's own, None where it has none. `pages` are in order, none where the source has no pages.
    `headings` are in order without overlap. `contents` is the table of contents as (heading, printed page label), empty
    where there is none; `skipped` are spans that are never an answer (the table of contents itself).
    """

    title: str | None
    text: str
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    contents: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[int, int], ...] = ()
