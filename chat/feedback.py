"""What people say of answers, kept in a JSON Lines file so that nothing which was confirmed is lost; rating.py asks them."""

import fcntl
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chat.turns import Turn

UP, DOWN = "up", "down"
MAX_COMMENT = 2000  # characters
# What a person can choose from, by verdict and by whether there was an answer; words.py has the sentences.
REASONS: dict[tuple[str, bool], tuple[str, ...]] = {
    (UP, True): ("exact", "helpful"),
    (DOWN, True): ("beside", "incomplete", "wrong", "other"),
    (UP, False): ("unsaid",),
    (DOWN, False): ("said", "misunderstood", "other"),
}
PRIVATE = 0o600  # only who runs the chat reads what people asked


class NotTaken(ValueError):
    """A rating that cannot be taken; the message is for the person who gave it."""


@dataclass(frozen=True)
class Rating:
    """`verdict` is UP or DOWN, `reason` one of REASONS or "", `comment` free text."""

    verdict: str
    reason: str = ""
    comment: str = ""


class FeedbackFile:
    """A JSON Lines file to which any number of processes append; a line is on the disk when `append` comes back."""

    def __init__(self, path: Path) -> None:
        """Keep feedback in `path`, made now if it is missing; raises `OSError` when it cannot be written."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            pass

    def append(self, row: dict[str, Any]) -> None:
        """Add `row` as one line and wait until it is on the disk; raises `OSError`, and then nothing is added."""
        line = f"{json.dumps(row)}\n".encode("ascii")
        with self._locked() as file:
            size = os.fstat(file).st_size
            if size and os.pread(file, 1, size - 1) != b"\n":
                line = b"\n" + line  # a process was killed as it wrote: what it left stays a line of its own
            try:
                written = os.write(file, line)
                if written < len(line):
                    raise OSError(f"only {written} of {len(line)} bytes could be written")
                os.fsync(file)
            except OSError:
                os.ftruncate(file, size)
                raise

    @contextmanager
    def _locked(self) -> Iterator[int]:
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)  # ends with the process, however that ends
            yield file
        finally:
            os.close(file)


def check(turn: Turn, verdict: object, reason: object = "", comment: object = "") -> Rating:
    """The rating of `turn` that the browser sent, which may be anything; raises `NotTaken` when it is none."""
    answered = turn.answer is not None and turn.answer.answered
    allowed = REASONS.get((str(verdict), answered))
    if turn.answer is None or allowed is None or reason not in ("", *allowed) or not isinstance(comment, str):
        raise NotTaken("This cannot be rated.")
    text = comment.encode("utf-8", "replace").decode("utf-8").strip()
    if len(text) > MAX_COMMENT:
        raise NotTaken(f"The comment has {len(text)} characters; at most {MAX_COMMENT} are kept. Shorten it.")
    return Rating(str(verdict), str(reason), text)


def keep(file: FeedbackFile, turns: Sequence[Turn], number: int, rating: Rating) -> tuple[Turn, ...]:
    """`turns` with turn `number` (from 0) rated, after the rating is on the disk; a turn is rated once.

    Raises `OSError` when it cannot be kept.
    """
    turn = turns[number]
    if turn.rated:
        return tuple(turns)
    file.append(_row(turn, [t.question for t in turns[:number] if t.answer is not None], rating))
    return (*turns[:number], replace(turn, rated=True), *turns[number + 1 :])


def _row(turn: Turn, history: list[str], rating: Rating) -> dict[str, Any]:
    """A row of the contract's predictions, less the passages, with what was said of it."""
    assert turn.answer is not None  # `check` has seen to it
    answer = {k: v for k, v in turn.answer.to_dict().items() if k not in {"passages", "seconds"}}
    said = {"verdict": rating.verdict, "reason": rating.reason, "comment": rating.comment}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"id": uuid.uuid4().hex, "at": now, **said, "history": history, **answer}
