"""The command itself, from a question set to figures, on a small report with an index of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from index.build import update
from index.embed import SentenceEncoder

ROOT = Path(__file__).parent.parent
TEXT = """# Harbour Group Annual Report 2024

## Membership

At the end of 2024, the Harbour Group counted 31 member ports. Membership is open to every port on the northern coast.

## Lighthouses

The Lighthouse Team repaired nine lighthouses in 2024. Its next meeting takes place in Tromsø in May 2025.
"""
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "members",
        "question": "How many member ports did the Harbour Group count at the end of 2024?",
        "type": "fact",
        "evidence": ["the Harbour Group counted 31 member ports"],
        "answer": [["31"]],
    },
    {
        "id": "meeting",
        "question": "Where does the next meeting of the Lighthouse Team take place?",
        "type": "fact",
        "evidence": ["Its next meeting takes place in Tromsø in May 2025."],
        "answer": [["Tromsø"]],
    },
    {"id": "france", "question": "What is the capital of France?", "type": "off_topic"},
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Path:
    folder = tmp_path_factory.mktemp("harbour")
    (folder / "harbour.md").write_text(TEXT, "utf-8")
    update(folder / "index", [folder / "harbour.md"], encoder)
    return folder / "index"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, QUESTIONS)), "utf-8")
    return path


def test_a_question_set_is_scored_and_the_files_are_written(
    index: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "report"
    saved = tmp_path / "other" / "run.jsonl"
    argv = [str(questions), "--index", str(index), "--reader", "none"]
    argv += ["--report", str(folder), "--predictions", str(saved)]
    assert main(argv) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.startswith("set.jsonl: 3 questions, 2 answerable, 1 not (0 of these near misses)\n")
    report, written = printed.out.split("\n\nWritten: ")
    assert max(map(len, report.split("\n"))) <= 100
    assert written == f"{folder / 'report.md'}, report.json and predictions.jsonl beside it.\n"
    for shown in ("first sentence", "always refuse", "BM25 alone", "dense alone", "recall@5", "MRR@10", "nDCG@10"):
        assert shown in printed.out

    rows = [json.loads(line) for line in saved.read_text("utf-8").split("\n")[:-1]]
    assert [row["id"] for row in rows] == ["members", "meeting", "france"]
    assert (folder / "predictions.jsonl").read_bytes() == saved.read_bytes()
    assert (folder / "report.md").read_text("utf-8").startswith("# Evaluation\n")

    figures = json.loads((folder / "report.json").read_text("utf-8"))
    assert set(figures["answers"]) == {"assistant", "first sentence", "always refuse"}
    assert figures["answers"]["first sentence"]["right_answers"]["value"] == 0.5  # 31 stands in a first sentence
    assert figures["answers"]["always refuse"]["right_refusals"]["value"] == 1.0
    assert figures["answers"]["first sentence"]["right_refusals"]["value"] == 0.0
    assert figures["answers"]["assistant"]["exact_quotes"]["value"] in (1.0, None)
    assert set(figures["retrieval"]) == {"assistant", "fused", "BM25 alone", "dense alone"}
    assert {scores["recall_3"]["value"] for scores in figures["retrieval"].values()} == {1.0}  # there are two passages
    assert figures["count"] == 3


def test_a_set_that_does_not_fit_the_documents_is_scored_but_named(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"id": "ferries", "question": "How many ferries are there?", "evidence": ["There are twelve ferries."]}
    (tmp_path / "set.jsonl").write_text(json.dumps(row), "utf-8")
    assert main([str(tmp_path / "set.jsonl"), "--index", str(index), "--reader", "none"]) == 1
    printed = capsys.readouterr()
    assert printed.err == "ferries: this evidence is not in the documents: There are twelve ferries.\n"
    assert "recall@5" in printed.out


def test_a_question_that_cannot_be_asked_is_named(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "set.jsonl").write_text(json.dumps({"id": "long", "question": "Why? " * 1000}), "utf-8")
    assert main([str(tmp_path / "set.jsonl"), "--index", str(index), "--reader", "none"]) == 2
    assert capsys.readouterr().err.startswith("long: this question cannot be asked: ")


@pytest.mark.parametrize("command", [[], ["compare", "a", "b", "--questions"], ["reader"]])
def test_a_missing_file_is_named(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "missing.jsonl")
    assert main([*command, missing]) == 2
    assert capsys.readouterr().err == f"{missing}: No such file or directory.\n"


def test_an_index_that_is_not_there_is_named(
    questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(questions), "--index", str(tmp_path / "none")]) == 2
    assert f"There is no index in {tmp_path / 'none'}" in capsys.readouterr().err


def test_two_saved_runs_are_compared(
    index: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run.jsonl"
    assert main([str(questions), "--index", str(index), "--reader", "none", "--predictions", str(run)]) == 0
    rows = [json.loads(line) for line in run.read_text("utf-8").split("\n")[:-1]]
    rows[0] |= {"answered": True, "text": "31 member ports"}
    rows[2] |= {"answered": True, "text": "Paris"}
    other = tmp_path / "other.jsonl"
    other.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    capsys.readouterr()
    assert main(["compare", str(other), str(other), "--questions", str(questions)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"A: {other}\nB: {other}\n")
    assert "right in A, wrong in B: 0" in printed
    other.write_text(json.dumps(rows[0]), "utf-8")
    assert main(["compare", str(run), str(other), "--questions", str(questions)]) == 2
    assert "has no answer to france, meeting" in capsys.readouterr().err


@pytest.mark.parametrize("command", [[], ["compare"], ["reader"]])
def test_help_needs_no_heavy_import(command: list[str]) -> None:
    script = (
        "import sys\nfrom eval.__main__ import main\ntry:\n    main(sys.argv[1:])\nfinally:\n"
        "    print(sorted({'numpy', 'faiss', 'torch', 'ir_measures', 'sklearn'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command, "--help"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert done.stdout.startswith(" ".join(["usage: python -m eval", *command]))


def test_a_terminal_that_knows_ascii_only_gets_a_report_too(index: Path, questions: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eval", str(questions), "--index", str(index), "--reader", "none"],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"recall@5" in done.stdout


def test_wrong_usage_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["compare", "only-one.jsonl"])
    assert caught.value.code == 2
    assert "required: B" in capsys.readouterr().err
