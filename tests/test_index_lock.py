"""Two ingests at once: the second waits or says who holds the index; what a dead process left keeps nobody out."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import ROOT

from index.lock import HOLDER, Locked, exclusive

HOLD = "import sys; from pathlib import Path; from index.lock import exclusive\n"
HOLD += "with exclusive(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"


@contextmanager
def held_by_another(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the lock until its standard input is closed, or it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        yield other
        other.stdin.close()


def test_who_does_not_wait_is_told_who_holds_it(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as other, pytest.raises(Locked) as caught:
        exclusive(tmp_path).__enter__()
    who = re.fullmatch(
        r"Process (\d+) \((.*)\) has been writing (.*) since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*", str(caught.value)
    )
    assert who is not None
    assert who[1] == str(other.pid)
    assert who[2].startswith(f"{Path(sys.executable).name} -c 'import sys")
    assert len(who[2]) <= 120
    assert who[3] == str(tmp_path)
    with exclusive(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_who_waits_is_told_once_and_goes_on_when_it_is_free(tmp_path: Path) -> None:
    told: list[str] = []
    with held_by_another(tmp_path) as other:
        assert other.stdin is not None
        threading.Timer(0.7, other.stdin.close).start()
        with exclusive(tmp_path, told.append):
            assert json.loads((tmp_path / HOLDER).read_text())["pid"] == os.getpid()
    assert len(told) == 1
    assert told[0].startswith(f"Process {other.pid} (")


def test_a_killed_process_holds_nothing_though_its_name_still_stands_there(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as other:
        other.kill()
        other.wait()
        assert json.loads((tmp_path / HOLDER).read_text())["pid"] == other.pid
        with exclusive(tmp_path):
            pass
    assert not (tmp_path / HOLDER).exists()


def test_the_id_of_a_dead_process_may_be_another_s_by_now(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as other:
        other.kill()
        other.wait()
        row = json.loads((tmp_path / HOLDER).read_text())
        (tmp_path / HOLDER).write_text(json.dumps({**row, "pid": os.getpid()}))  # this process lives, and holds nothing
        with exclusive(tmp_path):
            pass


@pytest.mark.parametrize("raw", [b"", b"null", b"{}", b"\xff", b'{"pid": "x", "host": 1, "command": 2, "since": 3}'])
def test_a_holder_that_cannot_be_read_is_another_process(tmp_path: Path, raw: bytes) -> None:
    with held_by_another(tmp_path):
        (tmp_path / HOLDER).write_bytes(raw)
        with pytest.raises(Locked, match=f"^Another process is writing {re.escape(str(tmp_path))}$"):
            exclusive(tmp_path).__enter__()


def test_another_machine_is_named_and_nothing_that_a_terminal_would_obey(tmp_path: Path) -> None:
    with held_by_another(tmp_path):
        row = {"pid": 7, "host": "far", "command": "\x1b[2Jingest", "since": "noon"}
        (tmp_path / HOLDER).write_text(json.dumps(row))
        with pytest.raises(Locked) as caught:
            exclusive(tmp_path).__enter__()
    assert str(caught.value) == f"Process 7 on far (�[2Jingest) has been writing {tmp_path} since noon"
