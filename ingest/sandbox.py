"""Runs one function in a child process with limits on time and memory, so that a hostile file harms nothing else.

What goes in is a path and limits, what comes back is JSON: nothing is pickled, and no state of this process is shared.
"""

import importlib
import json
import logging
import os
import resource
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.document import Unreadable

REFUSED = 3  # the child's exit code when it refuses the file; the reason is then on standard output
ROOT = Path(__file__).resolve().parent.parent
GIB = 1 << 30

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What the child may use: wall-clock seconds, GiB of memory, and pages and characters of the document."""

    seconds: float = 120.0
    memory: float = 2.0
    pages: int = 3000
    characters: int = 10_000_000


DEFAULTS = Limits()


def too_long(limits: Limits) -> str:
    """Why a file with too much text is refused."""
    return f"It holds more than the {limits.characters:,} characters that are read; --max-characters N reads more."


def run_limited(target: str, path: Path, limits: Limits, **arguments: Any) -> Any:
    """Call `target` ("package.module:function") as `function(path, limits, **arguments)` in a child process.

    What it gives back comes as JSON, and so do the arguments go.

    Raises `Unreadable` with the child's own reason, or with the limit that it hit.
    """
    given = [str(path.absolute()), json.dumps(asdict(limits)), json.dumps(arguments)]
    command = [sys.executable, "-m", "ingest.sandbox", target, *given]
    code, out, err = _run(command, limits.seconds)
    if code == 0:
        return json.loads(out)
    if code == REFUSED:
        raise Unreadable(out.decode("utf-8", "replace"))
    log.debug("%s: exit code %d: %s", path.name, code, err.decode("utf-8", "replace")[-2000:])
    raise Unreadable(
        f"The file is damaged, or needs more than {limits.memory:g} GiB of memory to be read; --max-memory N allows more."
    )


def _run(command: list[str], seconds: float) -> tuple[int, bytes, bytes]:
    """Exit code and output of a child in a process group of its own, which is ended with all that it started."""
    pipe = subprocess.PIPE
    try:
        child = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except OSError as error:
        raise Unreadable(f"No process could be started to read it: {error.strerror or error}.") from error
    with child:
        try:
            out, err = child.communicate(timeout=seconds)
        except BaseException as stopped:  # a limit, Ctrl-C: nothing of the child may go on
            os.killpg(child.pid, signal.SIGKILL)
            if isinstance(stopped, subprocess.TimeoutExpired):
                raise Unreadable(
                    f"Reading it took longer than {seconds:g} seconds; --max-seconds N allows more."
                ) from None
            raise
    return child.returncode, out, err


def main(argv: list[str] | None = None) -> int:
    """The child: set the limits, call the function, write its result as JSON to standard output."""
    target, path, given, arguments = sys.argv[1:] if argv is None else argv
    limits = Limits(**json.loads(given))
    _limit(resource.RLIMIT_AS, int(limits.memory * GIB))
    _limit(resource.RLIMIT_CPU, int(limits.seconds) + 1)  # should the parent be killed, this ends by itself
    _limit(resource.RLIMIT_CORE, 0)
    module, _, function = target.partition(":")
    try:
        result = json.dumps(
            getattr(importlib.import_module(module), function)(Path(path), limits, **json.loads(arguments))
        )
    except Unreadable as reason:
        sys.stdout.buffer.write(str(reason).encode("utf-8"))
        return REFUSED
    sys.stdout.buffer.write(result.encode("utf-8"))
    return 0


def _limit(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(kind, (allowed, hard))
    except (ValueError, OSError) as error:  # macOS knows no limit on address space; the limit on time holds there too
        log.debug("No limit %d: %s", kind, error)


if __name__ == "__main__":
    raise SystemExit(main())
