"""What is counted over what: refused questions stay in every mean, unanswerable ones out of retrieval."""

import math

import pytest

from eval.judge import Judgement, judge
from eval.metrics import Estimate
from eval.predictions import Found, Prediction, Quote
from eval.questions import Question
from eval.scores import ANSWER_LABELS, RETRIEVAL_LABELS, inexact_quotes, score_answers, score_rankings
from ingest.document import Document

TEXT = "There are 27 members. It was founded in 2007."
DOCUMENTS = {"r.txt": Document("r.txt", "f" * 64, "R", None, TEXT, (), ())}
MEMBERS = Quote("r.txt", "f" * 64, None, 0, 21, "There are 27 members.")
FOUNDED = Quote("r.txt", "f" * 64, None, 22, 45, "It was founded in 2007.")
ASKED_MEMBERS = Question("q", "How many?", evidence=("There are 27 members.",), answer=(("27",),))
ABSENT = Question("q", "How much?", type="absent")
OFF_TOPIC = Question("q", "Capital of France?", type="off_topic")


def judged(question: Question, confidence: float, *quotes: Quote, seconds: float = 0.1) -> Judgement:
    text = "\n\n".join(quote.quote for quote in quotes) or "The reports do not say."
    found = (Found("r.txt", 0, len(TEXT), TEXT),)
    prediction = Prediction("q", bool(quotes), text, confidence, quotes, found, seconds)
    return judge(question, prediction, DOCUMENTS)


JUDGED = [
    judged(ASKED_MEMBERS, 0.95, MEMBERS, seconds=0.1),  # right, F1 1
    judged(ASKED_MEMBERS, 0.85, FOUNDED, seconds=0.2),  # wrong, no word shared: F1 0
    judged(ASKED_MEMBERS, 0.30, seconds=0.3),  # refused
    judged(ABSENT, 0.40, seconds=0.4),  # rightly refused
    judged(ABSENT, 0.90, MEMBERS, FOUNDED, seconds=0.5),  # should have been refused
    judged(OFF_TOPIC, 0.05, seconds=0.6),  # rightly refused
]


def test_each_figure_of_six_answers() -> None:
    scores = score_answers(JUDGED, DOCUMENTS)
    assert list(scores) == list(ANSWER_LABELS)
    values = {name: estimate.value for name, estimate in scores.items()}
    assert values == {
        "right_answers": pytest.approx(1 / 3),
        "token_f1": pytest.approx(1 / 3),
        "right_refusals": pytest.approx(2 / 3),
        "refusal_precision": pytest.approx(2 / 3),
        # answerable .95 .85 .30 against .40 .90 .05: 3 + 2 + 1 pairs of 9 in order
        "auroc": pytest.approx(6 / 9),
        # against .40 .90 only: 2 + 1 + 0 of 6
        "auroc_near_miss": pytest.approx(3 / 6),
        # answers given: .95 right and .90 wrong share a bin, .85 wrong: (|1.85 - 1| + .85) / 3
        "calibration_error": pytest.approx(1.7 / 3),
        # the surest answer is right, the next is wrong: 1 of 6
        "coverage_at_risk": pytest.approx(1 / 6),
        "exact_quotes": 1.0,
        # 4, 5 and 4 + 5 words
        "words": 5,
        "seconds_p50": pytest.approx(0.35),
        # linear between the fifth and sixth value: 0.5 + 0.75 * 0.1
        "seconds_p95": pytest.approx(0.575),
    }
    counted = ("right_answers", "right_refusals", "refusal_precision", "exact_quotes")
    assert [scores[name].n for name in counted] == [3, 3, 3, 4]


def test_refusing_everything_gains_nothing_among_the_answerable() -> None:
    scores = score_answers([judged(ASKED_MEMBERS, 0.0), judged(ABSENT, 0.0)], DOCUMENTS)
    values = {name: estimate.value for name, estimate in scores.items()}
    assert (values["right_answers"], values["token_f1"], values["right_refusals"]) == (0, 0, 1)
    assert (values["refusal_precision"], values["auroc"], values["coverage_at_risk"]) == (0.5, 0.5, 0)
    assert values["calibration_error"] is values["exact_quotes"] is values["words"] is None


def test_one_altered_letter_is_found_and_named() -> None:
    altered = Quote("r.txt", "f" * 64, None, 0, 21, "There are 28 members.")
    cases = [judged(ASKED_MEMBERS, 0.9, MEMBERS), judged(ABSENT, 0.9, FOUNDED, altered)]
    assert score_answers(cases, DOCUMENTS)["exact_quotes"].value == pytest.approx(2 / 3)
    assert inexact_quotes(cases, DOCUMENTS) == [("q", altered)]
    assert inexact_quotes(JUDGED, DOCUMENTS) == []


def test_retrieval_figures_of_four_questions() -> None:
    rankings = [
        [True, True, False],  # first at 1
        [False, False, True, True],  # first at 3
        [False] * 9 + [True],  # first at 10
        [False] * 10,
    ]
    scores = score_rankings(rankings)
    assert list(scores) == list(RETRIEVAL_LABELS)
    assert {name: estimate.value for name, estimate in scores.items()} == {
        "recall_1": 1 / 4,
        "recall_3": 2 / 4,
        "recall_5": 2 / 4,
        "recall_10": 3 / 4,
        "mrr_10": pytest.approx((1 + 1 / 3 + 1 / 10) / 4),
        # 1 / log2(1 + rank): 1, 1/2 and 1/log2(11)
        "ndcg_10": pytest.approx((1 + 1 / 2 + 1 / math.log2(11)) / 4),
    }
    assert {estimate.n for estimate in scores.values()} == {4}


def test_a_question_for_which_nothing_was_found_counts_0() -> None:
    assert score_rankings([[], [True]])["recall_5"].value == 0.5
    assert score_rankings([[]])["mrr_10"].value == 0.0
    assert score_rankings([])["mrr_10"] == Estimate(None, 0)
