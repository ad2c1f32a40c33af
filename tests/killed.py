"""Runs an ingest and stops it at given instants, by real signals to real processes, for test_index_killed.py.

usage: killed.py RUN SIGNAL INDEX REPORTS [INSTANT ...]
    RUN      "update" or "rebuild": the library with the tests' quick encoder; "ingest": the command itself;
             "remove": the command with --remove cats.txt
    SIGNAL   "kill" (as `kill -9`) or "int" (as Ctrl-C)
    INSTANT  "12": at the 12th operation on files, from the first on the index on; "0.012": after that many seconds

For each INSTANT, a forked child works on a copy of the index, INDEX-INSTANT. Prints the INSTANT and "killed" or the exit
code of each; its standard error is in INDEX-INSTANT.err. Last comes a run that is let live, in INDEX-0: the number of its
operations, its seconds and its exit code.
"""

import os
import runpy
import shutil
import signal
import sys
import time
from pathlib import Path

OPERATIONS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "sqlite3.connect"}
SIGNALS = {"kill": signal.SIGKILL, "int": signal.SIGINT}


class Count:
    """An audit hook that counts operations, from the first on the index in `folder` on, and signals at number `last`."""

    def __init__(self, folder: Path, last: int, send: signal.Signals) -> None:
        self.done, self._folder, self._last, self._send = 0, str(folder), last, send

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in OPERATIONS and (self.done or self._folder in str(arguments[0])):
            self.done += 1
            if self.done == self._last:
                os.kill(os.getpid(), self._send)


def ingest(run: str, folder: Path, reports: str) -> int:
    """One whole run; its exit code."""
    if run in {"update", "rebuild"}:
        from conftest import HashEncoder

        from index.build import update

        update(folder, [Path(reports)], HashEncoder(), rebuild=run == "rebuild")
        return 0
    sys.argv = ["ingest", "--index", str(folder), *(["--remove", "cats.txt"] if run == "remove" else [reports])]
    try:
        runpy.run_module("ingest", run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def child(run: str, folder: Path, reports: str, count: Count) -> None:
    """What a forked child does; it ends here."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(f"{folder}.err", os.O_WRONLY | os.O_CREAT), 2)
    sys.addaudithook(count)
    code = 70
    try:
        code = ingest(run, folder, reports)
    except BaseException as error:
        sys.stderr.write(f"Traceback: {error!r}\n")
    finally:
        sys.stderr.flush()
        if not count._last:
            Path(f"{folder}.count").write_text(str(count.done))
        os._exit(code)


def main() -> None:
    run, name, original, reports, *instants = sys.argv[1:]
    import conftest  # noqa: F401  once, for all children

    for instant in [*instants, "0"]:
        folder = Path(f"{original}-{instant}")
        if Path(original).exists():
            shutil.copytree(original, folder)
        seconds = float(instant) if "." in instant else 0.0
        began = time.perf_counter()
        pid = os.fork()
        if not pid:
            child(run, folder, reports, Count(folder, 0 if seconds else int(instant), SIGNALS[name]))
        if seconds:
            time.sleep(max(0.0, seconds - (time.perf_counter() - began)))
            os.kill(pid, SIGNALS[name])
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        end = "killed" if killed else str(os.waitstatus_to_exitcode(status))
        if instant == "0":
            count = Path(f"{folder}.count").read_text()
            end = f"{count} {time.perf_counter() - began:.4f} {end}"
        sys.stdout.write(f"{instant} {end}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
