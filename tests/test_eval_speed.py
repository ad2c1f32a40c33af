"""`python -m eval speed` and the invented reports that it measures with."""

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.invented import questions, write_report
from ingest.corpus import file_hash, read_document


def test_an_invented_report_is_the_same_each_time_and_as_long_as_wanted(tmp_path: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        write_report(tmp_path / name, 7, 3)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    document = read_document(tmp_path / "one.pdf", file_hash(tmp_path / "one.pdf"))
    assert (len(document.pages), document.year) == (3, 1957)
    assert len(document.sections) > 2
    assert "Harbour Union Annual Report 1957" not in document.text  # the running header
    write_report(tmp_path / "two.pdf", 8, 3)
    assert (tmp_path / "one.pdf").read_bytes() != (tmp_path / "two.pdf").read_bytes()
    assert len(set(questions(7, 5))) == 5
    assert list(questions(7, 5)) == list(questions(7, 5))


def test_what_one_more_report_costs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed", "--reports", "2", "--pages", "1", "--reader", "none", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    runs = {run["name"]: run for run in row["runs"]}
    assert [run["pages"] for run in row["runs"]] == [2, 1, 0, 1]
    assert 0 < runs["one more report"]["texts"] <= runs["that one alone"]["texts"]  # only what is new is embedded
    assert runs["nothing new"]["embedding"] == runs["nothing new"]["reading"] == 0
    assert row["ratio"] == runs["one more report"]["cpu"] / runs["that one alone"]["cpu"]
    assert row["index_bytes"] > 0
    assert row["memory"] > 10_000_000
    assert len(row["questions"]) == 10


@pytest.mark.parametrize("arguments", [["--reports", "0"], ["--pages", "x"], ["--model", "no-such-model"]])
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: object = main(["speed", *arguments])
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert "Traceback" not in capsys.readouterr().err
