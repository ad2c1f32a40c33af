"""Cuts documents into what is embedded, passages and their units, and puts it together with its vectors."""

from collections.abc import Mapping, Sequence

import numpy as np

from index.database import Contents, Stored
from index.embed import Vectors
from ingest.passages import Passage, split_passages
from ingest.sentences import Unit, split_units


def new_texts(texts: Sequence[str], known: Mapping[str, Vectors]) -> list[str]:
    """Each text once that has no vector yet."""
    return list(dict.fromkeys(text for text in texts if text not in known))


def cut(stored: Sequence[Stored]) -> tuple[list[Passage], list[tuple[Unit, ...]]]:
    """The passages of all documents, and the units of each."""
    passages: list[Passage] = []
    units: list[tuple[Unit, ...]] = []
    for document in (s.document for s in stored):
        headings = frozenset(section.start for section in document.sections if section.body > section.start)
        for passage in split_passages(document):
            passages.append(passage)
            units.append(tuple(split_units(document.text, passage.start, passage.end, headings)))
    return passages, units


def texts_of(stored: Sequence[Stored], passages: Sequence[Passage], units: Sequence[Sequence[Unit]]) -> list[str]:
    """What is embedded: each passage's searched text, then each unit's own text."""
    texts = {s.document.name: s.document.text for s in stored}
    return [p.searched for p in passages] + [
        texts[p.document][u.start : u.end] for p, us in zip(passages, units, strict=True) for u in us
    ]


def contents_of(
    stored: Sequence[Stored],
    passages: Sequence[Passage],
    units: Sequence[tuple[Unit, ...]],
    known: Mapping[str, Vectors],
) -> Contents:
    """Everything that a build holds, with the vectors out of `known`."""
    vectors = np.stack([known[text] for text in texts_of(stored, passages, units)])
    return Contents(tuple(stored), tuple(passages), tuple(units), vectors[: len(passages)], vectors[len(passages) :])
