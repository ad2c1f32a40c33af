"""Learns the weights of evidence (answer/weights.json) from a question set, and says how they do on questions held out.

Two logistic regressions: one says whether a unit answers, the other whether the answer made of the best unit is right.
Every figure reported comes from questions that the regressions in use did not see (cross-validation by question). The
threshold and `also` are chosen by these same figures, so they are a little hopeful: other questions are for reporting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answer.pipeline import Assistant, Lookup
from answer.select import make_quotes, rank, widen
from answer.weights import Weights
from eval.jsonl import BadFile
from eval.judge import holds_answer
from eval.questions import Question
from ingest.document import Document

FOLDS = 10
SEED = 20241
CHOOSE_C, TRUST_C = 0.01, 0.1  # scikit-learn's C: the smaller, the stronger the pull of the weights to 0
ALSO = (2.0, 0.5, 0.4, 0.3, 0.2)  # least probabilities of a second quote that are tried; 2.0 allows none
ALSO_COST = 0.002  # right answers that one more quoted word must bring to be worth showing

WANTED_RIGHT, WANTED_REFUSED = 0.65, 0.70  # shares of the answerable, and of the others, that the product must reach

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """One question with its candidates; `labels[i]` is 1 where the quote made of candidate i holds the whole answer."""

    question: Question
    lookup: Lookup
    labels: Floats


@dataclass(frozen=True)
class Outcome:
    """What a held-out case came to: the best unit's evidence, whether the answer is right, and its words."""

    evidence: dict[str, float]
    right: bool
    words: int


@dataclass(frozen=True)
class Calibration:
    """The weights learned from all questions, and the held-out figures that chose them: shares in [0, 1]."""

    weights: Weights
    figures: dict[str, float]


def calibrate(questions: Sequence[Question], assistant: Assistant) -> Calibration:
    """Learn weights, threshold and `also` for the way in which `assistant` reads."""
    documents = {d.name: d for d in assistant.documents}
    cases = [_case(q, assistant, documents) for q in questions]
    answerable = np.array([case.question.answerable for case in cases])
    best: tuple[float, float, list[Outcome]] | None = None
    for also in ALSO:
        outcomes = _held_out(cases, documents, also)
        right = np.array([o.right for o in outcomes])[answerable].mean()
        words = float(np.mean([o.words for o in outcomes]))
        worth = float(right) - ALSO_COST * words
        if best is None or worth > best[0]:
            best = (worth, also, outcomes)
    if best is None or answerable.all() or not answerable.any():
        raise BadFile("Calibration needs answerable and unanswerable questions; name a set that has both.")
    _, also, outcomes = best
    right = np.array([o.right for o in outcomes])
    confidence = _held_out_confidence(outcomes)
    threshold, figures = _threshold(confidence, right, answerable)
    trust = _fit([o.evidence for o in outcomes], right, TRUST_C)
    figures |= {
        "right if none were refused": float(right[answerable].mean()),
        "words quoted": float(np.mean([o.words for o in outcomes])),
    }
    return Calibration(Weights(_choose(cases), trust, threshold, also), figures)


def _case(question: Question, assistant: Assistant, documents: dict[str, Document]) -> Case:
    lookup = assistant.look_up(question.question, question.history)
    labels = []
    for candidate in lookup.candidates:
        document = documents[candidate.hit.passage.document]
        quote = widen(candidate, lookup.asked, document)
        labels.append(float(question.answerable and holds_answer(question, document.text[quote.start : quote.end])))
    return Case(question, lookup, np.array(labels))


def _folds(count: int) -> list[int]:
    return [int(n) % FOLDS for n in np.random.default_rng(SEED).permutation(count)]


def _held_out(cases: Sequence[Case], documents: dict[str, Document], also: float) -> list[Outcome]:
    """For each case, the answer chosen by a regression that has not seen its question."""
    fold = _folds(len(cases))
    outcomes: list[Outcome | None] = [None] * len(cases)
    for held in range(FOLDS):
        weights = Weights(_choose([c for c, f in zip(cases, fold, strict=True) if f != held]), {}, 0.0, also)
        for at in (i for i, f in enumerate(fold) if f == held):
            case = cases[at]
            ranked = rank(case.lookup.candidates, weights)
            quotes = make_quotes(ranked, case.lookup.asked, documents, weights)
            text = "\n\n".join(documents[q.candidate.hit.passage.document].text[q.start : q.end] for q in quotes)
            right = case.question.answerable and holds_answer(case.question, text)
            outcomes[at] = Outcome(ranked[0].evidence, right, len(text.split()))
    return [outcome for outcome in outcomes if outcome is not None]


def _held_out_confidence(outcomes: Sequence[Outcome]) -> Floats:
    fold = _folds(len(outcomes))
    confidence = np.zeros(len(outcomes))
    for held in range(FOLDS):
        seen = [o for o, f in zip(outcomes, fold, strict=True) if f != held]
        weights = Weights({}, _fit([o.evidence for o in seen], np.array([o.right for o in seen]), TRUST_C), 0.0, 0.0)
        for at in (i for i, f in enumerate(fold) if f == held):
            confidence[at] = weights.confidence(outcomes[at].evidence)
    return confidence


def _threshold(confidence: Floats, right: Flags, answerable: Flags) -> tuple[float, dict[str, float]]:
    """The threshold at which right answers and right refusals both exceed what is wanted by as much as they can."""
    from sklearn.metrics import roc_auc_score

    tried = np.unique(confidence)
    answers = np.array([((confidence >= t) & right & answerable).sum() / answerable.sum() for t in tried])
    refusals = np.array([(confidence < t)[~answerable].mean() for t in tried])
    at = int(np.argmax(np.minimum(answers - WANTED_RIGHT, refusals - WANTED_REFUSED)))
    return float(tried[at]), {
        "right answers": float(answers[at]),
        "right refusals": float(refusals[at]),
        "AUROC answerable or not": float(roc_auc_score(answerable, confidence)),
        "AUROC right or not": float(roc_auc_score(right, confidence)),
    }


def _choose(cases: Sequence[Case]) -> dict[str, float]:
    evidence = [candidate.evidence for case in cases for candidate in case.lookup.candidates]
    return _fit(evidence, np.concatenate([case.labels for case in cases]), CHOOSE_C)


def _fit(evidence: Sequence[dict[str, float]], labels: Floats, c: float) -> dict[str, float]:
    """Logistic regression over standardised evidence, as weights of the evidence as it is; "" is the constant."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    names = sorted(evidence[0])
    rows: Any = np.array([[e[name] for name in names] for e in evidence])
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=c, max_iter=5000).fit(scaler.transform(rows), labels)
    weights = model.coef_[0] / scaler.scale_
    constant = float(model.intercept_[0] - (weights * scaler.mean_).sum())
    return {"": constant} | {name: float(w) for name, w in zip(names, weights, strict=True)}
