"""Turns an Extract into a Document: sections with their heading paths and pages, with what facts.py finds of it."""

import re

from ingest.document import Document, Section
from ingest.extract import Extract, Heading
from ingest.facts import find_facts
from ingest.text import fold


def to_document(name: str, sha256: str, extract: Extract) -> Document:
    """Build the Document called `name` out of what was read."""
    facts = find_facts((extract.title or "").strip(), name, extract.text)
    return Document(
        name=name,
        sha256=sha256,
        title=facts.title,
        year=facts.year,
        text=extract.text,
        pages=extract.pages,
        sections=_sections(extract, facts.title),
        kind=facts.kind,
    )


def _sections(extract: Extract, title: str) -> tuple[Section, ...]:
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    entry = 0
    text, headings = extract.text, extract.headings
    edges = [h.start for h in headings] + [len(text)]
    front = Section((title,), 0, 0, edges[0])
    sections += _without(front, extract)
    for heading, end in zip(headings, edges[1:], strict=True):
        words = " ".join(text[heading.start : heading.end].split())
        path = [step for step in path if step[0] < heading.level] + [(heading.level, words)]
        entry, label = _page_label(words, extract.contents, entry)
        section = Section(tuple(step for _, step in path), heading.start, _body(text, heading, end), end, label)
        sections += _without(section, extract)
    return tuple(sections)


def _body(text: str, heading: Heading, end: int) -> int:
    return heading.end + len(text[heading.end : end]) - len(text[heading.end : end].lstrip())


def _page_label(heading: str, contents: tuple[tuple[str, str], ...], entry: int) -> tuple[int, str | None]:
    """The page of `heading` by the contents from `entry` on, which both follow the order of the document.

    A damaged table has rows of several headings: an entry that contains the heading counts, and only one that is the
    heading is used up.
    """
    wanted = fold(heading)
    for at in range(entry, len(contents)):
        if re.search(rf"(?:^| ){re.escape(wanted)}(?: |$)", fold(contents[at][0])):
            return at + (fold(contents[at][0]) == wanted), contents[at][1]
    return entry, None


def _without(section: Section, extract: Extract) -> list[Section]:
    """The parts of `section` that hold words and are not skipped: the table of contents is no section's text."""
    parts = []
    start = section.start
    within = (s for s in extract.skipped if s[0] < section.end and s[1] > section.start)
    for a, b in (*within, (section.end, section.end)):
        if extract.text[start:a].strip():
            parts.append(
                Section(section.path, start, max(section.body, start), min(a, section.end), section.page_label)
            )
        start = max(start, b)
    return parts
