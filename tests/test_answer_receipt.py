"""Receipts: the same bytes in two processes, everything in them checked, and none half written."""

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import REPORT, ROOT

from answer.__main__ import main
from answer.pipeline import Assistant
from answer.receipt import now, receipt, save, seal, to_json, to_markdown
from index.embed import SentenceEncoder
from ingest.document import Document

QUESTION = "When was the GER 2024 published?"
DATE = "2026-01-31T12:00:00Z"


@pytest.fixture(scope="module")
def record(built_index: Path, encoder: SentenceEncoder) -> dict[str, Any]:
    return receipt(Assistant(built_index, encoder).ask("and when?", [QUESTION]), DATE)


def verify(file: Path, *arguments: str | Path) -> int:
    return main(["verify", str(file), *map(str, arguments)])


# What it holds


def test_a_receipt_names_all_that_is_needed_to_check_it(record: dict[str, Any], report: Document) -> None:
    assert (record["question"], record["history"], record["date"]) == ("and when?", [QUESTION], DATE)
    assert record["understood_as"]
    (document,) = record["documents"]
    assert document["sha256"] == "b46d3f12ef0425d8b2a53ea3a3b1109dacc2192cc5a46bb67c8f920c9f36829b"
    assert document["text_sha256"] == report.text_sha256
    assert record["citations"][0]["quote"] in report.text
    assert {"index", "models", "versions", "sha256"} <= record.keys()
    assert record["models"]["reader"] is None
    assert record["versions"]["torch"].startswith("2.")


def test_the_seal_covers_everything_but_the_date(record: dict[str, Any]) -> None:
    assert seal(record | {"date": now()}) == record["sha256"]
    for field in record.keys() - {"date", "sha256"}:
        assert seal(record | {field: "other"}) != record["sha256"]


def test_the_same_question_gives_the_same_bytes_in_two_processes(built_index: Path, tmp_path: Path) -> None:
    for seed, date in (("1", DATE), ("2", DATE), ("3", "2027-02-01")):
        arguments = ["--index", str(built_index), QUESTION, "--receipt", str(tmp_path / f"{seed}.md"), "--date", date]
        command = [sys.executable, "-m", "answer", *arguments]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}, check=True)
    one, two, three = ((tmp_path / f"{seed}.md").read_text("utf-8") for seed in "123")
    assert one == two
    assert one != three
    assert one.replace(DATE, "2027-02-01") == three


# Checking it elsewhere


@pytest.mark.parametrize("kind", ["json", "md"])
def test_a_colleague_needs_only_the_report_and_the_receipt(
    record: dict[str, Any], kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"receipt.{kind}"
    save(file, to_json([record]) if kind == "json" else to_markdown([record]))
    (tmp_path / "there").mkdir()
    shutil.copy(REPORT, tmp_path / "there" / "renamed.txt")
    (tmp_path / "there" / "another.txt").write_text("Another report.", "utf-8")
    nowhere = tmp_path / "no-index"
    assert verify(file, "--index", nowhere, "--documents", tmp_path / "there") == 0
    count = len(record["citations"])
    assert capsys.readouterr() == (f"{count} quotes of 1 answers checked, 0 do not hold\n", "")
    (tmp_path / "there" / "renamed.txt").write_text("Another edition.", "utf-8")
    assert verify(file, "--index", nowhere, "--documents", tmp_path / "there") == 1
    assert "There is no document 'isecg-annual-report-2024.txt' at hand" in capsys.readouterr().err


def test_a_conversation_is_checked_whole(
    record: dict[str, Any], built_index: Path, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    refused = receipt(Assistant(built_index, encoder).ask("What is the best recipe for pancakes?"), DATE)
    for name, text in (
        ("c.json", to_json([record, refused])),
        ("c.md", to_markdown([record, refused])),
        ("mailed.md", "\ufeff" + to_markdown([record, refused]).replace("\n", " \r\n")),
    ):
        (tmp_path / name).write_bytes(text.encode())
        assert verify(tmp_path / name, "--index", built_index) == 0


ALTERED = [
    (("question",), "When was the GER 2018 published?", "It was altered"),
    (("models", "embedding", "sha256"), "0" * 64, "It was altered"),
    (("receipt",), 2, "a receipt of the format 2; this program reads the format 1"),
    (("documents", 0, "text_sha256"), "0" * 64, "reads isecg-annual-report-2024.txt otherwise"),
    (("documents",), 5, "It was altered"),
    (("citations", 0, "title"), "2023 Annual Report", "is called '2024 Annual Report', not '2023 Annual Report'"),
    (("citations", 0, "section_page"), "99", "does not begin on page 99"),
    (("citations", 0, "page"), 7, "does not stand on page 7"),
]


@pytest.mark.parametrize(("path", "value", "reason"), ALTERED)
def test_what_was_altered_is_named(
    record: dict[str, Any],
    path: tuple[str | int, ...],
    value: object,
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    altered: Any = copy.deepcopy(record)
    at = altered
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    (tmp_path / "a.json").write_text(to_json([altered]), "utf-8")
    assert verify(tmp_path / "a.json", "--documents", REPORT) == 1
    assert reason in capsys.readouterr().err


def test_the_readable_part_must_say_what_the_record_says(
    record: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = to_markdown([record])
    readable, fence, rest = text.partition("\n```json\n")
    for altered in (
        readable.replace("2024 Annual Report,", "2023 Annual Report,", 1) + fence + rest,
        readable + "\nThe reports also say so." + fence + rest,
        text + "\nThe reports also say so.\n",
        readable.replace("> ", "> Surely: ", 1) + fence + rest,
    ):
        assert altered != text
        (tmp_path / "a.md").write_text(altered, "utf-8")
        assert verify(tmp_path / "a.md", "--documents", REPORT) == 1
        assert "where its record gives" in capsys.readouterr().err
    (tmp_path / "a.md").write_text('# x\n\n```json\n{"citations": []}\n```\n', "utf-8")
    assert verify(tmp_path / "a.md", "--documents", REPORT) == 1
    assert "Its record is not that of a receipt." in capsys.readouterr().err


def test_a_field_given_twice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text('{"question": "shown", "question": "checked", "citations": []}', "utf-8")
    assert verify(tmp_path / "a.json", "--documents", REPORT) == 2
    assert "is not JSON" in capsys.readouterr().err


def test_documents_that_are_not_there_are_named(
    record: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "a.json", to_json([record]))
    assert verify(tmp_path / "a.json", "--documents", tmp_path / "none") == 1
    assert f"{tmp_path / 'none'}: There is no such file or folder." in capsys.readouterr().err


# Saving it


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--receipt", "r.txt"], "'r.txt' must end in .json or .md"),
        (["--receipt", "r.md", "--date", "yesterday"], "'yesterday' is not a date"),
    ],
)
def test_wrong_usage_is_named_before_anything_is_loaded(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main([QUESTION, *arguments])
    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_a_receipt_that_cannot_be_written_is_named(
    built_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "none" / "r.md"
    assert main(["--index", str(built_index), "--reader", "none", QUESTION, "--receipt", str(file)]) == 2
    assert capsys.readouterr().err == f"The receipt cannot be written to {file}: No such file or directory.\n"


KILLED = """
import os, signal, sys
from pathlib import Path
from answer.receipt import save
for last in range(1, 9):
    if not os.fork():
        done = 0
        def count(event, arguments):
            global done
            if event in {"open", "os.rename", "os.remove"}:
                done += 1
                if done == last:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(count)
        save(Path(sys.argv[1]), "new " * 10_000)
        os._exit(0)
    status = os.wait()[1]
    print(os.waitstatus_to_exitcode(status), Path(sys.argv[1]).read_text() in {"old", "new " * 10_000})
"""


def test_a_kill_leaves_the_old_receipt_or_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "r.json"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "-9 True"
    assert lines[-1] == "0 True"
    assert all(line.endswith("True") for line in lines)


def test_a_hostile_question_stays_a_question(record: dict[str, Any]) -> None:
    hostile = record | {"question": "![x](http://203.0.113.7/) <b>\n```json\n{}"}
    text = to_markdown([hostile])
    assert r"\!\[x\](http\://203.0.113.7/) \<b\>" in text
    assert json.loads(text.rpartition("```json\n")[2].partition("\n```")[0])["question"] == hostile["question"]
