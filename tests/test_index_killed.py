"""Nothing is lost: ingests are killed and interrupted at seeded instants, the disk fills up, the chat asks meanwhile.

Real processes, real signals (killed.py), a real file system without room.
"""

import os
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT, HashEncoder

from answer.pipeline import Assistant
from index.build import remove, update
from index.embed import Encoder, SentenceEncoder
from index.search import Index
from index.store import IndexProblem, current_build, locked, read_documents

CATS = "Cat report 2024\n\nThe cat sat on the mat.\n\nIt was grey.\n"
DOGS = "Dog report 2024\n\nThe dog ran to the lake.\n"
COWS = "Cow report 2024\n\nThe cow ate the grass.\n"

Version = tuple[tuple[str, str], ...]  # (name, text) of each report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder of two reports."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "cats.txt").write_text(CATS)
    (tmp_path / "reports" / "dogs.txt").write_text(DOGS)
    return tmp_path / "reports"


def version(folder: Path) -> Version:
    """What the index holds, opened and checked as the chat does; () where there is none yet."""
    if current_build(folder) is None:
        return ()
    return tuple((document.name, document.text) for document in read_documents(folder))


def is_clean(folder: Path) -> bool:
    current = current_build(folder)
    return current is not None and {path.name for path in folder.iterdir()} == {"CURRENT", current.name, "lock"}


@dataclass
class Stopped:
    """Runs of `killed.py`: how each ended, by its instant, and what the index held afterwards."""

    folder: Path
    ends: dict[str, str]
    operations: int
    seconds: float

    def index(self, instant: str) -> Path:
        return Path(f"{self.folder}-{instant}")

    def error(self, instant: str) -> str:
        return Path(f"{self.folder}-{instant}.err").read_text()


def stop(run: str, signal: str, folder: Path, reports: Path, instants: Sequence[str]) -> Stopped:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "killed.py"), run, signal, str(folder), str(reports), *instants],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    ends = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    operations, seconds, code = ends.pop("0").split()
    assert code == "0", done.stderr
    return Stopped(folder, ends, int(operations), float(seconds))


def count(run: str, folder: Path, reports: Path) -> Stopped:
    """A run that is let live."""
    alive = stop(run, "kill", folder, reports, [])
    alive.index("0").rename(folder.with_name(f"whole-{run}"))
    return alive


def check(
    stopped: Stopped, old: Version, new: Version, encoder: Encoder, again: Callable[[Path], object]
) -> list[Version]:
    """After each stop the old index or the new one is there, whole, and answers; the next run makes it the new one."""
    found = []
    for instant in stopped.ends:
        folder = stopped.index(instant)
        found.append(version(folder))
        assert found[-1] in {old, new}, instant
        if found[-1]:
            assert (
                Index(folder, encoder).search("Which animal ran to the lake?")[0].passage.text.count("The dog ran") == 1
            )
        again(folder)
        assert version(folder) == new, instant
        assert is_clean(folder), instant
    return found


def changed(folder: Path, reports: Path, encoder: Encoder) -> tuple[Version, Version]:
    """An index, and after it a change of its reports that embeds nothing new: what it holds, and what it is to hold."""
    update(folder, [reports], encoder)
    old = version(folder)
    (reports / "cats.txt").rename(reports / "felines.txt")
    whole = folder.with_name("expected")
    update(whole, [reports], encoder)
    return old, version(whole)


# Killed, as by `kill -9`


def test_killed_at_every_operation(folder: Path, reports: Path) -> None:
    update(folder, [reports], HashEncoder())
    old = version(folder)
    (reports / "cats.txt").write_text(COWS)
    (reports / "more.txt").write_text(CATS)
    alive = count("update", folder, reports)
    new = version(folder.with_name("whole-update"))
    instants = [str(n) for n in range(1, alive.operations + 1)]
    assert len(instants) > 40
    stopped = stop("update", "kill", folder, reports, instants)
    assert set(stopped.ends.values()) == {"killed"}
    found = check(stopped, old, new, HashEncoder(), lambda index: update(index, [reports], HashEncoder()))
    assert found == sorted(found, key=[old, new].index)  # the old one up to an instant, the new one from then on
    assert {found[0], found[-1]} == {old, new}


def test_killed_at_seeded_moments(folder: Path, reports: Path) -> None:
    update(folder, [reports], HashEncoder())
    old = version(folder)
    (reports / "more.txt").write_text(COWS)
    alive = count("rebuild", folder, reports)
    new = version(folder.with_name("whole-rebuild"))
    moments = [f"{random.Random(n).uniform(0.001, alive.seconds):.6f}" for n in range(30)]
    stopped = stop("rebuild", "kill", folder, reports, moments)
    assert list(stopped.ends.values()).count("killed") >= 15  # one may end before its moment
    check(stopped, old, new, HashEncoder(), lambda index: update(index, [reports], HashEncoder()))


def test_a_first_build_that_is_killed_leaves_no_index_or_a_whole_one(folder: Path, reports: Path) -> None:
    alive = count("update", folder, reports)
    instants = sorted({str(n) for n in random.Random(3).sample(range(1, alive.operations + 1), 15)}, key=int)
    stopped = stop("update", "kill", folder, reports, instants)
    assert set(stopped.ends.values()) == {"killed"}
    new = version(folder.with_name("whole-update"))
    check(stopped, (), new, HashEncoder(), lambda index: update(index, [reports], HashEncoder()))


def test_the_command_is_killed(folder: Path, reports: Path, encoder: SentenceEncoder) -> None:
    old, new = changed(folder, reports, encoder)
    alive = count("ingest", folder, reports)
    instants = sorted(random.Random(4).sample(range(1, alive.operations + 1), 20))
    stopped = stop("ingest", "kill", folder, reports, [str(n) for n in instants])
    assert set(stopped.ends.values()) == {"killed"}
    check(stopped, old, new, encoder, lambda index: update(index, [reports], encoder))


def test_a_removal_is_killed(folder: Path, reports: Path, encoder: SentenceEncoder) -> None:
    update(folder, [reports], encoder)
    old = version(folder)
    new = tuple(row for row in old if row[0] != "cats.txt")

    def again(index: Path) -> None:
        if version(index) == old:
            remove(index, ["cats.txt"])
        else:
            with locked(index):
                pass

    alive = count("remove", folder, reports)
    stopped = stop("remove", "kill", folder, reports, [str(n) for n in range(1, alive.operations + 1, 3)])
    assert set(stopped.ends.values()) == {"killed"}
    found = check(stopped, old, new, encoder, again)
    assert {found[0], found[-1]} == {old, new}


# Ctrl-C


def test_ctrl_c_says_truly_which_index_is_there(folder: Path, reports: Path, encoder: SentenceEncoder) -> None:
    old, new = changed(folder, reports, encoder)
    alive = count("ingest", folder, reports)
    stopped = stop("ingest", "int", folder, reports, [str(n) for n in range(1, alive.operations + 1, 2)])
    told = {"0": "", "1": "Stopped, but the index is the new one already.\n", "2": "Stopped; the index is as it was.\n"}
    for instant, end in stopped.ends.items():
        assert stopped.error(instant) == told[end], instant
        assert version(stopped.index(instant)) == (old if end == "2" else new), instant
    assert {"1", "2"} <= set(stopped.ends.values())
    check(stopped, old, new, encoder, lambda index: update(index, [reports], encoder))


# A full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here; test_index_store.py limits the size of files instead")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk(small_disk: Path, reports: Path) -> None:
    folder = small_disk / "index"
    update(folder, [reports], HashEncoder())
    old = version(folder)
    sentences = (f"Sentence {n} of the report is long enough to be one." for n in range(4000))
    (reports / "big.txt").write_text("Big report\n\n" + "\n\n".join(sentences))
    said = rf"The index in {re.escape(str(folder))} could not be written: .*(disk is full|No space left).*\. The old one stays\."
    with pytest.raises(IndexProblem, match=said):
        update(folder, [reports], HashEncoder())
    assert version(folder) == old
    assert is_clean(folder)
    filler = small_disk / "filler"
    subprocess.run(
        ["dd", "if=/dev/zero", f"of={filler}", "bs=4096"], capture_output=True, check=False
    )  # until it is full
    with pytest.raises(IndexProblem, match=r"could not be written|cannot be"):
        update(folder, [reports], HashEncoder())
    assert Index(folder, HashEncoder()).search("dog")[0].passage.document == "dogs.txt"
    filler.unlink()
    (reports / "big.txt").unlink()
    (reports / "cats.txt").write_text(COWS)
    assert update(folder, [reports], HashEncoder()).changed == ["cats.txt"]
    assert is_clean(folder)


# The chat asks meanwhile


SWAP = """
import sys
from pathlib import Path
from conftest import HashEncoder
from index.build import update
folder, reports = map(Path, sys.argv[1:])
for n in range(25):
    (reports / "cats.txt").write_text(f"Cat report 2024\\n\\nThe cat sat on mat {n}.\\n")
    update(folder, [reports], HashEncoder(), rebuild=n % 5 == 0)
"""


def test_an_open_assistant_never_errs_while_another_process_swaps_the_index(folder: Path, reports: Path) -> None:
    update(folder, [reports], HashEncoder())
    assistant = Assistant(folder, HashEncoder())
    faults: list[object] = []
    asked = taken_up = 0
    ended = threading.Event()

    def ask() -> None:
        nonlocal asked, taken_up
        while not ended.is_set():
            try:
                taken_up += assistant.refresh()
                answer = assistant.ask("Where did the cat sit?")
                texts = {d.name: d.text for d in assistant.documents}
                shown = [(h.passage.document, h.passage.start, h.passage.end, h.passage.text) for h in answer.passages]
                faults.extend(row for row in shown if texts[row[0]][row[1] : row[2]] != row[3])
                asked += 1
            except Exception as error:
                faults.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    subprocess.run(
        [sys.executable, "-c", SWAP, str(folder), str(reports)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        check=True,
    )
    ended.set()
    thread.join()
    assert faults == []
    assert asked > 10
    assert taken_up > 5
    assistant.refresh()
    assert "mat 24" in assistant.documents[0].text
