"""SQuAD 2.0: files are read as they are published, and scores are those of the official script."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.jsonl import BadFile
from eval.squad import SquadQuestion, exact_match, normalise, read_squad, token_f1

CONTEXT = "The Moon is 384,400 km away."
ANSWERS = [{"text": "384,400 km", "answer_start": 12}, {"text": "384,400", "answer_start": 12}]
FILE: dict[str, Any] = {
    "version": "v2.0",
    "data": [
        {
            "title": "Moon",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {"id": "1", "question": "How far?", "answers": ANSWERS, "is_impossible": False},
                        {"id": "2", "question": "How old?", "answers": [], "is_impossible": True},
                        {"id": "3", "question": "How heavy?", "answers": ANSWERS, "is_impossible": True},
                    ],
                }
            ],
        }
    ],
}
READ = [
    SquadQuestion("1", "Moon", "How far?", CONTEXT, (("384,400 km", 12), ("384,400", 12))),
    SquadQuestion("2", "Moon", "How old?", CONTEXT, ()),
    SquadQuestion("3", "Moon", "How heavy?", CONTEXT, ()),
]


def test_a_file_is_read_plain_and_compressed(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(json.dumps(FILE), "utf-8")
    (tmp_path / "f.json.gz").write_bytes(gzip.compress(json.dumps(FILE).encode()))
    assert read_squad(tmp_path / "f.json") == READ
    assert read_squad(tmp_path / "f.json.gz") == READ


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.json", json.dumps(FILE).replace('"How old?"', "3").encode()),
        ("f.json", b"{}"),
        ("f.json", b"[]"),
        ("f.json", b"not json"),
        ("f.json", b'{"data": []}'),
        ("f.json", b"[" * 100_000),
        ("f.json.gz", b"not gzip"),
        ("f.json.gz", gzip.compress(json.dumps(FILE).encode())[:-20]),
        ("f.json.gz", gzip.compress(b"x" * 100)[:12] + b"\xff" * 20),
    ],
)
def test_what_is_not_such_a_file_is_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFile, match=name):
        read_squad(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("The  Moon,\na rock!", "moon rock"),
        ("an apple and the theatre", "apple and theatre"),
        ("U.S. $1,000", "us 1000"),
        ("well-known", "wellknown"),  # as the official script: punctuation goes, nothing takes its place
        ("“Moon”", "“moon”"),  # it knows ASCII punctuation only
        ("the", ""),
    ],
)
def test_normalisation(text: str, normalised: str) -> None:
    assert normalise(text) == normalised


@pytest.mark.parametrize(
    ("answer", "gold", "exact", "f1"),
    [
        ("the Moon.", ["moon"], 1, 1),
        ("the cold Moon", ["Moon rock"], 0, 0.5),  # 1 shared of 2 and 2: P = R = 1/2
        ("Moon rock from Apollo", ["rock", "Moon rock"], 0, 2 / 3),  # against the second: P = 2/4, R = 2/2
        ("a a a", ["the"], 1, 1),  # both normalise to nothing
        ("moon moon", ["moon"], 0, 2 / 3),  # a word counts as often as both have it: P = 1/2, R = 1
        ("", [], 1, 1),
        ("Moon", [], 0, 0),
        ("", ["Moon"], 0, 0),
        ("", ["the", "Moon"], 0, 0),  # a gold answer that normalises to nothing is left out
    ],
)
def test_scores(answer: str, gold: list[str], exact: float, f1: float) -> None:
    assert exact_match(answer, gold) == exact
    assert token_f1(answer, gold) == pytest.approx(f1)


@given(st.text("ab the.", max_size=12), st.lists(st.text("ab the.", max_size=12), max_size=3))
def test_an_exact_match_has_f1_1_and_no_f1_exceeds_1(answer: str, gold: list[str]) -> None:
    f1 = token_f1(answer, gold)
    assert 0 <= f1 <= 1
    if exact_match(answer, gold):
        assert f1 == 1
