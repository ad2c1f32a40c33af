"""Counts judgements into figures, for answers and for rankings; metrics.py has the formulas, report.py the words."""

from collections.abc import Sequence

import numpy as np

from eval.judge import Judgement, is_exact
from eval.metrics import Estimate, auroc_estimate, calibration_error, mean, proportion, risk_coverage
from eval.predictions import Quote
from ingest.document import Document

RISK = 0.05  # the share of wrong answers that coverage is given for

ANSWER_LABELS = {
    "right_answers": "answerable: right answer",
    "token_f1": "answerable: token F1",
    "right_refusals": "unanswerable: refused",
    "refusal_precision": "refusals that are right",
    "auroc": "AUROC of confidence",
    "auroc_near_miss": "AUROC, near misses only",
    "calibration_error": "calibration error (ECE)",
    "coverage_at_risk": f"coverage at {RISK:.0%} risk",
    "exact_quotes": "quotes exact",
    "words": "words quoted, median",
    "seconds_p50": "seconds, median",
    "seconds_p95": "seconds, 95th percentile",
}
RETRIEVAL_LABELS = {
    "recall_1": "recall@1",
    "recall_3": "recall@3",
    "recall_5": "recall@5",
    "recall_10": "recall@10",
    "mrr_10": "MRR@10",
    "ndcg_10": "nDCG@10",
}


def score_answers(judged: Sequence[Judgement], documents: dict[str, Document]) -> dict[str, Estimate]:
    """The figures of ANSWER_LABELS.

    Refused questions count as wrong (F1 0) among the answerable, so that refusing everything gains nothing there.
    Calibration is that of the answers given: whether a refused one would have been right is not known. For the same
    reason coverage counts the answers given, surest first, as a share of all questions: unanswerable ones keep it
    below 1.
    """
    answerable = [j for j in judged if j.question.answerable]
    unanswerable = [j for j in judged if not j.question.answerable]
    answered = [j for j in judged if j.prediction.answered]
    refused = [j for j in judged if not j.prediction.answered]
    quotes = [quote for j in judged for quote in j.prediction.citations]
    return {
        "right_answers": proportion([j.right for j in answerable]),
        "token_f1": mean([j.f1 for j in answerable if j.f1 is not None]),
        "right_refusals": proportion([j.right for j in unanswerable]),
        "refusal_precision": proportion([j.right for j in refused]),
        "auroc": _auroc(answerable, unanswerable),
        "auroc_near_miss": _auroc(answerable, [j for j in unanswerable if j.question.near_miss]),
        "calibration_error": calibration_error(
            [j.prediction.confidence for j in answered], [j.right for j in answered]
        ),
        "coverage_at_risk": _coverage(answered, len(judged)),
        "exact_quotes": proportion([is_exact(quote, documents) for quote in quotes]),
        "words": _percentile([_words(j.prediction.citations) for j in answered], 50),
        "seconds_p50": _percentile([j.prediction.seconds for j in judged], 50),
        "seconds_p95": _percentile([j.prediction.seconds for j in judged], 95),
    }


def score_rankings(rankings: Sequence[Sequence[bool]]) -> dict[str, Estimate]:
    """The figures of RETRIEVAL_LABELS; each ranking says of its passages, best first, whether they are relevant.

    The passages that support an answer are one group, and one of them is enough: recall@k is the share of questions
    with any in the first k, and MRR and nDCG look at the first. ir-measures computes the figure of each question; an
    empty ranking counts 0.
    """
    if not rankings:
        return dict.fromkeys(RETRIEVAL_LABELS, Estimate(None, 0))
    from ir_measures import RR, Qrel, R, ScoredDoc, iter_calc, nDCG

    measures = dict(zip(RETRIEVAL_LABELS, (R @ 1, R @ 3, R @ 5, R @ 10, RR @ 10, nDCG @ 10), strict=True))
    names = {str(measure): name for name, measure in measures.items()}
    judgements = [Qrel(str(q), "relevant", 1) for q in range(len(rankings))]
    run = [
        # Distinct scores: among equal ones trec_eval would order by name.
        ScoredDoc(str(q), "relevant" if rank == _first(ranking) else f"other {rank}", -rank)
        for q, ranking in enumerate(rankings)
        for rank in range(len(ranking))
    ]
    values: dict[str, list[float]] = {name: [] for name in names.values()}
    for result in iter_calc(list(measures.values()), judgements, run):
        values[names[str(result.measure)]].append(result.value)
    return {  # sorted: ir-measures gives the questions in no fixed order, and a bootstrap depends on it
        name: proportion([value == 1 for value in found]) if name.startswith("recall") else mean(sorted(found))
        for name, found in values.items()
    }


def inexact_quotes(judged: Sequence[Judgement], documents: dict[str, Document]) -> list[tuple[str, Quote]]:
    """The quotes that are not their document's text, each with the id of its question: the gate wants none."""
    return [(j.question.id, c) for j in judged for c in j.prediction.citations if not is_exact(c, documents)]


def _auroc(answerable: Sequence[Judgement], unanswerable: Sequence[Judgement]) -> Estimate:
    return auroc_estimate(
        [j.prediction.confidence for j in answerable], [j.prediction.confidence for j in unanswerable]
    )


def _coverage(answered: Sequence[Judgement], total: int) -> Estimate:
    if not answered:
        return Estimate(0.0 if total else None, total)
    curve = risk_coverage([j.prediction.confidence for j in answered], [float(not j.right) for j in answered])
    return Estimate(curve.answered_at(RISK) / total, total)


def _words(quotes: Sequence[Quote]) -> int:
    return sum(len(quote.quote.split()) for quote in quotes)


def _percentile(values: Sequence[float], percent: float) -> Estimate:
    return Estimate(float(np.percentile(values, percent)) if values else None, len(values))


def _first(ranking: Sequence[bool]) -> int | None:
    return next((rank for rank, relevant in enumerate(ranking) if relevant), None)
