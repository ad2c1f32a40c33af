"""The right to build in an index folder: one process at a time, and the others are told which one has it and since when.

The lock is the operating system's (`lock`), so it ends with its process, however that ends. Who holds it stands beside it
(`lock.json`), for people only: what a killed process left there keeps nobody out, also when its id belongs to another now.
"""

import json
import os
import shlex
import socket
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

LOCK, HOLDER = "lock", "lock.json"
ASKED_AGAIN = 0.2  # seconds between two attempts of one who waits
COMMAND = 120  # characters of the holder's command line that are told

Waiting = Callable[[str], None]  # told once, in a sentence without its full stop, who holds what is waited for


class Locked(Exception):
    """Another process holds the lock; the message says which, without a full stop."""


@contextmanager
def exclusive(folder: Path, waiting: Waiting | None = None) -> Iterator[None]:
    """Hold the lock of `folder`, which must exist. While another has it: tell `waiting` and wait, or, without, raise `Locked`.

    Raises `OSError` when the lock cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        if waiting is None:
            raise Locked(_holder(folder)) from error
        waiting(_holder(folder))
        lock.acquire(poll_interval=ASKED_AGAIN)
    try:
        with suppress(OSError):  # a full disk must not keep anybody from removing reports
            (folder / HOLDER).write_text(json.dumps(_myself()), "utf-8")
        yield
    finally:
        with suppress(OSError):
            (folder / HOLDER).unlink(missing_ok=True)
        lock.release()


def _myself() -> dict[str, Any]:
    program, *arguments = sys.orig_argv or ["python"]
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now().astimezone().isoformat(" ", "seconds"),
        "command": textwrap.shorten(shlex.join([Path(program).name, *arguments]), COMMAND, placeholder=" …"),
    }


def _holder(folder: Path) -> str:
    """Who has the lock: "Process 4711 (python -m ingest) has been writing .index since 2026-03-01 14:03:07+01:00"."""
    try:
        row = json.loads((folder / HOLDER).read_text("utf-8"))
        host = "" if row["host"] == socket.gethostname() else f" on {row['host']}"
        who = f"Process {int(row['pid'])}{host} ({row['command']}) has been writing {folder} since {row['since']}"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return f"Another process is writing {folder}"  # it has the lock, and has not yet said who it is
    return "".join(c if c.isprintable() else "�" for c in who)
