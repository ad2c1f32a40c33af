"""`python -m ingest`: exit codes, what it prints where, and what it does not import."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT
from pdfs import lines, write_pages

from index.store import locked, read_documents
from ingest.__main__ import main

HEAVY = ("torch", "faiss", "sentence_transformers", "transformers", "gradio", "onnxruntime", "numpy")
PROBE = """
import json, runpy, sys
package, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = package
try:
    runpy.run_module(package, run_name="__main__")
except SystemExit as end:
    print(json.dumps([end.code, [m for m in sys.modules if "." not in m]]), file=sys.stderr)
"""


def run_light(package: str, *arguments: str) -> tuple[int, list[str], str]:
    """Run `python -m package` in its own process: its exit code, the heavy modules that it imported, and its output."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, package, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, [name for name in HEAVY if name in modules], done.stdout + done.stderr


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a.txt").write_text("Cats 2024\n\nThe cat sat on the mat.\n")
    (tmp_path / "reports" / "b.txt").write_text("Dogs 2024\n\nThe dog ran.\n")
    return tmp_path / "reports"


def run(reports: Path, *arguments: str) -> int:
    return main(["--index", str(reports.with_name("index")), *arguments, str(reports)])


def test_what_was_done_is_printed(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(reports) == 0
    first = capsys.readouterr()
    assert first.out.startswith(
        "2 added, 0 changed, 0 removed, 0 unchanged, 0 refused; 2 reports in the index, 2 passages,"
    )
    assert first.out.splitlines()[1:] == ["  added a.txt", "  added b.txt"]
    assert first.err == ""
    (reports / "a.txt").write_text("Cats 2024\n\nThe cat ran.\n")
    (reports / "b.txt").unlink()
    assert run(reports) == 0
    second = capsys.readouterr().out
    assert second.startswith("0 added, 1 changed, 1 removed, 0 unchanged, 0 refused; 1 report in the index,")
    assert second.splitlines()[1:] == ["  changed a.txt: a new edition", "  removed b.txt"]


def test_a_refused_file_is_named_on_standard_error_and_the_code_is_1(
    reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (reports / "empty.txt").touch()
    assert run(reports) == 1
    done = capsys.readouterr()
    assert done.err == f"refused {reports / 'empty.txt'}: The file is empty.\n"
    assert "2 added, 0 changed, 0 removed, 0 unchanged, 1 refused" in done.out
    (reports / "a.txt").write_bytes(b"\xff")
    assert run(reports) == 1
    assert "The version read earlier stays in the index." in capsys.readouterr().err
    assert [d.name for d in read_documents(reports.with_name("index"))] == ["a.txt", "b.txt"]


def test_the_report_as_json(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (reports / "empty.txt").touch()
    (Path(os.fsdecode(os.fsencode(reports) + b"/\xff.txt"))).write_text("text")
    assert run(reports, "--json") == 1
    row = json.loads(capsys.readouterr().out)
    assert row.pop("seconds") > 0
    assert row.pop("embedded") > 0
    assert row == {
        "added": ["a.txt", "b.txt"],
        "changed": [],
        "renamed": [],
        "removed": [],
        "unchanged": [],
        "recognised": [],
        "corrected": [],
        "warnings": [],
        "duplicates": [],
        "left": [],
        "dry_run": False,
        "refused": [
            {"name": f"{reports}/\ufffd.txt", "reason": "Its name is not UTF-8; rename it."},
            {"name": str(reports / "empty.txt"), "reason": "The file is empty."},
        ],
        "documents": 2,
        "passages": 2,
    }


def test_pages_without_text_are_named_to_the_person(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pages(reports / "scan.pdf", lines("The first page has text."), [], [], lines("So has the fourth."), [])
    said = "pages 2–3, 5 hold no text; --ocr reads what is scanned."
    assert run(reports) == 0
    assert f"  scan.pdf: {said}" in capsys.readouterr().out.splitlines()
    assert run(reports, "--rebuild", "--json") == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == [{"name": "scan.pdf", "text": said}]


def test_nothing_could_be_done(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = reports / "none"
    assert main(["--index", str(reports / "index"), str(nothing)]) == 2
    done = capsys.readouterr()
    assert done.out == ""
    assert done.err == (
        f"No report could be read from {nothing}, so no index was written. {nothing}: There is no such file or folder."
        " Give .txt, .md or .pdf files.\n"
    )


def test_a_held_lock_an_unknown_model_and_a_bad_folder_are_one_sentence_and_code_2(
    reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with locked(reports.with_name("index")):
        assert run(reports, "--no-wait") == 2
    held = capsys.readouterr()
    assert run(reports, "--model", "no-such-model") == 2
    unknown = capsys.readouterr()
    assert main(["--index", str(reports / "a.txt"), str(reports)]) == 2
    bad = capsys.readouterr()
    assert held.out == unknown.out == bad.out == ""
    assert held.err.startswith(f"Process {os.getpid()} (")
    assert held.err.endswith("; wait for it to end, then run the command again.\n")
    assert unknown.err == (
        "The embedding model 'no-such-model' is not on this machine; give a folder that holds one.\n"
    )
    assert bad.err == f"{reports / 'a.txt'} cannot be made: File exists. Name another folder with --index.\n"


def test_if_stale_does_and_says_nothing_when_nothing_has_changed(
    reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(reports, "--if-stale") == 0
    assert "2 added" in capsys.readouterr().out
    assert run(reports, "--if-stale") == 0
    assert capsys.readouterr() == ("", "")
    (reports / "c.txt").write_text("Cows\n\nThe cow ate.\n")
    assert run(reports, "--if-stale") == 0
    assert "1 added" in capsys.readouterr().out


def test_limits_are_set_by_flags_and_name_the_flag_that_allows_more(
    reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pages(reports / "c.pdf", lines("One."), lines("Two."))
    flags = ["--max-characters", "25", "--max-pages", "1", "--max-seconds", "60", "--max-memory", "1.5"]
    assert run(reports, *flags) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"refused {reports / 'a.txt'}: It holds more than the 25 characters that are read; --max-characters N reads more.",
        f"refused {reports / 'c.pdf'}: It has 2 pages, more than the 1 that are read; --max-pages N reads more.",
    ]


def test_rebuild_starts_from_nothing(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(reports)
    capsys.readouterr()
    assert run(reports, "--rebuild") == 0
    assert capsys.readouterr().out.startswith("2 added")


def test_the_folder_of_the_index_can_come_from_the_environment(
    reports: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ISECG_INDEX", str(tmp_path / "elsewhere"))
    assert main([str(reports)]) == 0
    assert len(read_documents(tmp_path / "elsewhere")) == 2


def test_without_a_path_the_corpus_is_read(
    reports: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reports.rename(reports.with_name("corpus"))
    monkeypatch.chdir(reports.parent)
    monkeypatch.delenv("ISECG_INDEX", raising=False)
    assert main([]) == 0
    assert len(read_documents(Path(".index"))) == 2
    assert "2 added" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--help"], 0, "usage: python -m ingest"),
        (["--nonsense"], 2, "unrecognized arguments: --nonsense"),
        (["--index"], 2, "expected one argument"),
        (["--rebuild=yes"], 2, "ignored explicit argument"),
        (["--max-seconds", "0"], 2, "--max-seconds: '0' is not a number above 0"),
        (["--max-memory", "nan"], 2, "--max-memory: 'nan' is not a number above 0"),
        (["--max-pages", "1.5"], 2, "--max-pages: '1.5' is not a whole number above 0"),
        (["--max-characters", "many"], 2, "--max-characters: 'many' is not a whole number above 0"),
    ],
)
def test_help_and_wrong_usage_import_nothing_heavy(arguments: list[str], code: int, words: str) -> None:
    found, heavy, output = run_light("ingest", *arguments)
    assert (found, heavy) == (code, [])
    assert words in output
    assert "Traceback" not in output


def test_ctrl_c_while_embedding_leaves_the_index_as_it_was(reports: Path) -> None:
    run(reports)
    (reports / "big.txt").write_text("\n\n".join(f"Sentence {n} of the report is long enough." for n in range(20_000)))
    folder = reports.with_name("index")
    (folder / "lock").unlink()
    with subprocess.Popen(
        [sys.executable, "-m", "ingest", "--index", str(folder), str(reports)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        while not (folder / "lock").exists() and command.poll() is None:
            time.sleep(0.05)
        time.sleep(0.5)
        command.send_signal(signal.SIGINT)
        out, err = command.communicate()
    assert (command.returncode, out, err) == (2, "", "Stopped; the index is as it was.\n")
    assert [d.name for d in read_documents(folder)] == ["a.txt", "b.txt"]
