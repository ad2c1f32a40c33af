"""Where an upload lies until it is decided: a hidden folder of this server's own in the corpus, locked while it runs.

A report keeps a second name in there until it is in the index, or out of the corpus again. So the next start finds what
a killed server had under way, and takes it out.
"""

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

ASIDE = ".upload-"  # how its name begins; hidden, so that no ingest reads what is in it
LOCK = "lock"
PRIVATE = 0o700  # only who runs the chat reads what is not in the corpus yet


class Inbox:
    """The folder of one running server."""

    def __init__(self, corpus: Path) -> None:
        """Make and lock the folder, and `corpus` too if it is missing; raises `OSError` when they cannot be written."""
        corpus.mkdir(parents=True, exist_ok=True)
        self.folder = corpus.resolve() / f"{ASIDE}{uuid.uuid4().hex}"
        self.folder.mkdir(PRIVATE)
        self._lock = _lock(self.folder)

    def place(self) -> Path:
        """Where a file can lie that is not there yet."""
        return self.folder / uuid.uuid4().hex

    def holds(self, file: Path) -> bool:
        """Whether `file` is one that Gradio has laid down here, two levels below; no link, nothing from elsewhere."""
        try:
            return file.resolve(strict=True) == file and file.is_file() and file.parent.parent == self.folder
        except (OSError, ValueError, RuntimeError):  # missing, a zero byte in its name, links in a circle
            return False

    def close(self) -> None:
        """Remove the folder, at the end of the server."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def left_behind(corpus: Path) -> list[Path]:
    """The folders of servers that do not run any more."""
    return [folder for folder in corpus.glob(f"{ASIDE}*") if folder.is_dir() and _is_dead(folder)]


def under_way(corpus: Path, folder: Path) -> Iterator[Path]:
    """The files of the corpus that have a second name in `folder`: it was not decided yet whether they stay."""
    kept = {file.stat().st_ino for file in folder.rglob("*") if file.is_file()}
    for file in corpus.iterdir():
        if file.is_file() and file.stat().st_ino in kept:
            yield file


def _lock(folder: Path) -> int | None:
    """The lock of `folder`, which ends with its process, however that ends; None while another process has it."""
    file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def _is_dead(folder: Path) -> bool:
    lock = _lock(folder)
    if lock is None:
        return False
    os.close(lock)
    return True
