"""The one path from a question to an Answer; the chat, the terminal and eval all call `Assistant.ask`."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from answer.answer import REFUSAL_TEXT, Answer, YearAnswer
from answer.cite import Citation, cite
from answer.evidence import Candidate, EvidenceFinder
from answer.follow_up import make_whole
from answer.plan import Plan, Scope, make_plan, newest_first, speaks_of
from answer.provenance import Provenance
from answer.question import Question
from answer.reader import CARRIED, Reader, Reading, open_reader
from answer.select import make_quotes, rank
from answer.weights import Weights, load, setting
from answer.years import resolve, without_years
from index.embed import CARRIED_MODEL, Encoder, SentenceEncoder
from index.search import Hit, Index
from index.store import IndexProblem
from ingest.document import Document

__all__ = ["MAX_QUESTION", "REFUSAL_TEXT", "Answer", "Assistant", "Lookup", "YearAnswer"]

MAX_QUESTION = 500  # characters
SHOWN = 10  # passages that come with an answer
READ = 5  # passages that the reader reads
QUOTED = 3  # the best of these by search and reader together, out of which quotes are chosen
READER_SHARE = 0.006  # of a reader's score, some -10 to 10, that is added to a hit's for their order


@dataclass(frozen=True)
class Lookup:
    """What an answer is made of: the question as typed and as understood (`understood_as` where they differ), the ten best
    hits in `index`, and the units of QUOTED of them, the likeliest answer first. `plan` is how the reports were
    asked, `confidence` the probability that the likeliest unit is right.
    """

    index: Index
    question: str
    asked: Question
    understood_as: str | None
    hits: tuple[Hit, ...]
    candidates: tuple[Candidate, ...]
    plan: Plan
    confidence: float


class Assistant:
    """Answers questions over one index; picks up a newer build when `refresh` is called."""

    def __init__(
        self, folder: Path, encoder: Encoder, reader: Reader | None = None, weights: Weights | None = None
    ) -> None:
        """Open the index in `folder`; raises `IndexProblem` when it cannot be used."""
        self._folder, self._encoder, self._reader = folder, encoder, reader
        self._weights = weights or load(setting(reader))
        self.index = Index(folder, encoder)

    @classmethod
    def open(cls, folder: Path, model: str = CARRIED_MODEL, reader: str = CARRIED) -> Assistant:
        """Load the models and open the index in `folder`; raises `IndexProblem`, `NoSuchModel` or `NoSuchReader`."""
        return cls(folder, SentenceEncoder(model), open_reader(reader))

    @property
    def documents(self) -> tuple[Document, ...]:
        """The reports that are asked."""
        return self.index.documents

    def refresh(self) -> bool:
        """Take up a newer build of the index, if there is one and it can be used; whether it did."""
        if self.index.is_current():
            return False
        try:
            self.index = Index(self._folder, self._encoder)
        except IndexProblem:
            return False  # the build in hand still answers; the next question tries again
        return True

    def ask(self, question: str, history: Sequence[str] = (), documents: Collection[str] | None = None) -> Answer:
        """Answer `question`; `history` holds the user's earlier turns, oldest first; `documents` limits the reports asked.

        Raises `ValueError` for an empty question or one of more than MAX_QUESTION characters.
        """
        began = time.perf_counter()
        look = self.look_up(question, history, documents)
        index, learned = look.index, self._weights
        citations: tuple[Citation, ...] = ()
        if look.candidates and look.confidence >= learned.threshold:
            by_name = {d.name: d for d in index.documents}
            quotes = make_quotes(look.candidates, look.asked, by_name, learned)
            citations = tuple(_cite(index, q.candidate.hit, q.start, q.end, q.candidate.span) for q in quotes)
        return Answer(
            question=look.question,
            understood_as=look.understood_as,
            citations=citations,
            refusal=None if citations else _why_not(look, learned.threshold),
            confidence=look.confidence,
            passages=look.hits,
            places=tuple(_cite(index, hit, hit.passage.start, hit.passage.end) for hit in look.hits),
            seconds=time.perf_counter() - began,
            history=tuple(history),
            documents=tuple(d for d in index.documents if documents is None or d.name in documents),
            provenance=Provenance.of(index.fingerprint, self._encoder, self._reader, learned),
            years=look.plan.years,
        )

    def ask_by_year(
        self, question: str, history: Sequence[str] = (), documents: Collection[str] | None = None
    ) -> tuple[YearAnswer, ...]:
        """The answer to `question` of each report year in the index, newest first; each quotes once or is a refusal.

        A year in the question gives way to each of them. Documents of which no year is known are asked last, together.
        Raises `ValueError` as `ask` does.
        """
        index = self.index
        asked = _checked(question)
        whole = without_years(_whole(asked, history))
        years: dict[int | None, list[str]] = {}
        for document in sorted(index.documents, key=lambda d: -(d.year or 0)):
            if documents is None or document.name in documents:
                years.setdefault(document.year, []).append(document.name)
        answers = {year: self.ask(whole or asked, (), names) for year, names in years.items()}
        return tuple(YearAnswer(year, answer.as_of(asked, tuple(history))) for year, answer in answers.items())

    def look_up(self, question: str, history: Sequence[str] = (), documents: Collection[str] | None = None) -> Lookup:
        """Everything that an answer to `question` can be made of; raises `ValueError` as `ask` does.

        The scopes of the question's plan are looked up until one answers; if none does, the likeliest counts.
        """
        index = self.index  # one build from here to the last quote, also when another is taken up meanwhile
        asked = _checked(question)
        chosen = [d for d in index.documents if documents is None or d.name in documents]
        whole = index.mender.mend(_whole(asked, history))
        whole = resolve(whole, chosen, index.editions)
        plan = make_plan(whole, chosen, index.editions, {short.casefold() for short in index.acronyms})
        understood = whole if whole != asked else None
        best: Lookup | None = None
        for scope in plan.scopes:
            searched = scope.wording(whole)
            hits, candidates = self._candidates(index, searched, scope)
            confidence = self._weights.confidence(candidates[0].evidence) if candidates else 0.0
            look = Lookup(index, asked, Question(searched), understood, hits, candidates, plan, confidence)
            if best is None or confidence > best.confidence:
                best = look
            if candidates and confidence >= self._weights.threshold:
                break
        if best is None:  # there is no such report: the nearest passages of the others are shown
            hits = tuple(index.search(whole, SHOWN, [d.name for d in chosen]))
            best = Lookup(index, asked, Question(whole), understood, hits, (), plan, 0.0)
        return best

    def _candidates(self, index: Index, asked: str, scope: Scope) -> tuple[tuple[Hit, ...], tuple[Candidate, ...]]:
        """The ten best hits in `scope`, and the units of QUOTED that count there, the likeliest answer first."""
        everything = len(scope.documents) == len(index.documents)
        hits = index.search(asked, SHOWN, None if everything else scope.documents)
        counting = [h for h in hits if speaks_of(scope.years, index.document(h.passage.document), h.passage)]
        counting = newest_first(counting, index.editions)
        best, readings = self._reranked(asked, counting[:READ], index)
        candidates = EvidenceFinder(index, Question(asked)).candidates(best[:QUOTED], readings)
        return tuple(hits), tuple(rank(candidates, self._weights))

    def _reranked(self, asked: str, hits: Sequence[Hit], index: Index) -> tuple[Sequence[Hit], list[Reading] | None]:
        """`hits` scored and ordered by search and reader together, and the reader's readings of them.

        Without a reader they stay as they are.
        """
        if self._reader is None:
            return hits, None
        readings = {hit.passage: self._reader.read(asked, [hit.passage.read])[0] for hit in hits}
        weighed = [replace(hit, score=hit.score + READER_SHARE * readings[hit.passage].score) for hit in hits]
        ordered = newest_first(sorted(weighed, key=lambda hit: -hit.score), index.editions)
        return ordered, [readings[hit.passage] for hit in ordered]


def _cite(index: Index, hit: Hit, start: int, end: int, emphasis: tuple[int, int] | None = None) -> Citation:
    name = hit.passage.document
    return cite(index.document(name), start, end, emphasis, index.editions.newest(name))


def _why_not(look: Lookup, threshold: float) -> str:
    if look.plan.refusal:
        return look.plan.refusal
    if not look.candidates:
        return "None of the reports asked has a passage near this question."
    return f"No passage answers this surely enough: the best reaches {look.confidence:.2f}, needed is {threshold:.2f}."


def _whole(asked: str, history: Sequence[str]) -> str:
    return make_whole(asked, [_plain(turn)[:MAX_QUESTION] for turn in history if turn.strip()]) or asked


def _plain(text: str) -> str:
    """`text` on one line; half a character, which a terminal that is not UTF-8 can send, becomes "?"."""
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").split())


def _checked(question: str) -> str:
    asked = _plain(question)
    if not asked:
        raise ValueError("The question is empty; type one.")
    if len(asked) > MAX_QUESTION:
        raise ValueError(f"The question has {len(asked)} characters; at most {MAX_QUESTION} are read. Shorten it.")
    return asked
