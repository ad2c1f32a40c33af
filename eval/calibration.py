"""Learns the weights of evidence (answer/weights.json) from question sets, and says how they do on questions held out.

Two logistic regressions: one says whether a unit answers, the other whether the answer made of the best unit is right.
They learn from some sets; on another, the dev questions, the confidence is scaled (Platt 1999) and the threshold and
`also` are chosen. The figures reported are of that other set, so they are a little hopeful: a third is for reporting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from answer.pipeline import Assistant, Lookup
from answer.select import make_quotes, rank, widen
from answer.weights import Weights
from eval.jsonl import BadFile
from eval.judge import holds_answer
from eval.metrics import calibration_error
from eval.questions import Question
from ingest.document import Document

FOLDS = 10
SEED = 20241
CHOOSE_C, TRUST_C = 0.01, 0.1  # scikit-learn's C: the smaller, the stronger the pull of the weights to 0
ALSO = (2.0, 0.5, 0.4, 0.3, 0.2)  # least probabilities of a second quote that are tried; 2.0 allows none
ALSO_COST = 0.002  # right answers that one more quoted word must bring to be worth showing

WANTED_RIGHT, WANTED_REFUSED = 0.65, 0.85  # shares of the answerable, and of the others, that are to be reached

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """One question with its candidates; `labels[i]` is 1 where the quote made of candidate i holds the whole answer."""

    question: Question
    lookup: Lookup
    documents: Mapping[str, Document]
    labels: Floats


@dataclass(frozen=True)
class Outcome:
    """What a case came to: the best unit's evidence (none: no candidate), whether the answer is right, and its words."""

    evidence: dict[str, float]
    right: bool
    words: int


@dataclass(frozen=True)
class Calibration:
    """The weights learned, and figures on the questions that chose the threshold: shares in [0, 1]."""

    weights: Weights
    figures: dict[str, float]


def look_up_all(questions: Sequence[Question], assistant: Assistant) -> list[Case]:
    """The cases of a question set on the reports that `assistant` asks."""
    documents = {d.name: d for d in assistant.documents}
    return [_case(question, assistant, documents) for question in questions]


def calibrate(learn: Sequence[Case], choose: Sequence[Case]) -> Calibration:
    """Learn weights from `learn`, scale and choose on `choose`; raises `BadFile` where a set lacks a kind of question."""
    for cases in (learn, choose):
        if len({case.question.answerable for case in cases}) < 2:
            raise BadFile("Calibration needs answerable and unanswerable questions; name sets that have both.")
    answerable = np.array([case.question.answerable for case in choose])
    selection = _choose(learn)
    tried = [(also, [_outcome(case, Weights(selection, {}, 0.0, also)) for case in choose]) for also in ALSO]
    also, outcomes = max(tried, key=lambda pair: _worth(pair[1], answerable))
    seen = [outcome for outcome in _held_out(learn, also) if outcome.evidence]
    trust = _fit([o.evidence for o in seen], np.array([o.right for o in seen]), TRUST_C)
    right = np.array([o.right for o in outcomes])
    weights = _scaled(Weights(selection, trust, 0.0, also), outcomes, right)
    confidence = np.array([weights.confidence(o.evidence) if o.evidence else 0.0 for o in outcomes])
    threshold, figures = _threshold(confidence, right, answerable)
    error = calibration_error(list(confidence), list(right)).value
    figures |= {
        "right if none were refused": float(right[answerable].mean()),
        "words quoted": float(np.mean([o.words for o in outcomes])),
        "calibration error (ECE)": float("nan") if error is None else error,
    }
    return Calibration(replace(weights, threshold=threshold), figures)


def _case(question: Question, assistant: Assistant, documents: Mapping[str, Document]) -> Case:
    lookup = assistant.look_up(question.question, question.history)
    labels = []
    for candidate in lookup.candidates:
        document = documents[candidate.hit.passage.document]
        quote = widen(candidate, lookup.asked, document)
        labels.append(float(question.answerable and holds_answer(question, document.text[quote.start : quote.end])))
    return Case(question, lookup, documents, np.array(labels))


def _outcome(case: Case, weights: Weights) -> Outcome:
    ranked = rank(case.lookup.candidates, weights)
    if not ranked:
        return Outcome({}, right=False, words=0)
    documents = dict(case.documents)
    quotes = make_quotes(ranked, case.lookup.asked, documents, weights)
    text = "\n\n".join(documents[q.candidate.hit.passage.document].text[q.start : q.end] for q in quotes)
    right = case.question.answerable and holds_answer(case.question, text)
    return Outcome(ranked[0].evidence, right, len(text.split()))


def _worth(outcomes: Sequence[Outcome], answerable: Flags) -> float:
    right = np.array([o.right for o in outcomes])[answerable].mean()
    return float(right - ALSO_COST * np.mean([o.words for o in outcomes]))


def _held_out(cases: Sequence[Case], also: float) -> list[Outcome]:
    """For each case, the answer chosen by a regression that has not seen its question, in no order."""
    fold = np.random.default_rng(SEED).permutation(len(cases)) % FOLDS
    outcomes = []
    for held in range(FOLDS):
        weights = Weights(_choose([c for c, f in zip(cases, fold, strict=True) if f != held]), {}, 0.0, also)
        outcomes += [_outcome(case, weights) for case, f in zip(cases, fold, strict=True) if f == held]
    return outcomes


def _scaled(weights: Weights, outcomes: Sequence[Outcome], right: Flags) -> Weights:
    """`weights` with the log-odds of trust stretched and shifted so that they are probabilities for `outcomes`."""
    from sklearn.linear_model import LogisticRegression

    odds = np.array([[weights.log_odds(o.evidence)] for o in outcomes if o.evidence])
    model = LogisticRegression().fit(
        odds, [is_right for o, is_right in zip(outcomes, right, strict=True) if o.evidence]
    )
    stretch, shift = float(model.coef_[0, 0]), float(model.intercept_[0])
    trust = {name: weight * stretch for name, weight in weights.trust.items()}
    return replace(weights, trust=trust | {"": trust[""] + shift})


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
