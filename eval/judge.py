"""Judges one prediction against its question: right, or which step failed; scores.py counts the judgements."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from eval.predictions import Found, Prediction, Quote
from eval.questions import Question, fold
from eval.squad import token_f1
from ingest.document import Document

SHOWN = 10  # passages that count
SHARED = 0.5  # least share of the shorter text's words, in one run, for a quote to overlap an evidence string


class Fault(StrEnum):
    """The first step that failed."""

    RETRIEVAL = "retrieval"
    REFUSAL = "refusal"
    SELECTION = "selection"
    SHOULD_REFUSE = "should refuse"


FAULTS = {
    Fault.RETRIEVAL: "answerable, but none of the ten passages holds the evidence",
    Fault.REFUSAL: "answerable and found, but refused",
    Fault.SELECTION: "answerable and found, but the wrong words were quoted",
    Fault.SHOULD_REFUSE: "answered though the reports do not say",
}


@dataclass(frozen=True)
class Judgement:
    """`right`: answered rightly, or refused rightly. `relevant`: for each passage, best first, whether it supports the
    answer. `f1`: token F1 of the answer against its best evidence, 0 for a refusal, None where the question names none.
    """

    question: Question
    prediction: Prediction
    right: bool
    relevant: tuple[bool, ...]
    f1: float | None

    @property
    def fault(self) -> Fault | None:
        """What went wrong, if anything did."""
        if self.right:
            return None
        if not self.question.answerable:
            return Fault.SHOULD_REFUSE
        if not any(self.relevant):
            return Fault.RETRIEVAL
        return Fault.SELECTION if self.prediction.answered else Fault.REFUSAL


def judge(question: Question, prediction: Prediction, documents: Mapping[str, Document]) -> Judgement:
    """Judge `prediction`; `documents` are the reports by name."""
    f1 = None
    if question.evidence:
        gold = [fold(e) for e in question.evidence]
        f1 = token_f1(fold(prediction.text), gold) if prediction.answered else 0.0
    relevant = tuple(is_relevant(question, found, documents) for found in prediction.passages[:SHOWN])
    return Judgement(question, prediction, is_right(question, prediction), relevant, f1)


def is_right(question: Question, prediction: Prediction) -> bool:
    """Whether the prediction is what was wanted: a refusal where the reports do not say, else an answer.

    The answer's text must hold what was asked for (`holds_answer`); where the question has no `answer`, one of its
    quotes must; where it names pages only, one of its quotes must come from one of them.
    """
    if not question.answerable or not prediction.answered:
        return question.answerable == prediction.answered
    if question.answer:
        return holds_answer(question, prediction.text)
    if question.evidence:
        return any(holds_answer(question, citation.quote) for citation in prediction.citations)
    return any((citation.document, citation.page) in question.pages for citation in prediction.citations)


def holds_answer(question: Question, text: str) -> bool:
    """Whether `text`, folded, holds a string of every group of `answer`.

    Where the question has no groups: whether its overlap with an evidence string is at least SHARED.
    """
    if question.answer:
        folded = fold(text)
        return all(any(fold(way) in folded for way in group) for group in question.answer)
    return any(overlap(text, evidence) >= SHARED for evidence in question.evidence)


def overlap(one: str, other: str) -> float:
    """The longest run of words that both texts have, over the words of the shorter: "a b c d" and "x b c" give 2/3."""
    first, second = fold(one).split(), fold(other).split()
    if not first or not second:
        return 0.0
    match = SequenceMatcher(None, first, second, autojunk=False).find_longest_match()
    return match.size / min(len(first), len(second))


def is_relevant(question: Question, found: Found, documents: Mapping[str, Document]) -> bool:
    """Whether a passage supports the answer: it holds an evidence string, or lies within a longer one.

    For a question that names pages only: whether it stands, at least in part, on one of them.
    """
    if question.evidence:
        text = fold(found.text)
        return any(evidence in text or text in evidence for evidence in map(fold, question.evidence))
    document = documents.get(found.document)
    return document is not None and any((found.document, n) in question.pages for n in _pages(document, found))


def is_exact(quote: Quote, documents: Mapping[str, Document]) -> bool:
    """Whether the quote is character by character what the document, with that hash, has at these offsets."""
    document = documents.get(quote.document)
    return (
        document is not None
        and quote.sha256 == document.sha256
        and 0 <= quote.start < quote.end
        and quote.quote == document.text[quote.start : quote.end]
    )


def _pages(document: Document, found: Found) -> Iterable[int]:
    return (page.number for page in document.pages if page.start < found.end and found.start < page.end)
