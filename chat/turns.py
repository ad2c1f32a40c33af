"""A turn of a conversation with the sources it can open, and the desk that asks the assistant; no markup, no Gradio."""

import asyncio
import logging
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock, Semaphore
from typing import Any

from answer.cite import Citation
from answer.pipeline import Answer, Assistant, YearAnswer
from chat import words
from chat.limits import Limits, TooMuch
from chat.nearby import Nearby
from chat.page_image import Pages
from ingest.document import Document

NEAREST = 3  # sections shown with a refusal
ENOUGH = 3  # questions to begin with
AT_ONCE = os.cpu_count() or 1  # questions that are answered at the same time; each takes one processor
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """A place that the panel can open. It holds its own Document, so it opens after the index has moved on.

    `answers` is False for a section that is merely near the question.
    """

    document: Document
    citation: Citation
    answers: bool


@dataclass(frozen=True)
class Turn:
    """A question with its answer, or the `problem` that kept it from being asked; neither while it is being asked.

    `by_year` are the answers of each year's reports, where that was asked for; then there is no `answer`. `reports` are the
    names of those that it was limited to (none: all were asked). `rated` says whether the person has rated the answer; None
    where no feedback is taken.
    """

    question: str
    answer: Answer | None = None
    sources: tuple[Source, ...] = ()
    problem: str | None = None
    by_year: tuple[YearAnswer, ...] = ()
    reports: tuple[str, ...] = ()
    rated: bool | None = None


class Conversation:
    """The turns of a tab. Its events hold `lock` from when they read `turns` until they have written them, so that one
    follows the other, in the order in which they came, while those of other tabs run at the same time.
    """

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self.turns: tuple[Turn, ...] = ()
        self.lock = asyncio.Lock()  # which lets those who wait in by their order

    def __deepcopy__(self, _: object) -> "Conversation":
        """An empty one: Gradio makes the conversation of each new tab as a copy of the page's."""
        return Conversation()


class Desk:
    """Asks the assistant for all tabs, as many questions at once as there are processors, and takes up a new index."""

    def __init__(self, assistant: Assistant, ratable: bool = False, limits: Limits | None = None) -> None:
        """Keep `assistant`, and those of the suggested questions that it answers; `ratable`: feedback is taken."""
        self._assistant, self._rated = assistant, False if ratable else None
        self.limits = limits or Limits()
        self._lock = Lock()  # held while another index is taken up
        self._free = Semaphore(AT_ONCE)
        self.pages = Pages(lambda: self._assistant.index.sources)
        self._nearby = Nearby(self._ask_if_free)
        self.suggestions = self._answerable()

    @property
    def documents(self) -> tuple[Document, ...]:
        """The reports that are asked now."""
        return self._assistant.documents

    def ask(self, question: str, earlier: Sequence[Turn] = (), reports: Collection[str] = (), client: str = "") -> Turn:
        """The turn that answers `question` after the `earlier` ones; `reports` limits it by file name (none: all).

        `client` is who asks, for the limits.
        """
        history = [turn.question for turn in earlier if turn.answer is not None]
        chosen: tuple[str, ...] = ()
        try:
            with self.limits.admitted(client):
                self.refresh()
                chosen = self._known(reports)
                answer = self.answer(question, history, chosen)
        except (ValueError, TooMuch) as error:
            LOG.info("not asked: %s", error)
            return Turn(question, problem=str(error))
        return Turn(question, answer, _sources(answer), reports=chosen, rated=self._rated)

    def answer(self, question: str, history: Sequence[str] = (), reports: Collection[str] = ()) -> Answer:
        """The answer to `question` after the turns in `history`, out of `reports` (none: all).

        Raises `ValueError` as `Assistant.ask` does, and for a report that is not there.
        """
        self.refresh()
        for name in reports:
            if name not in self._known(reports):
                raise ValueError(words.NO_SUCH_REPORT.format(name=name))
        with self._free:
            return self._assistant.ask(question, history, reports or None)

    def _known(self, reports: Collection[str]) -> tuple[str, ...]:
        """Those of `reports` that are there."""
        known = {document.name for document in self.documents}
        return tuple(name for name in reports if name in known)

    def reports(self) -> list[dict[str, Any]]:
        """The reports that can be asked now, for other programs."""
        self.refresh()
        return [{"document": d.name, "title": d.title, "year": d.year, "sha256": d.sha256} for d in self.documents]

    def by_year(self, turn: Turn, client: str = "") -> Turn:
        """The turn that asks the question of `turn` again, of each year's reports; `client` as for `ask`.

        For the limits, each year is a question.
        """
        asked = turn.answer.understood_as if turn.answer and turn.answer.understood_as else turn.question
        self.refresh()
        try:
            questions = len({document.year for document in self.documents})
            with self.limits.admitted(client, questions), self._free:
                years = self._assistant.ask_by_year(asked, (), self._known(turn.reports) or None)
        except (ValueError, TooMuch) as error:
            return Turn(asked, problem=str(error))
        sources = (source for year in years if year.answer.answered for source in _sources(year.answer))
        return Turn(asked, sources=tuple(sources), by_year=years, reports=turn.reports)

    def nearby(self, turns: Sequence[Turn]) -> tuple[str, ...]:
        """Questions near the last of `turns` that are answered; none while others wait for their answers."""
        last = turns[-1] if turns else None
        if last is None or last.answer is None:
            return ()
        return self._nearby.of_answer(last.answer, [turn.question for turn in turns], last.reports)

    def _ask_if_free(self, question: str, reports: Collection[str]) -> Answer | None:
        """For questions that nobody has asked: they count for no limit, and give way to all that somebody asks."""
        if not self.limits.idle or not self._free.acquire(blocking=False):
            return None
        try:
            return self._assistant.ask(question, (), reports or None)
        finally:
            self._free.release()

    def refresh(self) -> None:
        """Take up a newly built index, if there is one; an answer that is under way comes from the one before."""
        with self._lock:
            if self._assistant.refresh():
                self._nearby = Nearby(self._ask_if_free)
                self.suggestions = self._answerable()

    def _answerable(self) -> tuple[str, ...]:
        """The questions to begin with: those of words.py that are answered, or some made from the newest report."""
        known = tuple(q for q in words.SUGGESTIONS if self._assistant.ask(q).answered)
        newest_first = sorted(self.documents, key=lambda document: -(document.year or 0))
        if len(known) >= ENOUGH:
            return known
        made = Nearby(lambda question, _: self._assistant.ask(question)).of_reports(newest_first)
        return tuple(dict.fromkeys((*known, *made)))


def _sources(answer: Answer) -> tuple[Source, ...]:
    documents = {document.name: document for document in answer.documents}
    if answer.answered:
        return tuple(Source(documents[c.document], c, answers=True) for c in answer.citations)
    best: dict[tuple[str, tuple[str, ...]], Citation] = {}  # of each section, the first place is the best
    for place in answer.places:
        best.setdefault((place.document, place.section), place)
    return tuple(Source(documents[place.document], place, answers=False) for place in list(best.values())[:NEAREST])


def find_source(turns: Sequence[Turn], key: object) -> tuple[int, int] | None:
    """The turn and source, counted from 0, that `key` names ("2-1", counted from 1); None if there is no such source.

    `key` comes from the browser, so it may be anything.
    """
    first, _, second = str(key)[:20].partition("-")
    if not (first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
        return None
    turn, number = int(first) - 1, int(second) - 1
    exists = 0 <= turn < len(turns) and 0 <= number < len(turns[turn].sources)
    return (turn, number) if exists else None


def find_turn(turns: Sequence[Turn], key: object) -> int | None:
    """The turn, counted from 0, that `key` names ("2", counted from 1) if it was answered or refused; else None.

    `key` comes from the browser, so it may be anything.
    """
    number = str(key)[:10]
    if not (number.isascii() and number.isdigit() and 0 < int(number) <= len(turns)):
        return None
    return int(number) - 1 if turns[int(number) - 1].answer is not None else None
