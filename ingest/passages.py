"""Passages: the units that are searched, each inside one section; sentences.py finds the smaller units that are quoted."""

import re
from dataclasses import dataclass
from itertools import pairwise

from ingest.document import Document, Section
from ingest.sentences import ITEM, split_units

MAX_CHARACTERS = 900  # about 200 tokens: within what the encoder (256) and the reader (384 with question) see at once
MIN_CHARACTERS = 200  # a shorter last piece goes with the one before it


@dataclass(frozen=True)
class Passage:
    """`text == document.text[start:end]`, inside one section; a section's first passage begins with its heading.

    `title` is the document's.
    """

    document: str
    section: tuple[str, ...]
    start: int
    end: int
    text: str
    title: str

    @property
    def searched(self) -> str:
        """What is embedded and indexed: the report's title, then what is read.

        With reports of several organisations in one index, many passages do not say whose they are.
        """
        if self.section[:1] == (self.title,) or self.text.startswith(self.title):
            return self.read
        return f"{self.title}\n{self.read}"

    @property
    def read(self) -> str:
        """What the reader reads: the headings above, then the text. What stands above it is never quoted from here."""
        above = self.section[:-1] if self.section and self.text.startswith(self.section[-1]) else self.section
        return "\n".join([*above, self.text])


def split_passages(document: Document) -> list[Passage]:
    """Cut each section into passages of about MAX_CHARACTERS at most, between blocks, else between lines or sentences."""
    return [
        Passage(document.name, section.path, start, end, document.text[start:end], document.title)
        for section in document.sections
        for start, end in _pieces(document.text, section)
    ]


def _pieces(text: str, section: Section) -> list[tuple[int, int]]:
    if not text[section.body : section.end].strip():
        return []  # a heading alone says nothing; it stands in the path of the sections under it
    pieces: list[tuple[int, int]] = []
    start = section.start
    cuts = _cuts(text, section)
    for cut, after in pairwise(cuts):
        if after - start > MAX_CHARACTERS and cut > start:
            pieces.append((start, cut))
            start = cut
    pieces.append((start, cuts[-1]))
    if len(pieces) > 1 and pieces[-1][1] - pieces[-1][0] < MIN_CHARACTERS:
        pieces[-2:] = [(pieces[-2][0], pieces[-1][1])]
    return [(a, a + len(text[a:b].rstrip())) for a, b in pieces]


def _cuts(text: str, section: Section) -> list[int]:
    """Where a passage may end: before each block, but a list stays with the line that opens it, unless it is too long."""
    cuts = []
    at = section.body
    for match in re.finditer(r"\n\n+", text[section.body : section.end]):
        nxt = section.body + match.end()
        opens_list = text.startswith("- ", nxt) and text[at:nxt].rstrip().endswith(":")
        if not opens_list and nxt < section.end and nxt > section.body:
            cuts += _inner(text, at, nxt) if nxt - at > MAX_CHARACTERS else []
            cuts.append(nxt)
            at = nxt
    if section.end - at > MAX_CHARACTERS:
        cuts += _inner(text, at, section.end)
    return [*cuts, section.end]


def _inner(text: str, start: int, end: int) -> list[int]:
    """Where a block that is too long may be cut: where its lines and its sentences begin."""
    lines = {start + match.end() for match in re.finditer(r"\n(?=[^\n])", text[start:end])}
    sentences = {unit.start for unit in split_units(text, start, end) if unit.kind != ITEM}
    return sorted((lines | sentences) - {start})
