"""Scoring a reader alone: what a threshold does, and which would have been best."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answer.reader import Reading, Span
from eval.reader import ReadAnswer, best_f1, read_all, score_reader, write_predictions
from eval.squad import SquadQuestion, token_f1


def asked(id_: str, *gold: str) -> SquadQuestion:
    return SquadQuestion(id_, "T", "Q?", "Paris and Rome", tuple((text, 0) for text in gold))


ANSWERS = [
    ReadAnswer(asked("a", "Paris"), "Paris", 5.0),  # right
    ReadAnswer(asked("b"), "Rome", 3.0),  # there is no answer
    ReadAnswer(asked("c", "Rome"), "and Rome", 1.0),  # F1 2/3
    ReadAnswer(asked("d"), "Paris", -4.0),  # there is no answer
]


class FirstWordReader:
    """Marks the first word of a context, the surer the longer the question is."""

    threshold = 0.0
    fingerprint = "first word"

    def read(self, question: str, contexts: Sequence[str]) -> list[Reading]:
        spans = [Span(0, len(context.split()[0]), float(len(question))) for context in contexts]
        return [Reading(span.start, span.end, span.score, (span,)) for span in spans]


def test_each_question_is_read_over_its_own_context() -> None:
    questions = [SquadQuestion("1", "T", "Q?", "Paris and Rome", ()), SquadQuestion("2", "T", "Why?", "Rome", ())]
    assert [(a.span, a.score) for a in read_all(FirstWordReader(), questions)] == [("Paris", 2.0), ("Rome", 4.0)]


def test_an_answer_needs_the_threshold() -> None:
    assert [ANSWERS[2].at(threshold) for threshold in (0.0, 1.0, 1.1)] == ["and Rome", "and Rome", ""]


def test_best_f1_and_its_threshold() -> None:
    # refuse all: 2 of 4 right; from 5: 3; from 3: 2; from 1: 2 + 2/3; from -4: 1 + 2/3
    assert best_f1(ANSWERS) == (3 / 4, 5.0)
    assert best_f1(ANSWERS[2:3]) == pytest.approx((2 / 3, 1.0))


def test_no_threshold_can_part_equal_scores() -> None:
    tied = [ReadAnswer(asked("c", "Rome"), "and Rome", 1.0), ReadAnswer(asked("b"), "Rome", 1.0)]
    # refuse both: 1 of 2; answer both: 2/3 of 2
    assert best_f1(tied) == (1 / 2, math.inf)


CASE = st.tuples(st.sampled_from(["Paris", "Rome", ""]), st.sampled_from(["Paris", "and Rome", ""]), st.integers(-3, 3))


@given(st.lists(CASE, min_size=1))
def test_no_threshold_beats_the_best(cases: list[tuple[str, str, int]]) -> None:
    answers = [ReadAnswer(asked("q", *([gold] if gold else [])), span, float(score)) for gold, span, score in cases]
    best, threshold = best_f1(answers)

    def f1_at(threshold: float) -> float:
        return sum(token_f1(a.at(threshold), [t for t, _ in a.question.answers]) for a in answers) / len(answers)

    assert f1_at(threshold) == pytest.approx(best)
    assert max(f1_at(tried) for tried in (*range(-3, 4), math.inf)) == pytest.approx(best)


def test_the_figures_as_printed() -> None:
    lines = score_reader(ANSWERS, 0.0).split("\n")
    figures = [line.split() for line in lines]
    # at 0: a right, b wrong, c F1 2/3, d rightly refused
    assert ["all", "4", "50.00"] in [words[:3] for words in figures]
    assert next(words for words in figures if words[:1] == ["all"])[4] == "66.67"
    assert next(words for words in figures if words[:2] == ["has", "answer"])[2:6:3] == ["2", "83.33"]
    assert next(words for words in figures if words[:2] == ["no", "answer"])[2:6:3] == ["2", "50.00"]
    printed = {" ".join(words[:-1]): words[-1] for words in figures if words}
    assert printed["best F1 of any threshold"] == "75.00"
    assert printed["at the threshold"] == "5.000"
    # 5 and 1 against 3 and -4: 3 of 4 pairs in order
    assert printed["AUROC, has answer against none"] == "0.7500"
    # losses 0, 1, 1/3, 1 in order: risks 0, 1/2, 4/9, 7/12, their mean 0.3819
    assert printed["AURC (mean risk, lower is better)"] == "0.3819"
    assert printed["coverage at 5% risk"] == printed["coverage at 10% risk"] == "0.2500"


def test_a_file_without_unanswerable_questions_has_no_auroc() -> None:
    lines = score_reader(ANSWERS[:1], 0.0).split("\n")
    assert next(line for line in lines if line.startswith("AUROC")).endswith(" –")
    assert next(line for line in lines if line.startswith("no answer")).split() == ["no", "answer", "0", "–", "–"]


def test_predictions_are_written_as_the_official_script_reads_them(tmp_path: Path) -> None:
    write_predictions(tmp_path / "out.json", ANSWERS, 2.0)
    assert json.loads((tmp_path / "out.json").read_text("utf-8")) == {"a": "Paris", "b": "Rome", "c": "", "d": ""}
    assert json.loads((tmp_path / "out.json.na").read_text("utf-8")) == {"a": -5.0, "b": -3.0, "c": -1.0, "d": 4.0}
