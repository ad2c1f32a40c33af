"""Reads and writes JSON Lines, one object a line; questions.py and predictions.py know what the objects mean."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


class BadFile(ValueError):
    """A file that cannot be used; the message names the file, the line where there is one, and what is wrong."""


def read_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of `path` with its place, "FILE, line N", for messages; blank lines are passed over.

    Raises `BadFile` for a line that is not a JSON object in UTF-8, or when there is none; `OSError` when `path` cannot
    be read.
    """
    found = False
    for number, line in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        try:
            row = json.loads(line)
            json.dumps(
                row, ensure_ascii=False
            ).encode()  # half of a surrogate pair ("\\ud800") could not be written again
        except (ValueError, RecursionError) as error:
            raise BadFile(f"{place}: not JSON in UTF-8 ({error}).") from error
        if not isinstance(row, dict):
            raise BadFile(f"{place}: must be a JSON object, and is {type(row).__name__}.")
        found = True
        yield place, row
    if not found:
        raise BadFile(f"{path} is empty; it needs one JSON object a line.")


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write one object a line to `path`; raises `OSError` when it cannot be written."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
