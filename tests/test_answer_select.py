"""Choosing quotes: a quote can be read alone, is made of whole units, and says nothing twice."""

from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import as_document, reports

from answer.evidence import Candidate
from answer.question import Question
from answer.select import MOST_QUOTES, Quote, make_quotes, rank, widen
from answer.weights import Weights
from index.search import Hit
from ingest.document import Document
from ingest.passages import split_passages
from ingest.sentences import split_units

LIST = Question("List the principles")
PLAIN = Question("Why is it so?")
WEIGHTS = Weights(choose={"good": 1.0}, trust={}, threshold=0.0, also=0.5)


def candidates_of(document: Document) -> list[Candidate]:
    """Every unit of every passage, the first one the best."""
    headings = frozenset(section.start for section in document.sections if section.body > section.start)
    found: list[Candidate] = []
    for rank_, passage in enumerate(split_passages(document)):
        units = tuple(split_units(document.text, passage.start, passage.end, headings))
        known: dict[str, Any] = {"passage": passage, "units": units, "unit_scores": (0.5,) * len(units)}
        hit = Hit(**{field.name: known.get(field.name, 0.5) for field in fields(Hit)})
        found += [Candidate(hit, rank_, unit, {"good": 0.0}, None) for unit in units]
    return [replace(c, evidence={"good": float(len(found) - n)}) for n, c in enumerate(found)]


def quoted(document: Document, words: str, question: Question) -> str:
    """The quote for the unit that begins with `words`."""
    at = document.text.index(words)
    (candidate,) = [c for c in candidates_of(document) if c.unit.start == at]
    quote = widen(candidate, question, document)
    assert quote.candidate == candidate
    return document.text[quote.start : quote.end]


# The 2024 report

BENEFITS = (
    "The GES identifies a common set of exploration themes and benefits:\n\n- New knowledge in science and technology\n"
    "- A sustained presence extending human frontiers\n- Economic expansion\n- A global partnership\n"
    "- Inspiration and education"
)


@pytest.mark.parametrize("question", [LIST, PLAIN])
def test_the_line_that_opens_a_list_takes_the_list_along(report: Document, question: Question) -> None:
    assert quoted(report, "The GES identifies a common set", question) == BENEFITS


def test_an_item_takes_the_whole_list_when_a_list_is_asked_for(report: Document) -> None:
    assert quoted(report, "Economic expansion", LIST) == BENEFITS
    assert quoted(report, "Economic expansion", PLAIN) == "Economic expansion"


def test_nested_items_come_along_with_their_list(report: Document) -> None:
    whole = quoted(report, "Its activities are based on the following principles:", PLAIN)
    assert whole.count("\n- ") == 5
    assert whole.count("\n  - ") == 6
    assert whole.endswith("based on consensus.")
    assert quoted(report, "Existing consultation and coordination", LIST) == whole


def test_a_list_without_an_opening_line_is_quoted_without_one(report: Document) -> None:
    quote = quoted(report, "Space agencies unite to celebrate", LIST)
    assert quote.startswith("- Collaboration Beyond Borders")
    assert quote.endswith("- ISECG Annual Report 2023 published")


def test_a_heading_takes_the_list_right_under_it_when_a_list_is_asked_for(report: Document) -> None:
    assert quoted(report, "ISECG Publications 2024\n\n-", LIST) == (
        "ISECG Publications 2024\n\n- Global Exploration Roadmap (IV edition)\n"
        "- Benefits Stemming from Space Exploration (II edition)"
    )
    assert quoted(report, "ISECG Publications 2024\n\n-", PLAIN) == "ISECG Publications 2024"


def test_a_sentence_that_leans_on_the_one_before_takes_it_along(report: Document) -> None:
    assert quoted(report, "These include the development of ISECG web news", PLAIN) == (
        "The major activities of the SCWG, in close cooperation with ISECG and its working groups, encompass a range of"
        " initiatives. These include the development of ISECG web news, the preparation of the ISECG Annual Report, and"
        " the facilitation of topical exchanges among agencies."
    )


def test_a_sentence_that_stands_alone_is_quoted_alone(report: Document) -> None:
    assert quoted(report, "ISECG also supports promoting", PLAIN) == (
        "ISECG also supports promoting interest and engagement in space exploration activities throughout society."
    )


# Small reports

OPENED = "The three (e.g. for the Moon) are these:\n- one\n- two\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"# Head\n\nBefore it. {OPENED}", "The three (e.g. for the Moon) are these:\n\n- one\n- two"),
        (f"# Head\n\nIs it so? {OPENED}", "The three (e.g. for the Moon) are these:\n\n- one\n- two"),
        (f"# Head\n\n{OPENED}", "The three (e.g. for the Moon) are these:\n\n- one\n- two"),
        ("They are:\n- one\n- two\n", "They are:\n\n- one\n- two"),
        ("# Head\n\n- one\n- two\n\nAfter it.", "- one\n- two"),
        ("# Head\n\nNo colon\n\n- one\n- two\n", "- one\n- two"),
    ],
)
def test_a_list_is_quoted_from_the_beginning_of_the_sentence_that_opens_it(source: str, expected: str) -> None:
    assert quoted(as_document(source), "two", LIST) == expected


def test_a_list_ends_with_its_section() -> None:
    document = as_document("# One\n\nThey are:\n\n# Two\n\n- other\n")
    assert quoted(document, "They are:", LIST) == "They are:"


# Several quotes


def test_the_best_come_first() -> None:
    document = as_document("One. Two. Three.")
    candidates = candidates_of(document)
    assert rank(candidates[::-1], WEIGHTS) == candidates


def test_equally_good_ones_keep_their_order() -> None:
    candidates = [replace(c, evidence={"good": 1.0}) for c in candidates_of(as_document("One. Two. Three."))]
    assert rank(candidates, WEIGHTS) == candidates


def quotes(document: Document, question: Question, also: float) -> list[Quote]:
    ranked = candidates_of(document)
    return make_quotes(ranked, question, {document.name: document}, replace(WEIGHTS, also=also))


def test_more_quotes_only_while_they_are_nearly_as_sure() -> None:
    document = as_document("One. Two. Three. Four. Five.")
    words = [document.text[q.start : q.end] for q in quotes(document, PLAIN, 0.0)]
    assert words == ["One.", "Two.", "Three."]
    assert len(words) == MOST_QUOTES
    assert len(quotes(document, PLAIN, 1.1)) == 1


@settings(max_examples=100, deadline=None)
@given(reports, st.sampled_from([LIST, PLAIN]))
def test_quotes_are_whole_units_inside_one_section_and_do_not_overlap(source: str, question: Question) -> None:
    document = as_document(source)
    candidates = candidates_of(document)
    starts = {c.unit.start for c in candidates}
    ends = {c.unit.end for c in candidates}
    for candidate in candidates:
        quote = widen(candidate, question, document)
        words = document.text[quote.start : quote.end]
        lead = len(words) - len(words.lstrip("- "))
        assert quote.start <= candidate.unit.start < candidate.unit.end <= quote.end
        assert quote.start in starts or quote.start + lead in starts
        assert quote.end in ends
        section = document.section_at(candidate.unit.start)
        assert section is not None
        assert section.start <= quote.start < quote.end <= section.end
    if candidates:
        chosen = sorted(quotes(document, question, 0.0), key=lambda q: q.start)
        assert 1 <= len(chosen) <= MOST_QUOTES
        assert all(a.end <= b.start for a, b in pairwise(chosen))
