"""Answers that need no skill, made from what the assistant found: what every figure has to be compared with."""

from collections.abc import Mapping
from dataclasses import replace

from answer.cite import cite
from answer.pipeline import Answer
from ingest.document import Document
from ingest.sentences import HEADING


def first_sentence(answer: Answer, documents: Mapping[str, Document]) -> Answer:
    """Quote the first sentence of the best passage, as sure as the passage scores; refuse where nothing was found."""
    if not answer.passages:
        return always_refuse(answer)
    hit = answer.passages[0]
    unit = next((unit for unit in hit.units if unit.kind != HEADING), None)
    start, end = (unit.start, unit.end) if unit else (hit.passage.start, hit.passage.end)
    citation = cite(documents[hit.passage.document], start, end)
    return replace(answer, citations=(citation,), refusal=None, confidence=min(max(hit.score, 0.0), 1.0))


def always_refuse(answer: Answer) -> Answer:
    """Refuse whatever is asked."""
    return replace(answer, citations=(), refusal="This baseline refuses every question.", confidence=0.0)
