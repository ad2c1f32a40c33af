"""`python -m eval import-feedback`: feedback becomes candidate questions, and a bad line costs only itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.questions import check_against, read_questions
from ingest.document import Document

QUOTE = "The GER 2024 was published in August 2024 as a result of the effort of the entire ISECG community."


def said(verdict: str, question: str = "When was it published?", quote: str = QUOTE, **more: Any) -> str:
    citations = [{"quote": quote}] if quote else []
    return json.dumps({"verdict": verdict, "question": question, "citations": citations, **more})


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*lines: str, ends: str = "\n") -> tuple[int, list[dict[str, Any]], str]:
        (tmp_path / "feedback.jsonl").write_text("\n".join(lines) + ends, "utf-8")
        out = tmp_path / "candidates.jsonl"
        code = main(["import-feedback", str(tmp_path / "feedback.jsonl"), "--out", str(out)])
        written = [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []
        return code, written, capsys.readouterr().err.replace(f"{tmp_path}/", "")

    return run


def test_a_yes_gives_its_quotes_as_evidence_and_a_no_gives_none(run: Any, tmp_path: Path, report: Document) -> None:
    code, written, err = run(
        said("up", history=["What is the GER?"]),
        said("down", "Who wrote it?", reason="beside", comment="The group\nthat wrote it."),
        said("up", "Is there lasagne?", quote="", reason="unsaid"),
    )
    assert (code, err) == (0, "")
    assert [(row["question"], row["history"], row["evidence"]) for row in written] == [
        ("When was it published?", ["What is the GER?"], [QUOTE]),
        ("Who wrote it?", [], []),
        ("Is there lasagne?", [], []),
    ]
    check = "Check the question and its evidence, then remove `candidate` and `note`. 1 said: "
    assert [row["note"] for row in written] == [
        f"{check}up, of the answer “{QUOTE}”.",
        f"{check}down (beside), “The group that wrote it.”, of the answer “{QUOTE}”.",
        f"{check}up (unsaid), of the refusal.",
    ]
    questions = read_questions(tmp_path / "candidates.jsonl")
    assert all(question.candidate for question in questions)
    assert check_against(questions, [report]) == [
        f"{row['id']}: this is a candidate that nobody has checked; check it, then remove `candidate`."
        for row in written
    ]


def test_the_same_question_is_one_candidate_and_doubt_takes_its_evidence(run: Any) -> None:
    _, written, _ = run(
        said("up"),
        said("up", "when was  it PUBLISHED?", quote="In August 2024."),
        said("up", "Who wrote it?"),
        said("down", "Who wrote it?"),
        said("up", history=["What is the GER?"]),
    )
    assert [(row["question"], row["evidence"]) for row in written] == [
        ("When was it published?", [QUOTE, "In August 2024."]),
        ("Who wrote it?", []),
        ("When was it published?", [QUOTE]),
    ]
    assert len({row["id"] for row in written}) == 3
    assert "2 said: up, of the answer “The GER" in written[1]["note"]


def test_ids_stay_the_same_from_run_to_run(run: Any, tmp_path: Path) -> None:
    _, first, _ = run(said("up"))
    (tmp_path / "candidates.jsonl").unlink()
    _, second, _ = run(said("down", "Who?"), said("up"))
    assert second[1]["id"] == first[0]["id"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("[1]", "must be a JSON object, and is list."),
        ("{not json", "not JSON in UTF-8 (Expecting property name"),
        (said("sideways"), "`verdict` must be 'up' or 'down', and is 'sideways'."),
        (said("up", " ** "), "`question` must be a string with something in it."),
        (said("up", history="x"), "`history` must be a list."),
        (said("up", history=[""]), "`history` must be a string with something in it."),
        (said("up", comment=3), "`comment` must be a string."),
        ('{"verdict": "up", "question": "Why?", "citations": [{}]}', "`citations` must be a string with something"),
        ('{"verdict": "up", "question": "Why?", "citations": 1}', "`citations` must be a list of objects."),
        ("[" * 100_000, "left out"),
    ],
)
def test_a_bad_line_is_named_and_costs_only_itself(run: Any, line: str, why: str) -> None:
    code, written, err = run(said("up"), line, "", said("up", "Who?"))
    assert (code, len(written)) == (1, 2)
    assert err.startswith("feedback.jsonl, line 2: left out: ")
    assert why in err


def test_a_line_that_was_cut_short_is_named_as_such(run: Any) -> None:
    code, written, err = run(said("up"), said("up", "Who?")[:40], ends="")
    assert (code, len(written)) == (1, 1)
    assert err == (
        "feedback.jsonl, line 2: left out: the line is cut short. The chat was stopped while writing it, before it said"
        " that it was noted.\n"
    )


def test_without_a_usable_line_nothing_is_written(run: Any) -> None:
    assert run("{}") == (
        2,
        [],
        "feedback.jsonl holds no feedback. feedback.jsonl, line 1: left out: `question` must be a string with something in it.\n",
    )


def test_what_a_person_may_have_edited_is_not_overwritten(run: Any, tmp_path: Path) -> None:
    (tmp_path / "candidates.jsonl").write_text('{"mine": 1}\n')
    code, written, err = run(said("up"))
    assert (code, written) == (2, [{"mine": 1}])
    assert err == "candidates.jsonl is there already, perhaps with your changes; name another with --out.\n"


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import-feedback", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'none'}: No such file or directory.\n"
