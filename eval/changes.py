"""What an update changes in the answers to saved questions: asks before and after it; compare.py says which run is right.

A question set is asked on the index as it was; a predictions file brings its old answers along.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from answer.pipeline import REFUSAL_TEXT, Assistant
from answer.reader import open_reader
from eval.jsonl import BadFile, read_rows
from eval.predictions import parse
from eval.questions import Question, read_questions
from eval.tables import one_line
from index.embed import Encoder, SentenceEncoder
from index.store import current_build, read_manifest

ANSWERED, REFUSED, OTHER_WORDS, OTHER_PLACE = (
    "answered now",
    "refused now",
    "other words",
    "the same words in another place",
)
LONGEST = 400  # characters of a quote that are shown on a line

Row = dict[str, Any]  # an answer as the contract's JSON object
Asking = Callable[[int, int], None]  # (questions asked, in all)


@dataclass(frozen=True)
class Shown:
    """A quote as a person sees it."""

    quote: str
    title: str
    section: tuple[str, ...]
    page: int | None


@dataclass(frozen=True)
class Change:
    """A question whose answer is not what it was; `kind` is one of the four above. No quotes: it was, or is, refused."""

    id: str
    question: str
    kind: str
    before: tuple[Shown, ...]
    after: tuple[Shown, ...]


@dataclass(frozen=True)
class Changes:
    """The questions asked, how many, and the changes; `compared` is False where there were no old answers."""

    asked: int
    compared: bool
    changed: tuple[Change, ...]

    def to_dict(self) -> dict[str, Any]:
        """The changes as a JSON object."""
        return asdict(self)


class Recheck:
    """Asks one question set before and after an update."""

    def __init__(self, path: Path, encoder: Encoder, reader: str) -> None:
        """Read the questions or predictions in `path`; raises `BadFile` or `NoSuchReader`."""
        try:
            self._questions, self._before = _read(path)
        except OSError as error:
            raise BadFile(f"{path} cannot be read: {error.strerror}.") from error
        self._encoder, self._reader = encoder, open_reader(reader)

    def ask_before(self, folder: Path, asking: Asking | None = None) -> None:
        """Ask the index in `folder` as it is, unless the old answers are known, or there is none.

        Raises `IndexProblem` where it cannot be used, `NoSuchModel` where its model is gone.
        """
        if self._before is None and current_build(folder) is not None:
            manifest = read_manifest(folder)
            same = manifest.model_fingerprint == self._encoder.fingerprint
            encoder = self._encoder if same else SentenceEncoder(manifest.model)
            self._before = self._ask(folder, encoder, asking)

    def ask_after(self, folder: Path, asking: Asking | None = None) -> Changes:
        """Ask the index in `folder` as it is now; raises `IndexProblem`."""
        if self._before is None:
            return Changes(len(self._questions), False, ())
        after = self._ask(folder, self._encoder, asking)
        changes = map(_compare, self._questions, self._before, after)
        return Changes(len(self._questions), True, tuple(change for change in changes if change))

    def _ask(self, folder: Path, encoder: Encoder, asking: Asking | None) -> list[Row]:
        assistant = Assistant(folder, encoder, self._reader)
        rows = []
        for number, question in enumerate(self._questions, 1):
            try:
                rows.append(assistant.ask(question.question, question.history).to_dict())
            except ValueError as error:
                raise BadFile(f"{question.id}: this question cannot be asked: {error}") from error
            if asking:
                asking(number, len(self._questions))
        return rows


def describe(changes: Changes) -> str:
    """The changes for a person, old and new quotes one under the other."""
    if not changes.compared:
        return "There was no index before, so there are no old answers to compare with."
    blocks = [f"{len(changes.changed)} of {changes.asked} answers changed"]
    for change in changes.changed:
        lines = [one_line(f"{change.id} {change.question}", LONGEST) + f"  ({change.kind})"]
        for word, shown in (("was", change.before), ("now", change.after)):
            lines += [f"  {word}: {_line(one)}" for one in shown] or [f"  {word}: {REFUSAL_TEXT}"]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _line(shown: Shown) -> str:
    page = f"p. {shown.page}" if shown.page is not None else ""
    place = ", ".join(part for part in (shown.title, " > ".join(shown.section), page) if part)
    return f"“{one_line(shown.quote, LONGEST)}” ({one_line(place)})"


def _compare(question: Question, before: Row, after: Row) -> Change | None:
    old, new = _shown(before), _shown(after)
    if old == new:
        return None
    kind = OTHER_PLACE if [s.quote for s in old] == [s.quote for s in new] else OTHER_WORDS
    kind = kind if old and new else ANSWERED if new else REFUSED
    return Change(question.id, question.question, kind, old, new)


def _shown(row: Row) -> tuple[Shown, ...]:
    shown = []
    for citation in row["citations"]:
        section = citation.get("section")
        path = tuple(map(str, section)) if isinstance(section, list) else ()
        shown.append(Shown(citation["quote"], str(citation.get("title", "")), path, citation["page"]))
    return tuple(shown)


def _read(path: Path) -> tuple[list[Question], list[Row] | None]:
    """The questions in `path` and, where it is a predictions file, the answers that were given."""
    rows = list(read_rows(path))
    if not any("citations" in row for _, row in rows):
        return read_questions(path), None
    questions = []
    for place, row in rows:
        try:
            asked = parse(row)
            questions.append(_question(asked.id, row))
        except ValueError as error:
            raise BadFile(f"{place}: {error}") from error
    return questions, [row for _, row in rows]


def _question(id_: str, row: Row) -> Question:
    """What to ask again: with its earlier turns or, where these were not saved, as it was understood."""
    history = row.get("history") or []
    question = row.get("question") if history else row.get("understood_as") or row.get("question")
    if not isinstance(question, str) or not all(isinstance(turn, str) for turn in history):
        raise ValueError("`question` must be there, as str, and `history`, if it is, as a list of str.")
    return Question(id_, question, tuple(history))
