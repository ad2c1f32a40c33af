"""Calibration: weights learned from one set answer another, and the confidence is a probability there."""

from pathlib import Path

import pytest

from answer.pipeline import Assistant
from answer.weights import NO_WEIGHTS
from eval.calibration import calibrate, look_up_all
from eval.jsonl import BadFile
from eval.questions import Question, read_questions
from index.embed import SentenceEncoder

QUESTIONS = Path(__file__).parent.parent / "eval" / "questions"


@pytest.fixture(scope="module")
def plain(built_index: Path, encoder: SentenceEncoder) -> Assistant:
    return Assistant(built_index, encoder, None, NO_WEIGHTS)


def some(name: str, count: int) -> list[Question]:
    return read_questions(QUESTIONS / name)[:count]


def test_what_is_learned_beats_chance_on_other_questions(plain: Assistant) -> None:
    learn, choose = look_up_all(some("calibration.jsonl", 120), plain), look_up_all(some("dev.jsonl", 80), plain)
    learned = calibrate(learn, choose)
    assert learned.figures["AUROC answerable or not"] > 0.6
    assert learned.figures["right answers"] > 0.3
    assert learned.figures["calibration error (ECE)"] < 0.2
    assert 0 < learned.weights.threshold < 1


def test_a_set_without_unanswerable_questions_is_refused(plain: Assistant) -> None:
    cases = look_up_all([q for q in some("dev.jsonl", 20) if q.answerable], plain)
    with pytest.raises(BadFile, match="unanswerable"):
        calibrate(cases, cases)
