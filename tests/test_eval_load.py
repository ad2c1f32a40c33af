"""Many people at once, briefly: a real server, what is counted, and what is printed; a server that does not start."""

import json
import re
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.load import Load


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    asked = ("When was the Global Exploration Roadmap 2024 published?", "What is the best recipe for a lasagne?")
    path.write_text("".join(f"{json.dumps({'id': str(n), 'question': q})}\n" for n, q in enumerate(asked)), "utf-8")
    return path


def test_two_people_ask_a_real_server_and_the_figures_are_printed(
    built_index: Path, questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--index", str(built_index), "--people", "2", "--minutes", "0.05", "--pause", "0.1"]
    assert main(["load", str(questions), *options]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    number = r"\d+(?:\.\d+)?"
    assert re.fullmatch(
        rf"2 people for 3 s: \d+ answers \({number} a second\), 0 errors\n"
        rf"seconds to an answer: median {number}, 95th percentile {number}, 99th {number}, most {number}\n"
        r"memory of the server after each fifth of the time: \d+, \d+, \d+, \d+, \d+ MB\n"
        rf"processor time of the server: {number} s an answer\n"
        rf"load average of the machine at the end: {number} on \d+ cores\n",
        out,
    ), out
    assert int(out.split()[5]) > 0


def test_a_server_that_does_not_start_is_its_own_sentence(
    tmp_path: Path, questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["load", str(questions), "--index", str(tmp_path / "none"), "--minutes", "0.01"]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == (
        "",
        f"There is no index in {tmp_path / 'none'}; make it with: python -m ingest --index {tmp_path / 'none'}\n",
    )


def test_errors_are_counted_and_no_answer_is_no_figure() -> None:
    figures = Load(3, 10.0, errors=["a", "b", "c", "d"]).to_dict()
    assert (figures["answers"], figures["errors"], figures["first_errors"]) == (0, 4, ["a", "b", "c"])
    assert (figures["p95"], figures["memory"], figures["cpu_per_answer"]) == (None, [], None)
    figures = Load(1, 4.0, waited=[1.0, 2.0, 3.0], memory=[5.0, 7.0, 7.5, 8.0, 8.5, 8.8, 9.0], cpu=[1.0, 1.6]).to_dict()
    assert (figures["p50"], figures["most"], figures["answers_per_second"]) == (2.0, 3.0, 0.75)
    assert (figures["memory"], figures["cpu_per_answer"]) == ([5.0, 7.0, 8.0, 8.5, 9.0], 0.2)
