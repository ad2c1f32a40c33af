"""Turns what people said of answers in the chat into candidate questions, which a person must check before they count."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.jsonl import BadFile
from eval.questions import fold

UP, DOWN = "up", "down"
TYPE = "feedback"
CHECK = "Check the question and its evidence, then remove `candidate` and `note`."


@dataclass(frozen=True)
class Said:
    """One line of the chat's feedback file: what was asked, what the chat answered, and what the person said of it.

    `quotes` are those of the answer, none where it refused. `reason` is one of the words that the chat writes, or "".
    """

    question: str
    history: tuple[str, ...]
    quotes: tuple[str, ...]
    verdict: str
    reason: str
    comment: str

    @property
    def key(self) -> tuple[str, ...]:
        """The same for whoever asks the same after the same."""
        return tuple(map(fold, (self.question, *self.history)))

    @property
    def note(self) -> str:
        """What was said, on one line."""
        reason = f" ({self.reason})" if self.reason else ""
        comment = f", “{' '.join(self.comment.split())}”" if self.comment else ""
        answer = " … ".join(" ".join(quote.split()) for quote in self.quotes)
        of = f"the answer “{answer}”" if answer else "the refusal"
        return f"{self.verdict}{reason}{comment}, of {of}"


def read_feedback(path: Path) -> tuple[list[Said], list[str]]:
    """What people said, in order, and a sentence for each line that is no such thing; such a line stops no other.

    Raises `BadFile` when no line can be used, `OSError` when the file cannot be read.
    """
    said: list[Said] = []
    problems: list[str] = []
    content = path.read_bytes()
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            said.append(_said(line))
        except (ValueError, RecursionError) as error:
            torn = number == content.count(b"\n") + 1
            problems.append(f"{path}, line {number}: {_TORN if torn else f'left out: {error}'}")
    if not said:
        raise BadFile(" ".join([f"{path} holds no feedback.", *problems]))
    return said, problems


_TORN = "left out: the line is cut short. The chat was stopped while writing it, before it said that it was noted."


def _said(line: bytes) -> Said:
    try:
        row = json.loads(line.decode("utf-8"))
    except ValueError as error:
        raise ValueError(f"not JSON in UTF-8 ({error}).") from error
    if not isinstance(row, dict):
        raise ValueError(f"must be a JSON object, and is {type(row).__name__}.")
    citations = row.get("citations", [])
    if not isinstance(citations, list) or not all(isinstance(c, dict) for c in citations):
        raise ValueError("`citations` must be a list of objects.")
    said = Said(
        question=_text(row, "question", filled=True),
        history=_texts(row.get("history", []), "history"),
        quotes=_texts([c.get("quote") for c in citations], "citations"),
        verdict=_text(row, "verdict"),
        reason=_text(row, "reason"),
        comment=_text(row, "comment"),
    )
    if said.verdict not in (UP, DOWN):
        raise ValueError(f"`verdict` must be {UP!r} or {DOWN!r}, and is {said.verdict!r}.")
    return said


def _text(row: dict[str, Any], field: str, filled: bool = False) -> str:
    value = row.get(field, "")
    if not isinstance(value, str) or (filled and not fold(value)):
        raise ValueError(f"`{field}` must be a string{' with something in it' * filled}.")
    return value.encode("utf-8", "replace").decode("utf-8")  # half a character could not be written again


def _texts(values: Any, field: str) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise ValueError(f"`{field}` must be a list.")
    return tuple(_text({field: value}, field, filled=True) for value in values)


def to_candidates(said: Sequence[Said]) -> list[dict[str, Any]]:
    """A row of a question set for each question asked, in order of its first asking, marked as a candidate.

    The quotes of an answer are its evidence only if all who rated it said that it was right; else it has none.
    """
    groups: dict[tuple[str, ...], list[Said]] = {}
    for one in said:
        groups.setdefault(one.key, []).append(one)
    return [_candidate(key, group) for key, group in groups.items()]


def _candidate(key: tuple[str, ...], group: Sequence[Said]) -> dict[str, Any]:
    agreed = all(one.verdict == UP and one.quotes for one in group)
    evidence = dict.fromkeys(quote for one in group for quote in one.quotes) if agreed else {}
    notes = dict.fromkeys(one.note for one in group)
    return {
        "id": f"feedback-{hashlib.sha256(json.dumps(key).encode()).hexdigest()[:12]}",
        "question": group[0].question,
        "history": list(group[0].history),
        "type": TYPE,
        "evidence": list(evidence),
        "candidate": True,
        "note": f"{CHECK} {len(group)} said: {'; '.join(notes)}.",
    }
