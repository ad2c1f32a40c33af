"""`python -m answer` and `python -m answer verify`: exit codes, what is printed where, and what is not imported."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from test_ingest_main import run_light

from answer.__main__ import describe, main
from answer.pipeline import Assistant
from answer.weights import NO_WEIGHTS
from index.embed import SentenceEncoder

QUESTION = "When was the GER 2024 published?"
PANCAKES = "What is the best recipe for pancakes?"


def ask(folder: Path, *arguments: str) -> int:
    return main(["--index", str(folder), "--reader", "none", *arguments])


def saved(folder: Path, capsys: pytest.CaptureFixture[str], question: str = QUESTION) -> dict[str, Any]:
    assert ask(folder, "--json", question) == 0
    done = capsys.readouterr()
    assert done.err == ""
    row: dict[str, Any] = json.loads(done.out)
    return row


# Answers


def test_an_answer_in_the_terminal(built_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(built_index, QUESTION) == 0
    done = capsys.readouterr()
    assert done.err == ""
    assert "“The GER 2024 was published in August 2024 as a result of the effort" in done.out
    assert (
        "[1] 2024 Annual Report, Highlights, Achievements, and Special Projects in 2024 >"
        " The 2024 Global Exploration Roadmap, section from p. 4" in done.out
    )


def test_a_refusal_in_the_terminal_names_the_nearest(built_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(built_index, PANCAKES) == 0
    out = capsys.readouterr().out
    assert out.startswith("The reports do not say.\nNo passage answers this surely enough: ")
    assert out.split("Nearest:\n")[1].count("  2024 Annual Report, ") == 3


def test_an_answer_as_json_is_the_contract_s(built_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = saved(built_index, capsys)
    assert (row["question"], row["answered"], row["refusal"]) == (QUESTION, True, None)
    assert row["citations"][0]["quote"] in row["text"]
    assert len(row["passages"]) == 10
    refused = saved(built_index, capsys, PANCAKES)
    assert (refused["answered"], refused["citations"], refused["text"]) == (False, [], "The reports do not say.")


def test_earlier_turns_make_the_question_whole(built_index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    turns = ["--history", "Hello.", "--history", "What is the ISECG Annual Report?"]
    assert ask(built_index, *turns, "and who prepares it?") == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("Understood as: who prepares it")
    assert "ISECG Annual Report" in first


def test_every_quote_and_place_of_an_answer_is_described(built_index: Path, encoder: SentenceEncoder) -> None:
    answer = Assistant(built_index, encoder, None, NO_WEIGHTS).ask(QUESTION)
    text = describe(answer)
    assert answer.answered
    for number, citation in enumerate(answer.citations, 1):
        assert f"[{number}] {citation.title}" in text
        assert citation.quote.split()[0] in text


# What cannot be done


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["  "], "The question is empty; type one.\n"),
        (["a" * 501], "The question has 501 characters; at most 500 are read. Shorten it.\n"),
        (["--model", "no-such-model", "Why?"], "The embedding model 'no-such-model' is not on this machine; give a"),
        (["--reader", "no-such-reader", "Why?"], "no-such-reader"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence_and_code_2(
    built_index: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert ask(built_index, *arguments) == 2
    done = capsys.readouterr()
    assert done.out == ""
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_without_an_index_the_command_that_makes_one_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(tmp_path / "none", QUESTION) == 2
    none = tmp_path / "none"
    assert capsys.readouterr() == ("", f"There is no index in {none}; make it with: python -m ingest --index {none}\n")


def test_the_folder_of_the_index_can_come_from_the_environment(
    built_index: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISECG_INDEX", str(built_index))
    assert main(["--reader", "none", QUESTION]) == 0
    assert "August 2024" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--help"], 0, "usage: python -m answer"),
        ([], 2, "the following arguments are required: question"),
        (["--nonsense", "Why?"], 2, "unrecognized arguments: --nonsense"),
        (["one", "two"], 2, "unrecognized arguments: two"),
        (["verify", "--help"], 0, "usage: python -m answer verify"),
        (["verify"], 2, "the following arguments are required: file"),
    ],
)
def test_help_and_wrong_usage_import_nothing_heavy(arguments: list[str], code: int, words: str) -> None:
    found, heavy, output = run_light("answer", *arguments)
    assert (found, heavy) == (code, [])
    assert words in output
    assert "Traceback" not in output


def test_ctrl_c_ends_the_command_without_a_traceback(built_index: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "answer", "--index", str(built_index), QUESTION],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        time.sleep(1)  # it is loading its models now
        command.send_signal(signal.SIGINT)
        _, err = command.communicate()
    assert "Traceback" not in err


# Verify


def verify(folder: Path, file: Path) -> int:
    return main(["verify", "--index", str(folder), str(file)])


def test_a_saved_answer_holds(built_index: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    row = saved(built_index, capsys)
    (tmp_path / "a.json").write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    assert verify(built_index, tmp_path / "a.json") == 0
    assert capsys.readouterr() == (f"{len(row['citations'])} quotes of 1 answers checked, 0 do not hold\n", "")


def test_an_altered_answer_does_not(built_index: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    row = saved(built_index, capsys)
    altered = json.loads(json.dumps(row).replace("August 2024", "August 2023"))
    lines = [json.dumps({**r, "id": f"q{n}"}) for n, r in enumerate([row, altered, row])]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    assert verify(built_index, tmp_path / "a.jsonl") == 1
    done = capsys.readouterr()
    assert "of 3 answers checked, 1 do not hold" in done.out
    assert done.err.startswith("q1: isecg-annual-report-2024.txt says 'The GER 2024 was published in August 2024")


def test_another_edition_of_the_report_is_not_the_one_that_was_cited(
    built_index: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    row = saved(built_index, capsys)
    row["citations"][0]["sha256"] = "0" * 64
    (tmp_path / "a.json").write_text(json.dumps(row), "utf-8")
    assert verify(built_index, tmp_path / "a.json") == 1
    assert "is not the file that was cited" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"{", b"[]", b'{"a": 1}'])
def test_what_is_no_saved_answer_is_one_sentence_and_code_2(
    built_index: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "a.json"
    if content is not None:
        file.write_bytes(content)
    assert verify(built_index, file) == 2
    done = capsys.readouterr()
    assert done.out == ""
    assert done.err.startswith(f"{file} ")
    assert len(done.err.splitlines()) == 1


def test_a_folder_is_no_saved_answer_and_no_index_is_no_check(
    built_index: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert verify(built_index, tmp_path) == 2
    assert capsys.readouterr().err == f"{tmp_path} cannot be read: Is a directory.\n"
    (tmp_path / "a.json").write_text('{"citations": []}')
    assert verify(tmp_path / "none", tmp_path / "a.json") == 2
    assert capsys.readouterr().err.startswith("There is no index in")
