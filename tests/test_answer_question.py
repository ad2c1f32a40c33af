"""What a question asks for: plain cases of each kind, its names and numbers, and what fits it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answer.question import KINDS, Question

ALL_KINDS = {kind for kind, _ in KINDS} | {"other"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("What does TWG stand for?", "acronym"),
        ("what is the full name of esa", "acronym"),
        ("How many agencies are members?", "number"),
        ("HOW MUCH DID IT COST?", "number"),
        ("When was the GER 2024 published?", "date"),
        ("In which year was ISECG founded?", "date"),
        ("List the members of ISECG", "list"),
        ("Which principles are its activities based on?", "list"),
        ("What are the themes of the strategy?", "list"),
        ("Who prepares the annual report?", "who"),
        ("Which agency represents Norway?", "who"),
        ("Where did the members meet?", "where"),
        ("Why was the paper written?", "why"),
        ("What is the GER?", "definition"),
        ("Explain ISRU", "definition"),
        ("go on", "other"),
    ],
)
def test_the_kinds_of_plain_questions(text: str, kind: str) -> None:
    assert Question(text).kind == kind


def test_names_acronyms_and_numbers() -> None:
    names = Question("When did the Norwegian Space Agency and ESA, with 27 members, publish GER 2024?").names
    assert {"Norwegian", "Space", "Agency", "ESA", "27", "GER", "2024"} == set(names)
    assert Question("When is it?").names == ()
    assert Question("Is GER the GER?").names == ("GER",)


@pytest.mark.parametrize(
    ("question", "text", "fits"),
    [
        ("When was it?", "It was in 2018.", 1.0),
        ("When was it?", "It was in May.", 1.0),
        ("When was it?", "It was long ago.", -1.0),
        ("How many are there?", "There are 27 members.", 1.0),
        ("How many are there?", "There are twelve.", 1.0),
        ("How many are there?", "It was in 2018.", -1.0),
        ("Why was it?", "Anything.", 0.0),
    ],
)
def test_what_fits_a_kind(question: str, text: str, fits: float) -> None:
    assert Question(question).fits(text) == fits


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_a_question(question: str, text: str) -> None:
    asked = Question(question)
    assert asked.kind in ALL_KINDS
    assert all(name in question for name in asked.names)
    assert len(set(asked.names)) == len(asked.names)
    assert asked.fits(text) in {-1.0, 0.0, 1.0}


@pytest.mark.parametrize(
    "text", ["which " * 80, "what " + "a " * 240, "Is " + "A" * 490, "1." * 250, "which a-b " * 50]
)
def test_long_questions_take_no_endless_time(text: str) -> None:
    asked = Question(text)
    assert asked.kind in ALL_KINDS
    assert asked.names is not None
