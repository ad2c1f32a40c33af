"""Units: sentences, items, rows and headings, each found again character by character; nothing is left out."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import as_document, reports, sentences

from ingest.document import Document
from ingest.passages import split_passages
from ingest.sentences import HEADING, ITEM, ROW, SENTENCE, Unit, split_units


def units_of(text: str, headings: frozenset[int] = frozenset()) -> list[tuple[str, str]]:
    return [(unit.kind, text[unit.start : unit.end]) for unit in split_units(text, 0, len(text), headings)]


def of_report(report: Document) -> list[Unit]:
    headings = frozenset(section.start for section in report.sections if section.body > section.start)
    return [unit for p in split_passages(report) for unit in split_units(report.text, p.start, p.end, headings)]


# The 2024 report


def test_the_sentence_cut_by_the_page_break_is_one_unit(report: Document) -> None:
    wanted = (
        "Therefore, the GES called for a voluntary, non-binding coordination mechanism among interested space agencies."
    )
    assert [u.kind for u in of_report(report) if report.text[u.start : u.end] == wanted] == [SENTENCE]


def test_the_rows_of_the_member_table(report: Document) -> None:
    """The table fell into one line: each name in parentheses ends its row."""
    assert [report.text[u.start : u.end] for u in of_report(report) if u.kind == ROW] == [
        "Australian Space Agency (ASA)",
        "Australia Commonwealth Scientific and Industrial Research Organisation (CSIRO)",
        "Agência Espacial Brasileira Brazil (AEB)",
        "Canadian Space Agency Canada (CSA)",
        "China National Space China Administration (CNSA)",
        "European Space Agency esa Europe (ESA)",
        "Centre National d'Études France Spatiales (CNES)",
        "German Aerospace Center Germany (DLR)",
        "Indian Space Research India Organisation (ISRO)",
        "Agenzia Spaziale Italiana Italy (ASI)",
        "Japan Aerospace Japan Exploration Agency (JAXA)",
        "Luxembourg Space Agency Luxembourg LUXEMBOURG (LSA)",
    ]


def test_the_items_of_the_report_with_their_levels(report: Document) -> None:
    items = [(u.level, report.text[u.start : u.end]) for u in of_report(report) if u.kind == ITEM]
    assert len(items) == 23
    assert items[5:9] == [
        (0, "Global Exploration Roadmap (IV edition)"),
        (0, "Benefits Stemming from Space Exploration (II edition)"),
        (0, "Open and inclusive"),
        (
            1,
            "ISECG receives inputs from all interested space agencies that invest in and perform space exploration"
            " activities.",
        ),
    ]
    assert [words for _, words in items[-5:]] == [
        "New knowledge in science and technology",
        "A sustained presence extending human frontiers",
        "Economic expansion",
        "A global partnership",
        "Inspiration and education",
    ]


def test_every_section_with_text_begins_with_its_heading_as_a_unit(report: Document) -> None:
    headings = [report.text[u.start : u.end] for u in of_report(report) if u.kind == HEADING]
    with_text = [s for s in report.sections if s.body > s.start and report.text[s.body : s.end].strip()]
    assert headings == [section.path[-1] for section in with_text]
    assert len(headings) == 22


# Sentence ends


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("He said “Go.” Then he left.", ["He said “Go.”", "Then he left."]),
        ('It ended. "Why?" she asked.', ["It ended.", '"Why?" she asked.']),
        ("Dr. Smith and Prof. Jones met.", ["Dr. Smith and Prof. Jones met."]),
        ("See e.g. Figure 2 and Fig. 3.", ["See e.g. Figure 2 and Fig. 3."]),
        ("The U.S. Government and J. Doe agreed.", ["The U.S. Government and J. Doe agreed."]),
        ("It grew by 1.5 percent. 16 agencies joined.", ["It grew by 1.5 percent.", "16 agencies joined."]),
        ("Moon, Mars, etc. Then more.", ["Moon, Mars, etc.", "Then more."]),
        ("products (e.g., roadmaps). ISECG", ["products (e.g., roadmaps).", "ISECG"]),
        ("It was in 2018. Élan followed.", ["It was in 2018.", "Élan followed."]),
        ("see www.esa.int for more.", ["see www.esa.int for more."]),
        ("It ends here. and goes on", ["It ends here. and goes on"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert units_of(text) == [(SENTENCE, words) for words in expected]


def test_kinds_of_blocks() -> None:
    text = "Members\n\nThey are:\n\n- one\n  - two. Still two.\n\nNorway — NOSA\nPoland — POLSA\n\nThe end."
    assert units_of(text, frozenset([0])) == [
        (HEADING, "Members"),
        (SENTENCE, "They are:"),
        (ITEM, "one"),
        (ITEM, "two. Still two."),
        (ROW, "Norway — NOSA"),
        (ROW, "Poland — POLSA"),
        (SENTENCE, "The end."),
    ]
    assert [unit.level for unit in split_units(text, 0, len(text)) if unit.kind == ITEM] == [0, 1]


def test_prose_with_two_acronyms_is_no_table() -> None:
    text = "The Science Working Group (SWG) and the Technology Working Group (TWG) met. They agreed."
    assert units_of(text) == [
        (SENTENCE, "The Science Working Group (SWG) and the Technology Working Group (TWG) met."),
        (SENTENCE, "They agreed."),
    ]


def test_a_sentence_that_ends_in_an_acronym_is_no_table() -> None:
    text = "The Coordination Group (ISECG) Secretariat met with the European Space Agency (ESA)."
    assert units_of(text) == [(SENTENCE, text)]


def test_only_the_part_that_is_asked_for_is_split() -> None:
    text = "Before. Inside one. Inside two. After."
    start, end = text.index("Inside"), text.index(" After")
    assert [text[u.start : u.end] for u in split_units(text, start, end)] == ["Inside one.", "Inside two."]


# What holds for every text


def check(text: str, start: int, end: int, units: list[Unit]) -> None:
    at = start
    for unit in units:
        assert at <= unit.start < unit.end <= end
        assert text[unit.start : unit.end] == text[unit.start : unit.end].strip()
        between = text[at : unit.start]
        assert not re.sub(r"\n(?: {2})*- |^(?: {2})*- ", "", between).strip(), between
        at = unit.end
    assert text[at:end].strip() in {"", "-"}


@settings(max_examples=100, deadline=None)
@given(reports)
def test_units_lie_in_their_passage_in_order_and_leave_nothing_out(source: str) -> None:
    document = as_document(source)
    headings = frozenset(section.start for section in document.sections if section.body > section.start)
    for passage in split_passages(document):
        units = split_units(document.text, passage.start, passage.end, headings)
        assert units
        check(document.text, passage.start, passage.end, units)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(sentences, st.just("")), max_size=8).map("\n".join), st.data())
def test_units_of_any_part_of_a_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    at = start
    for unit in split_units(text, start, end):
        assert at <= unit.start < unit.end <= end
        at = unit.end


@pytest.mark.parametrize(
    "text", ["A. " * 30_000, "(A) " * 30_000, "." * 60_000, "." * 60_000 + " x", "a.” " * 30_000, "((" * 30_000]
)
def test_a_long_line_takes_no_endless_time(text: str) -> None:
    assert split_units(text, 0, len(text))
