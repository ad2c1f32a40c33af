"""Predictions files: read back in the questions' order; what does not fit them is refused by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.jsonl import BadFile, write_rows
from eval.predictions import Found, Prediction, Quote, read_predictions
from eval.questions import Question

QUESTIONS = [Question("a", "A?"), Question("b", "B?")]


def row(id_: str, **changes: Any) -> dict[str, Any]:
    citation = {
        "document": "r.txt",
        "sha256": "0" * 64,
        "page": None,
        "start": 5,
        "end": 9,
        "quote": "Moon",
        "title": "R",
    }
    passage = {"document": "r.txt", "page": None, "start": 0, "end": 10, "text": "The Moon é.", "score": 0.8}
    full = {
        "id": id_,
        "answered": True,
        "text": "Moon",
        "confidence": 1,
        "refusal": None,
        "citations": [citation],
        "passages": [passage],
        "seconds": 0.25,
    }
    return full | changes


def test_rows_come_back_typed_and_in_the_order_of_the_questions(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    write_rows(path, [row("b"), row("a", answered=False, citations=[], passages=[], confidence=0.5)])
    assert read_predictions(path, QUESTIONS) == [
        Prediction("a", False, "Moon", 0.5, (), (), 0.25),
        Prediction(
            id="b",
            answered=True,
            text="Moon",
            confidence=1.0,
            citations=(Quote("r.txt", "0" * 64, None, 5, 9, "Moon"),),
            passages=(Found("r.txt", 0, 10, "The Moon é."),),
            seconds=0.25,
        ),
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answered": 1}, "`answered` must be there, as bool"),
        ({"text": None}, "`text` must be there, as str"),
        ({"confidence": True}, "`confidence` must be there, as int or float"),
        ({"confidence": 1.5}, "`confidence` must lie between 0 and 1, and is 1.5"),
        ({"confidence": float("nan")}, "`confidence` must lie between 0 and 1"),
        ({"seconds": -1}, "`seconds` must lie between 0"),
        ({"citations": [{"document": "r.txt"}]}, "`sha256` must be there, as str"),
        ({"citations": ["Moon"]}, "`document` must be there, as str"),
        ({"passages": "none"}, "`passages` must be there, as list"),
    ],
)
def test_a_row_that_is_not_as_agreed_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps(row("a")) + "\n" + json.dumps(row("b", **changes)), "utf-8")
    with pytest.raises(BadFile) as caught:
        read_predictions(path, QUESTIONS)
    assert str(caught.value).startswith(f"{path}, line 2: {said}")


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["a"], "has no answer to b"),
        (["a", "b", "c", "d", "e", "f", "g", "h"], "answers what was not asked: c, d, e, f, g and 1 more"),
        (["a", "b", "a"], "line 3: the id 'a' is given twice"),
    ],
)
def test_rows_for_other_questions_than_those_asked_are_refused(tmp_path: Path, ids: list[str], said: str) -> None:
    write_rows(tmp_path / "p.jsonl", [row(id_) for id_ in ids])
    with pytest.raises(BadFile) as caught:
        read_predictions(tmp_path / "p.jsonl", QUESTIONS)
    assert said in str(caught.value)
