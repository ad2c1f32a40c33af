"""Predictions: what a run answered, as rows of the contract and as typed objects; questions.py holds what was asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.jsonl import BadFile, read_rows
from eval.questions import Question


@dataclass(frozen=True)
class Quote:
    """A citation: `quote` is said to be the text of `document`, whose file has this `sha256`, from `start` to `end`."""

    document: str
    sha256: str
    page: int | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class Found:
    """A passage that the search brought up: `text` is the document's from `start` to `end`."""

    document: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Prediction:
    """One answer or refusal; `confidence` in [0, 1], `passages` best first, `seconds` the time that it took."""

    id: str
    answered: bool
    text: str
    confidence: float
    citations: tuple[Quote, ...]
    passages: tuple[Found, ...]
    seconds: float


def parse(row: dict[str, Any]) -> Prediction:
    """A row of the contract as a Prediction; raises `ValueError` saying what is missing or of the wrong kind."""
    return Prediction(
        id=_get(row, "id", str),
        answered=_get(row, "answered", bool),
        text=_get(row, "text", str),
        confidence=_number(row, "confidence", most=1),
        citations=tuple(
            Quote(
                document=_get(citation, "document", str),
                sha256=_get(citation, "sha256", str),
                page=_get(citation, "page", int, type(None)),
                start=_get(citation, "start", int),
                end=_get(citation, "end", int),
                quote=_get(citation, "quote", str),
            )
            for citation in _get(row, "citations", list)
        ),
        passages=tuple(
            Found(_get(p, "document", str), _get(p, "start", int), _get(p, "end", int), _get(p, "text", str))
            for p in _get(row, "passages", list)
        ),
        seconds=_number(row, "seconds", most=1e9),
    )


def read_predictions(path: Path, questions: Sequence[Question]) -> list[Prediction]:
    """The predictions of a JSON Lines file in the order of `questions`.

    Raises `BadFile` when a row is not as the contract says, an id is given twice, or the ids are not those of
    `questions` (one that was left out would not count); `OSError` when the file cannot be read.
    """
    by_id: dict[str, Prediction] = {}
    for place, row in read_rows(path):
        try:
            prediction = parse(row)
        except ValueError as error:
            raise BadFile(f"{place}: {error}") from error
        if prediction.id in by_id:
            raise BadFile(f"{place}: the id {prediction.id!r} is given twice.")
        by_id[prediction.id] = prediction
    asked = {q.id for q in questions}
    for ids, what in (
        (asked - by_id.keys(), "has no answer to"),
        (by_id.keys() - asked, "answers what was not asked:"),
    ):
        if ids:
            raise BadFile(f"{path} {what} {_some(sorted(ids))}; name the question set it was made with by --questions.")
    return [by_id[q.id] for q in questions]


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")


def _number(row: Any, field: str, most: float) -> float:
    value = _get(row, field, int, float)
    if not 0 <= value <= most:  # false for NaN too
        raise ValueError(f"`{field}` must lie between 0 and {most:g}, and is {value}.")
    return float(value)


def _get(row: Any, field: str, *kinds: type) -> Any:
    value = row.get(field) if isinstance(row, dict) else None
    if type(value) not in kinds:  # not isinstance: True is no number here
        wanted = " or ".join("null" if kind is type(None) else kind.__name__ for kind in kinds)
        raise ValueError(f"`{field}` must be there, as {wanted}.")
    return value
