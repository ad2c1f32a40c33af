"""Functions that tests run in a child process through ingest/sandbox.py."""

import os
import time
from pathlib import Path
from typing import Any

from ingest.document import Unreadable
from ingest.sandbox import Limits


def echo(path: Path, limits: Limits, **arguments: Any) -> dict[str, Any]:
    """What came in."""
    return {"path": str(path), "pages": limits.pages, **arguments}


def refuse(path: Path, limits: Limits) -> None:
    """As a reader does that finds a file unreadable."""
    raise Unreadable(f"{path.name} is no report – “really”.")


def sleep(path: Path, limits: Limits) -> None:
    """Take far longer than allowed."""
    time.sleep(60)


def devour(path: Path, limits: Limits) -> int:
    """Take a GiB of memory."""
    return len(bytearray(1 << 30))


def crash(path: Path, limits: Limits) -> None:
    """Die as a C library does."""
    os.abort()
