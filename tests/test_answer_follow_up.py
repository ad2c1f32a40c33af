"""Follow-ups: what leans on the turn before is made whole out of its words; what stands alone is left alone."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answer.follow_up import make_whole

TURNS = [
    "What is the ISECG Annual Report?",
    "and who prepares it?",
    "What about the Science Working Group?",
    "why?",
    "hello",
    "When was the GER 2024 published?",
    "Norway",
    "",
    "?",
    "it",
]


@pytest.mark.parametrize(
    ("history", "question", "words"),
    [
        (["What is the ISECG Annual Report?"], "and who prepares it?", ["who prepares it", "ISECG Annual Report"]),
        (["When was the GER 2024 published?"], "why?", ["why", "GER 2024"]),
        (["When was the GER 2024 published?", "and who prepared it?"], "how long is it?", ["how long", "GER 2024"]),
        (["Tell me about the Analogue Database"], "who made it", ["who made it", "Analogue Database"]),
    ],
)
def test_a_question_that_leans_gets_what_it_leans_on(history: list[str], question: str, words: list[str]) -> None:
    whole = make_whole(question, history)
    assert whole is not None
    assert all(word in whole for word in words)


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        (
            "What does the Technology Working Group do?",
            "what about the Science Working Group?",
            "What does the Science Working Group do?",
        ),
        ("What does the Technology Working Group do?", "How about SWG?", "What does the SWG do?"),
        ("Which agency represents Norway?", "and Poland?", "Which agency represents Poland?"),
        ("Which agency represents Norway?", "What about Poland", "Which agency represents Poland?"),
    ],
)
def test_what_about_another_asks_the_same_about_it(earlier: str, question: str, expected: str) -> None:
    assert make_whole(question, [earlier]) == expected


@pytest.mark.parametrize(
    "question",
    [
        "How many space agencies are members of ISECG today?",
        "What are the objectives of the Strategic Communications Working Group?",
        "Who leads ISECG?",
        "Which agency represents New Zealand?",
    ],
)
@pytest.mark.parametrize("history", [[], ["When was the GER 2024 published?"], ["Hello", "What is ISRU?"]])
def test_a_question_that_stands_alone_is_left_alone(history: list[str], question: str) -> None:
    assert make_whole(question, history) is None


def test_without_earlier_turns_nothing_is_made_up() -> None:
    for question in TURNS:
        assert make_whole(question, []) is None


def test_what_the_question_names_already_is_not_added() -> None:
    assert make_whole("What is the GER?", ["GER"]) is None


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.text(max_size=60), st.sampled_from(TURNS)),
    st.lists(st.one_of(st.text(max_size=60), st.sampled_from(TURNS)), max_size=4),
)
def test_every_word_comes_from_the_question_or_an_earlier_turn(question: str, history: list[str]) -> None:
    whole = make_whole(question, history)
    if whole is not None:
        assert history
        known = set(re.findall(r"\w+", " ".join([question, *history])))
        assert set(re.findall(r"\w+", whole)) <= known


@pytest.mark.parametrize(
    "text",
    ["and " * 200, "A of the " * 100, "the " * 200 + "x", "2024 " * 150, "what about " * 60, "A" * 500, ", " * 250],
)
def test_long_turns_take_no_endless_time(text: str) -> None:
    make_whole(text, [text, text])
    make_whole("why?", [text])
    make_whole(text, ["What is the GER?"])
