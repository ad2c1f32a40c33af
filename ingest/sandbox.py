"""Runs one function in a child process with limits on time and memory, so that a hostile file harms nothing else.

What goes in is a path, what comes back is JSON: nothing is pickled, and no state of this process is shared.
"""

import importlib
import json
import logging
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.document import Unreadable

REFUSED = 3  # the child's exit code when the file is refused: its reason is on standard output
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Limits:
    """What the child may use: wall-clock seconds, bytes of address space, pages and characters of a document."""

    seconds: float = 120.0
    memory: int = 3 << 30
    pages: int = 3000
    characters: int = 20_000_000


def run_limited(target: str, path: Path, limits: Limits) -> Any:
    """Call `target` ("package.module:function") as `function(path, limits)` in a child process; what it returns, from JSON.

    Raises `Unreadable` with the child's own reason, or naming the limit it hit.
    """
    command = [sys.executable, "-m", "ingest.sandbox", target, str(path.absolute()), json.dumps(vars(limits))]
    try:
        done = subprocess.run(  # no shell; the arguments are a list
            command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=limits.seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(f"Reading it took longer than {limits.seconds:g} seconds.") from None
    if done.returncode == 0:
        return json.loads(done.stdout)
    if done.returncode == REFUSED:
        raise Unreadable(done.stdout.decode("utf-8", "replace").strip())
    logging.getLogger(__name__).debug("The reader's last words: %s", done.stderr.decode("utf-8", "replace")[-2000:])
    if b"MemoryError" in done.stderr:
        raise Unreadable(f"Reading it took more than {limits.memory / (1 << 30):g} GB of memory.")
    raise Unreadable(f"The file is damaged: reading it failed (code {done.returncode}).")


def main(argv: list[str] | None = None) -> int:
    """The child: set the limits, call the function, write its result as JSON to standard output."""
    target, path, given = sys.argv[1:] if argv is None else argv
    limits = Limits(**json.loads(given))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (int(limits.seconds) + 1, int(limits.seconds) + 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    module, _, function = target.partition(":")
    try:
        result = getattr(importlib.import_module(module), function)(Path(path), limits)
    except Unreadable as reason:
        sys.stdout.write(str(reason))
        return REFUSED
    sys.stdout.write(json.dumps(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
