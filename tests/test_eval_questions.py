"""Question sets: what is read, what is refused and how it is said, and how texts are folded."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.jsonl import BadFile
from eval.questions import Question, check_against, fold, read_questions
from ingest.document import Document, Page

TEXT = "ISECG has\n27 members.\n\n- Open and “inclusive”\n  - Consultation is considered.\n"
REPORT = Document("report.pdf", "0" * 64, "Report", None, TEXT, (Page(1, "i", 0, 21), Page(2, "1", 21, len(TEXT))), ())


def write(path: Path, *rows: dict[str, Any] | str) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def test_a_full_row_and_a_bare_one(tmp_path: Path) -> None:
    full = {
        "id": "q1",
        "question": "How many?",
        "history": ["Who is in it?"],
        "type": "fact",
        "evidence": ["27 members"],
        "answer": [["27", "twenty-seven"], ["members"]],
        "pages": [["report.pdf", 1]],
        "note": "a field of the writer's own",
    }
    bare = {"id": "q2", "question": "Why?", "evidence": None}
    questions = read_questions(write(tmp_path / "set.jsonl", full, "", bare))
    assert questions == [
        Question(
            id="q1",
            question="How many?",
            history=("Who is in it?",),
            type="fact",
            evidence=("27 members",),
            answer=(("27", "twenty-seven"), ("members",)),
            pages=(("report.pdf", 1),),
        ),
        Question(id="q2", question="Why?", type="(none)"),
    ]
    assert [q.answerable for q in questions] == [True, False]


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_read(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "a", "question": "A?"}\r\n{"id": "b", "question": "B\xc3\xa9?"}\r\n')
    assert [q.question for q in read_questions(path)] == ["A?", "Bé?"]


def test_near_misses_are_the_unanswerable_that_are_not_off_topic() -> None:
    kinds = [("absent", ()), ("off_topic", ()), ("absent", ("evidence",))]
    assert [Question("q", "?", type=t, evidence=e).near_miss for t, e in kinds] == [True, False, False]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{not json", "not JSON in UTF-8"),
        ("[1]", "must be a JSON object, and is list"),
        ('{"id": "a", "question": "\\ud800"}', "not JSON in UTF-8"),
        ("[" * 100_000, "not JSON in UTF-8"),
        ({"question": "Q?"}, "`id` is missing"),
        ({"id": "a"}, "`question` is missing"),
        ({"id": 7, "question": "Q?"}, "`id` must hold only strings"),
        ({"id": "a", "question": "  "}, "`question` must hold only strings"),
        ({"id": "a", "question": "Q?", "history": "Earlier?"}, "`history` must hold only strings"),
        ({"id": "a", "question": "Q?", "type": 3}, "`type` must hold only strings"),
        ({"id": "a", "question": "Q?", "evidence": ["**"]}, "`evidence` must hold only strings with something in them"),
        ({"id": "a", "question": "Q?", "evidence": ["e"], "answer": ["27"]}, "`answer` must be a list of groups"),
        ({"id": "a", "question": "Q?", "evidence": ["e"], "answer": [[]]}, "`answer` must be a list of groups"),
        ({"id": "a", "question": "Q?", "answer": [["27"]]}, "neither `evidence` nor `pages`"),
        ({"id": "a", "question": "Q?", "pages": [["report.pdf", 0]]}, "`pages` must be a list"),
        ({"id": "a", "question": "Q?", "pages": [["report.pdf", True]]}, "`pages` must be a list"),
    ],
)
def test_a_bad_row_is_named_with_file_and_line(tmp_path: Path, row: dict[str, Any] | str, said: str) -> None:
    path = write(tmp_path / "set.jsonl", {"id": "good", "question": "Q?"}, row)
    with pytest.raises(BadFile) as caught:
        read_questions(path)
    assert str(caught.value).startswith(f"{path}, line 2: ")
    assert said in str(caught.value)


def test_an_id_given_twice_is_refused_and_both_lines_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "set.jsonl", *({"id": id_, "question": "Q?"} for id_ in "aba"))
    with pytest.raises(BadFile, match=r"line 3: the id 'a' stands already in .*line 1"):
        read_questions(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="is empty"):
        read_questions(write(tmp_path / "set.jsonl", "", "  "))


def test_bytes_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_bytes(b'{"id": "a", "question": "caf\xe9"}')
    with pytest.raises(BadFile, match="line 1: not JSON in UTF-8"):
        read_questions(tmp_path / "set.jsonl")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("The  Moon\n and\u00a0Mars", "the moon and mars"),
        ("“Benefits” ‘of’ «space» it’s", '"benefits" \'of\' "space" it\'s'),
        ("a *very* **bold** _plan_ with <u>Terms</u>", "a very bold plan with terms"),
        ("- Open\n  - o Existing\n • Effective", "open existing effective"),
        ("**- Open**", "open"),
        ("well-known - a dash - stays; o, too", "well-known - a dash - stays; o, too"),
        ("Cafe\u0301 STRASSE Straße", "café strasse strasse"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_evidence_that_the_documents_hold_in_other_dress_is_found() -> None:
    evidence = ("isecg has 27 *members*", '- Open and "inclusive"\n - o Consultation is considered.')
    assert check_against([Question("q", "?", evidence=evidence, answer=(("27",),))], [REPORT]) == []


def test_what_the_documents_lack_is_named_by_id() -> None:
    questions = [
        Question("q1", "?", evidence=("ISECG has 28 members.", "27 members")),
        Question("q2", "?", evidence=("27 members",), answer=(("27",), ("28", "twenty-eight"))),
        Question("q3", "?", pages=(("report.pdf", 2), ("report.pdf", 3), ("other.pdf", 1))),
        Question(
            "q4", "?", evidence=("27 members",), pages=(("report.pdf", 99),)
        ),  # pages do not count beside evidence
    ]
    assert check_against(questions, [REPORT]) == [
        "q1: this evidence is not in the documents: ISECG has 28 members.",
        "q2: no string of this group of `answer` is in the documents: ['28', 'twenty-eight']",
        "q3: there is no page 3 of report.pdf in the index.",
        "q3: there is no page 1 of other.pdf in the index.",
    ]
