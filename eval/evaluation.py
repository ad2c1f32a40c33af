"""Asks a question set through the same path as the chat, and the baselines; scores.py counts what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from answer.pipeline import Answer, Assistant
from eval.baselines import always_refuse, first_sentence
from eval.jsonl import BadFile
from eval.judge import SHOWN, Judgement, is_relevant, judge
from eval.predictions import Found, parse
from eval.questions import Question
from ingest.document import Document

ASSISTANT = "assistant"
FIRST_SENTENCE, ALWAYS_REFUSE = "first sentence", "always refuse"  # made of the assistant's answers, so not timed
RANKINGS = {
    "fused": "fused",
    "lexical": "BM25 alone",
    "dense": "dense alone",
}  # the index's modes, and their names here


@dataclass(frozen=True)
class Evaluation:
    """What came of a question set.

    `judged`: each system's judgements, ASSISTANT first, in the order of the questions. `rankings`: for each way of
    searching and each answerable question, which of its passages are relevant. `rows`: the assistant's predictions.
    """

    documents: dict[str, Document]
    index_fingerprint: str
    judged: dict[str, list[Judgement]]
    rankings: dict[str, list[list[bool]]]
    rows: list[dict[str, Any]]


def evaluate(questions: Sequence[Question], assistant: Assistant, without_reader: Assistant | None) -> Evaluation:
    """Ask `assistant` and, where it has a reader, the same without it; the other baselines are made from what it found.

    Raises `BadFile` for a question that cannot be asked.
    """
    documents = {document.name: document for document in assistant.documents}
    answers = ask_all(assistant, questions)
    systems = {ASSISTANT: answers}
    if without_reader is not None:
        systems["no reader"] = ask_all(without_reader, questions)
    systems[FIRST_SENTENCE] = [first_sentence(answer, documents) for answer in answers]
    systems[ALWAYS_REFUSE] = [always_refuse(answer) for answer in answers]
    rows = {
        name: [{"id": q.id, **a.to_dict(), "history": list(q.history)} for q, a in zip(questions, given, strict=True)]
        for name, given in systems.items()
    }
    judged = {
        name: [judge(q, parse(row), documents) for q, row in zip(questions, of, strict=True)]
        for name, of in rows.items()
    }
    rankings = {ASSISTANT: [list(j.relevant) for j in judged[ASSISTANT] if j.question.answerable]}
    for mode, name in RANKINGS.items():
        rankings[name] = [
            _search(assistant, question, answer, mode, documents)
            for question, answer in zip(questions, answers, strict=True)
            if question.answerable
        ]
    return Evaluation(documents, assistant.index.fingerprint, judged, rankings, rows[ASSISTANT])


def ask_all(assistant: Assistant, questions: Sequence[Question]) -> list[Answer]:
    """One answer a question. The first question is asked once before, so that no time counted is that of warming up."""
    answers = []
    for question in (questions[0], *questions):
        try:
            answers.append(assistant.ask(question.question, question.history))
        except ValueError as error:
            raise BadFile(f"{question.id}: this question cannot be asked: {error}") from error
    return answers[1:]


def _search(
    assistant: Assistant, question: Question, answer: Answer, mode: str, documents: dict[str, Document]
) -> list[bool]:
    """Search for the question as the assistant understood it, so that only the ranking differs."""
    hits = assistant.index.search(answer.understood_as or answer.question, SHOWN, mode=mode)
    found = (Found(hit.passage.document, hit.passage.start, hit.passage.end, hit.passage.text) for hit in hits)
    return [is_relevant(question, passage, documents) for passage in found]
