"""`python -m ingest` with --dry-run, --remove and --no-wait, on a terminal, while another one runs, and in odd places."""

import json
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, HashEncoder

from index.build import is_stale, update
from index.embed import SentenceEncoder
from index.store import current_build, locked, read_documents
from ingest.__main__ import main
from ingest.corpus import DEFAULT_READING
from ingest.document import Document


@pytest.fixture
def reports(tmp_path: Path, encoder: SentenceEncoder) -> Path:
    """A folder of two reports that are in the index beside it."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a.txt").write_text("Cats 2024\n\nThe cat sat on the mat.\n")
    (tmp_path / "reports" / "b.txt").write_text("Dogs 2024\n\nThe dog ran.\n")
    update(tmp_path / "index", [tmp_path / "reports"], encoder)
    return tmp_path / "reports"


def index(reports: Path) -> Path:
    return reports.with_name("index")


def names(folder: Path) -> list[str]:
    return [document.name for document in read_documents(folder)]


def command(reports: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "ingest", "--index", str(index(reports)), *arguments]


# Tried dry, removed


def test_a_dry_run_says_what_would_be_done_and_loads_no_model(reports: Path) -> None:
    (reports / "c.txt").write_text("Cows 2024\n\nThe cow ate.\n")
    (reports / "a.txt").rename(reports / "cats.txt")
    (reports / "copy.txt").write_text((reports / "b.txt").read_text())
    probe = "import runpy, sys\nsys.argv = ['ingest', *sys.argv[1:]]\ntry:\n runpy.run_module('ingest', run_name='__main__')\n"
    probe += "except SystemExit as end:\n print(end.code, 'torch' in sys.modules)"
    argv = ["--dry-run", "--index", str(index(reports)), str(reports)]
    done = subprocess.run([sys.executable, "-c", probe, *argv], cwd=ROOT, capture_output=True, text=True, check=True)
    first, *lines = done.stdout.splitlines()
    assert first.startswith(
        "Dry run, nothing is written: 1 added, 0 changed, 0 removed, 1 renamed, 1 unchanged, 0 refused;"
        " 3 reports in the index, 3 passages, 3 texts to embed;"
    )
    assert lines == [
        "  added c.txt",
        "  renamed a.txt -> cats.txt",
        f"  duplicate {reports / 'copy.txt'}: the same bytes as b.txt, indexed once",
        "0 False",
    ]
    assert names(index(reports)) == ["a.txt", "b.txt"]


def test_a_report_is_removed_and_said_to_come_back(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["--index", str(index(reports)), "--remove", "a.txt"]
    assert main([*argv, "--dry-run", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["dry_run"], row["removed"], row["left"]) == (True, ["a.txt"], [str(reports / "a.txt")])
    assert main(argv) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  removed a.txt",
        f"  {reports / 'a.txt'} is still there: the next ingest of its folder adds it again, unless you move or delete it",
    ]
    assert names(index(reports)) == ["b.txt"]
    for nothing in ("a.txt", "b.txt"):
        assert main(["--index", str(index(reports)), "--remove", nothing]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"There is no report 'a.txt' in {index(reports)}, so none was removed; it holds: b.txt",
        f"{index(reports)} holds no other report, and an index cannot be empty, so none was removed;"
        " delete the folder instead.",
    ]


@pytest.mark.parametrize("other", ["reports", "--rebuild", "--if-stale"])
def test_removing_goes_with_nothing_that_adds(other: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--remove", "a.txt", other])
    assert end.value.code == 2
    assert "first remove, then ingest" in capsys.readouterr().err


# Two at once


def test_a_second_ingest_waits_and_says_for_whom_or_ends(reports: Path) -> None:
    with locked(index(reports)):
        refused = subprocess.run(
            command(reports, "--no-wait", str(reports)), cwd=ROOT, capture_output=True, text=True, check=False
        )
        waiting = subprocess.Popen(
            command(reports, str(reports)), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert waiting.stderr is not None
        said = waiting.stderr.readline()
        assert waiting.poll() is None
    out, err = waiting.communicate()
    holder = f"Process {os.getpid()} ("
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(holder)
    assert refused.stderr.endswith("; wait for it to end, then run the command again.\n")
    assert said.startswith(holder)
    assert said.endswith("; waiting for it to end (Ctrl-C to stop waiting).\n")
    assert (waiting.returncode, err) == (0, "")
    assert "2 unchanged" in out


# On a terminal


def test_progress_has_rate_and_time_left_on_a_terminal_and_is_silent_elsewhere(reports: Path) -> None:
    (reports / "c.txt").write_text("\n\n".join(f"Sentence {n} of the report is long enough." for n in range(60)))
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    with subprocess.Popen(
        command(reports, str(reports)), cwd=ROOT, stdout=subprocess.PIPE, stderr=terminal
    ) as on_terminal:
        os.close(terminal)
        shown = b"".join(_read_all(screen)).decode()
    assert on_terminal.returncode == 0
    for what, unit in (("Reading", "B"), ("Embedding", "text")):
        assert re.search(rf"\r{what}: .*\[\d\d:\d\d<(\?|\d\d:\d\d), .*{unit}/s\]", shown), (
            shown
        )  # time gone, left, rate
    (reports / "c.txt").write_text("Cows 2024\n\nThe cow ate.\n")
    quiet = subprocess.run(command(reports, str(reports)), cwd=ROOT, capture_output=True, text=True, check=False)
    assert (quiet.returncode, quiet.stderr) == (0, "")


def _read_all(screen: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(screen, 4096)
        except OSError:  # the other end is closed
            return
        if not data:
            return
        yield data


# Odd places


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A file system that cannot be written."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_where_no_index_can_be_one_sentence_says_so(
    reports: Path, read_only: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(reports / "a.txt")
    for where, said in (
        (str(read_only / "new"), "cannot be made: Read-only file system. Name another folder with --index."),
        (str(read_only), "cannot be written: Read-only file system. Name another folder with --index."),
        (file, "cannot be made: File exists. Name another folder with --index."),
    ):
        assert main(["--index", where, str(reports)]) == 2
        assert capsys.readouterr().err == f"{where} {said}\n"
    assert main(["--index", file, "--dry-run", str(reports)]) == 2
    assert capsys.readouterr().err == f"{file} is no folder. Name another folder with --index.\n"


def test_a_file_that_vanishes_before_it_is_read_is_named(reports: Path, tmp_path: Path) -> None:
    class Late:
        def read(self, path: Path, sha256: str) -> Document:
            path.unlink()
            return DEFAULT_READING.read(path, sha256)

        def would_add_to(self, document: Document) -> bool:
            return False

    (reports / "c.txt").write_text("Cows 2024\n\nThe cow ate.\n")
    update(tmp_path / "other", [reports / "c.txt"], HashEncoder())
    (reports / "c.txt").write_text("Cows 2024\n\nThe cow ate grass.\n")
    report = update(tmp_path / "other", [reports / "c.txt"], HashEncoder(), reading=Late())
    ((name, reason),) = [(Path(refused.name).name, refused.reason) for refused in report.refused]
    assert name == "c.txt"
    assert reason.endswith(" The version read earlier stays in the index.")
    assert names(tmp_path / "other") == ["c.txt"]


# A newer version of the program


def test_an_index_of_another_version_is_made_anew_and_loses_no_report_whose_file_is_there(tmp_path: Path) -> None:
    for name in ("reports", "elsewhere", "gone"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(f"Report 2024\n\nThis is about {name}.\n")
    folder, encoder = tmp_path / "index", HashEncoder()
    update(folder, [tmp_path / name for name in ("reports", "elsewhere", "gone")], encoder)
    build = current_build(folder)
    assert build is not None
    manifest = build / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 0}))
    (tmp_path / "gone" / "gone.txt").unlink()
    assert is_stale(folder, [tmp_path / "reports"])
    report = update(folder, [tmp_path / "reports"], encoder)
    assert (report.added, report.removed) == (["elsewhere.txt", "reports.txt"], ["gone.txt"])
    assert names(folder) == ["elsewhere.txt", "reports.txt"]
