"""Runs `python -m ingest` and kills it, as `kill -9` does, at its n-th operation on files, for test_index_build.py.

usage: killed.py INDEX REPORTS ENCODER [N ...]     ENCODER: "hash" (the tests' own, quick) or "model" (the real command)

For each N, a copy INDEX-N of the index is brought up to date with REPORTS by a forked child that dies at operation N.
Prints N and "killed" or the exit code of each, then the number of operations of a run that is let live (in INDEX-0).
"""

import os
import runpy
import shutil
import signal
import sys
from pathlib import Path

OPERATIONS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "sqlite3.connect"}


class Count:
    """An audit hook that counts operations, from the first on the index in `folder` on, and dies at number `last`."""

    def __init__(self, folder: Path, last: int) -> None:
        self.done, self._folder, self._last = 0, str(folder), last

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in OPERATIONS and (self.done or self._folder in str(arguments[0])):
            self.done += 1
            if self.done == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


def ingest(folder: Path, reports: str, encoder: str) -> None:
    """One whole run; with "model" it is `python -m ingest` itself."""
    if encoder == "hash":
        from conftest import HashEncoder

        from index.build import update

        update(folder, [Path(reports)], HashEncoder())
        return
    sys.argv = ["ingest", "--index", str(folder), "--json", reports]
    try:
        runpy.run_module("ingest", run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise


def main() -> None:
    original, reports, encoder, *instants = sys.argv[1:]
    if encoder == "model":
        import sentence_transformers  # once, for all children

        del sentence_transformers
    import index.build  # noqa: F401

    for last in [*map(int, instants), 0]:
        folder = Path(f"{original}-{last}")
        shutil.copytree(original, folder)
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            count = Count(folder, last)
            sys.addaudithook(count)
            ingest(folder, reports, encoder)
            os._exit(min(count.done, 255))
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sys.stdout.write(f"{last} {'killed' if killed else os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
