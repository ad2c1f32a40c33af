"""Comparing two runs: which questions changed, and how sure the difference is."""

import re

from eval.compare import compare
from eval.predictions import Prediction
from eval.questions import Question

QUESTIONS = [
    Question("q1", "How many members?", evidence=("27 members",), answer=(("27",),)),
    Question("q2", "When was it founded?", evidence=("in 2007",), answer=(("2007",),)),
    Question("q3", "Who leads it?", type="absent"),
    Question("q4", "And\x1b[2J who\npays?", type="absent"),
]


def run(*texts: str) -> list[Prediction]:
    """One prediction a question: an answer of that text, or a refusal where it is empty."""
    return [
        Prediction(question.id, bool(text), text or "The reports do not say.", 0.5, (), (), 0.1)
        for question, text in zip(QUESTIONS, texts, strict=True)
    ]


def test_what_changed_is_told_question_by_question() -> None:
    told = compare(QUESTIONS, run("27 members", "2006", "", "ESA"), run("28 members", "in 2007", "NASA", ""))
    lines = told.split("\n")
    # one gained and one lost in each kind: no difference, and with pairs of -1 and +1 the interval is -1 to 1
    half = "2  0.50 (0.09–0.91)  0.50 (0.09–0.91)  +0.00 (-1.00 to +1.00)"
    squeezed = [re.sub(r"  +", "  ", line) for line in lines]
    assert f"answerable: right answer  {half}" in squeezed
    assert f"unanswerable: refused  {half}" in squeezed
    start = lines.index("right in A, wrong in B: 2")
    assert lines[start + 2 : start + 5] == ["  q1 How many members?", "    A: 27 members", "    B: 28 members"]
    assert lines[start + 6 : start + 9] == ["  q3 Who leads it?", "    A: The reports do not say.", "    B: NASA"]
    start = lines.index("wrong in A, right in B: 2")
    assert lines[start + 2 : start + 5] == ["  q2 When was it founded?", "    A: 2006", "    B: in 2007"]
    assert lines[start + 6] == "  q4 And�[2J who pays?"  # nothing that a terminal would obey


def test_a_run_against_itself_shows_no_change() -> None:
    same = run("27", "2007", "", "")
    told = compare(QUESTIONS, same, same)
    assert "right in A, wrong in B: 0" in told
    assert "wrong in A, right in B: 0" in told
    assert told.count("+0.00 (+0.00 to +0.00)") == 3


def test_a_difference_in_one_direction() -> None:
    told = compare(QUESTIONS, run("", "", "", ""), run("27", "2007", "", ""))
    row = next(line for line in told.split("\n") if line.startswith("answerable"))
    assert row.endswith("+1.00 (+1.00 to +1.00)")


def test_lines_stay_within_100_columns() -> None:
    long = [Question("q1", "Why? " * 100, evidence=("x",), answer=(("27",),))]
    told = compare(long, run_of("27 " * 200), run_of("28 " * 200))
    assert max(map(len, told.split("\n"))) <= 100
    assert "Why? Why?" in told


def run_of(text: str) -> list[Prediction]:
    return [Prediction("q1", True, text, 0.5, (), (), 0.1)]
