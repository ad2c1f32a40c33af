"""A question set: loads and checks its rows, and folds texts for comparison; judge.py says if an answer is right."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.jsonl import BadFile, read_rows
from ingest.document import Document

NO_TYPE = "(none)"
OFF_TOPIC = "off_topic"  # the one type of unanswerable question that is not a near miss
QUOTATION_MARKS = str.maketrans({**dict.fromkeys("‘’‚‛′`´", "'"), **dict.fromkeys("“”„‟″«»", '"')})
LIST_MARKER = re.compile(
    r"^[^\S\n]*(?:(?:[-•‣◦▪]|o(?=[^\S\n]+[A-Z]))[^\S\n]+)+", re.MULTILINE
)  # converted PDFs write bullets as "- o "
EMPHASIS = re.compile(r"[*_]|</?u>")


@dataclass(frozen=True)
class Question:
    """One row of a question set, as the contract describes it.

    `evidence`: strings of the reports, any one of which supports the answer. `answer`: groups, of each of which a full
    answer holds a string. `pages`: (file name, physical page from 1). `candidate`: made from feedback, and not checked yet.
    """

    id: str
    question: str
    history: tuple[str, ...] = ()
    type: str = NO_TYPE
    evidence: tuple[str, ...] = ()
    answer: tuple[tuple[str, ...], ...] = ()
    pages: tuple[tuple[str, int], ...] = ()
    candidate: bool = False

    @property
    def answerable(self) -> bool:
        """Whether the reports hold the answer; where not, refusing is right."""
        return bool(self.evidence or self.pages)

    @property
    def near_miss(self) -> bool:
        """Whether it is unanswerable though it sounds like one for these reports."""
        return not self.answerable and self.type != OFF_TOPIC


def fold(text: str) -> str:
    """`text` without what does not matter in a comparison: case, white space, the shape of quotation marks, Markdown
    emphasis (`*`, `_`, `<u>`) and list markers at the beginning of a line. "- The  *“Moon”*" becomes `the "moon"`.
    """
    plain = EMPHASIS.sub("", unicodedata.normalize("NFC", text)).translate(QUOTATION_MARKS)
    return " ".join(LIST_MARKER.sub("", plain).casefold().split())


def read_questions(path: Path) -> list[Question]:
    """The questions of a JSON Lines file, in order.

    Raises `BadFile`, naming file and line, for a row that is not as the contract says or an id that is given twice;
    `OSError` when the file cannot be read.
    """
    seen: dict[str, str] = {}
    questions = []
    for place, row in read_rows(path):
        try:
            question = _question(row)
        except ValueError as error:
            raise BadFile(f"{place}: {error}") from error
        if question.id in seen:
            raise BadFile(f"{place}: the id {question.id!r} stands already in {seen[question.id]}; ids must differ.")
        seen[question.id] = place
        questions.append(question)
    return questions


def check_against(questions: Iterable[Question], documents: Sequence[Document]) -> list[str]:
    """What keeps a right answer from being recognised, a line each: what is unchecked, what the documents lack of the set."""
    texts = [fold(document.text) for document in documents]
    pages = {(document.name, page.number) for document in documents for page in document.pages}
    problems = []
    for q in questions:
        if q.candidate:
            problems.append(f"{q.id}: this is a candidate that nobody has checked; check it, then remove `candidate`.")
        for missing in (e for e in q.evidence if not any(fold(e) in text for text in texts)):
            problems.append(f"{q.id}: this evidence is not in the documents: {_start(missing)}")
        for group in q.answer:
            if not any(fold(way) in text for way in group for text in texts):
                problems.append(
                    f"{q.id}: no string of this group of `answer` is in the documents: {_start(str(list(group)))}"
                )
        if not q.evidence:
            problems += [
                f"{q.id}: there is no page {n} of {name} in the index." for name, n in q.pages if (name, n) not in pages
            ]
    return problems


def _start(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else flat[:79] + "…"


def _question(row: dict[str, Any]) -> Question:
    groups, pages = row.get("answer") or [], row.get("pages") or []
    if not isinstance(groups, list) or not all(isinstance(group, list) and group for group in groups):
        raise ValueError("`answer` must be a list of groups, each a list of one or more strings.")
    if not isinstance(pages, list) or not all(_is_page(page) for page in pages):
        raise ValueError('`pages` must be a list of ["file name", physical page from 1].')
    question = Question(
        id=_string(row, "id"),
        question=_string(row, "question"),
        history=_strings(row.get("history") or [], "history"),
        type=_string(row, "type") if row.get("type") is not None else NO_TYPE,
        evidence=_strings(row.get("evidence") or [], "evidence"),
        answer=tuple(_strings(group, "answer") for group in groups),
        pages=tuple((name, number) for name, number in pages),
        candidate=bool(row.get("candidate")),
    )
    if question.answer and not question.answerable:
        raise ValueError("it has `answer` but neither `evidence` nor `pages`, so that refusing would be right.")
    return question


def _string(row: dict[str, Any], field: str) -> str:
    if field not in row:
        raise ValueError(f"`{field}` is missing.")
    return _strings([row[field]], field)[0]


def _strings(values: Any, field: str) -> tuple[str, ...]:
    # A string that folds to nothing would stand in every text.
    if not isinstance(values, list) or not all(isinstance(v, str) and fold(v) for v in values):
        raise ValueError(f"`{field}` must hold only strings with something in them.")
    return tuple(values)


def _is_page(page: Any) -> bool:
    return (
        isinstance(page, list)
        and len(page) == 2
        and isinstance(page[0], str)
        and type(page[1]) is int  # True is an int to isinstance
        and page[1] >= 1
    )
