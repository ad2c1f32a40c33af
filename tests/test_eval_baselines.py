"""The baselines: made from what the assistant found, and held to the same rules as its answers."""

from dataclasses import replace

import pytest

from answer.cite import cite
from answer.pipeline import Answer
from answer.provenance import Provenance
from eval.baselines import always_refuse, first_sentence
from index.search import Hit
from ingest.document import Document, Section
from ingest.passages import split_passages
from ingest.sentences import split_units

TEXT = "Members\n\nThere are 27 members. It was founded in 2007."
REPORT = Document("r.txt", "f" * 64, "R", None, TEXT, (), (Section(("Members",), 0, 9, len(TEXT)),))
DOCUMENTS = {"r.txt": REPORT}


def found(score: float) -> Answer:
    """An answer that quotes the second sentence of the one passage found, which begins with its heading."""
    (passage,) = split_passages(REPORT)
    units = tuple(split_units(TEXT, passage.start, passage.end, frozenset({0})))
    hit = Hit(passage, score, score, score, units, (0.1,) * len(units))
    citation = cite(REPORT, TEXT.index("It was"), len(TEXT))
    places = (cite(REPORT, 0, len(TEXT)),)
    made = Provenance("index", "model", "hash of the model", None, "hash of the weights")
    return Answer("How many?", None, (citation,), None, 0.9, (hit,), places, 0.1, (), (REPORT,), made)


def test_the_first_sentence_is_that_after_the_heading() -> None:
    baseline = first_sentence(found(0.7), DOCUMENTS)
    assert [citation.quote for citation in baseline.citations] == ["There are 27 members."]
    assert (baseline.confidence, baseline.refusal) == (0.7, None)


def test_a_refusal_becomes_an_answer_too() -> None:
    refused = replace(found(0.7), citations=(), refusal="Not sure enough.")
    assert first_sentence(refused, DOCUMENTS).text == "There are 27 members."


@pytest.mark.parametrize(("score", "confidence"), [(-0.2, 0.0), (1.3, 1.0)])
def test_a_score_outside_0_to_1_is_no_confidence(score: float, confidence: float) -> None:
    assert first_sentence(found(score), DOCUMENTS).confidence == confidence


def test_where_nothing_was_found_there_is_no_first_sentence() -> None:
    assert not first_sentence(replace(found(0.7), passages=(), places=()), DOCUMENTS).answered


def test_always_refuse_refuses() -> None:
    baseline = always_refuse(found(0.7))
    assert (baseline.answered, baseline.citations, baseline.confidence) == (False, (), 0.0)
    assert baseline.passages == found(0.7).passages
