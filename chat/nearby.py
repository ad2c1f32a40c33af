"""Questions to ask next, made from the reports' own sentences; only those are given that the assistant answers from there."""

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from answer.pipeline import Answer
from ingest.document import Document
from ingest.sentences import split_units

SHOWN = 3
SECONDS = 2.0  # in which the questions of one turn are looked for; what is known by then is shown
TRIED = 12  # questions that are asked for one turn, at most
SECTIONS = 5  # the nearest, in which sentences are looked for
PRONOUNS = frozenset(
    {"It", "This", "These", "Those", "That", "They", "He", "She", "We", "There", "Each", "Both", "All", "Here"}
)
REMEMBERED = 2000  # questions
LONGEST = 110  # characters of a question
UNFINISHED = (" of", " for", " and", " on", " the", " in")

_NAME = (
    r"(?P<the>[Tt]he |An? )?(?P<name>[A-Z][\w’'&/-]*(?: (?:of|for|and|on|the|in|[A-Z][\w’'&/-]*|\d{4}|\([A-Z]+\)))*)"
)
# A verb as a sentence has it, and as a question has it
VERBS = {
    "aims to": "aim to do", "seeks to": "seek to do", "plans to": "plan to do", "works to": "work to do",
    "intends to": "intend to do", "focuses on": "focus on", "consists of": "consist of", "identifies": "identify",
    "includes": "include", "leads": "lead", "provides": "provide", "supports": "support", "discusses": "discuss",
    "introduces": "introduce", "presents": "present", "covers": "cover", "describes": "describe", "outlines": "outline",
    "recognises": "recognise", "recognizes": "recognize", "develops": "develop", "coordinates": "coordinate",
    "reflects": "reflect", "comprises": "comprise", "promotes": "promote", "examines": "examine", "serves": "serve",
}  # fmt: skip
_DATE = r"(?=[^.]*\b(?:19|20)\d\d\b)"
_AIMS = "goal|purpose|aim|mission|objective|role|mandate|vision|benefit"
_EVENTS = "published|released|established|founded|created|formed|launched|held|signed|adopted"
PATTERNS = (
    (re.compile(rf"The (?P<what>{_AIMS}) of {_NAME} (?:is|was) "), "What is the {what} of {x}?"),
    (re.compile(rf"The (?P<what>(?:{_AIMS})s) of {_NAME} (?:are|were) "), "What are the {what} of {x}?"),
    (re.compile(rf"{_NAME} (?:was|were) (?P<what>{_EVENTS})\b{_DATE}"), "When was {x} {what}?"),
    (re.compile(rf"{_NAME} is (?:an?|the) "), "What is {x}?"),
    (re.compile(rf"{_NAME} (?P<what>{'|'.join(VERBS)})\b"), "What does {x} {what}?"),
    (re.compile(rf"{_NAME} will (?!be\b)(?:\w+ly )?[a-z]+ "), "What will {x} do?"),
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A question and the sentence it was made from, which an answer must quote: text[start:end] of `document`."""

    question: str
    document: str
    start: int
    end: int

    def answered_by(self, answer: Answer) -> bool:
        """Whether `answer` quotes the sentence."""
        return any(c.document == self.document and c.start < self.end and self.start < c.end for c in answer.citations)


def candidates(document: Document, start: int, end: int) -> Iterator[Candidate]:
    """Questions to which a sentence of document.text[start:end] should be the answer, in order."""
    for unit in split_units(document.text, start, end):
        question = _question(document.text[unit.start : unit.end])
        if question and len(question) <= LONGEST:
            yield Candidate(question, document.name, unit.start, unit.end)


def _question(sentence: str) -> str | None:
    for pattern, form in PATTERNS:
        match = pattern.match(sentence)
        if match and match["name"] not in PRONOUNS and not match["name"].endswith(UNFINISHED):
            article = (match["the"] or "").lower()
            what = match.groupdict().get("what", "")
            name = re.sub(r" \([A-Z]+\)", "", match["name"])
            return form.format(x=article + name, what=VERBS.get(what, what))
    return None


class Nearby:
    """Finds questions near an answer. `ask` answers one, or gives None while others wait for their answers."""

    def __init__(self, ask: Callable[[str, Collection[str]], Answer | None]) -> None:
        """Nothing is asked before it is needed; what was found out is remembered."""
        self._ask = ask
        self._known: dict[tuple[str, str, int, tuple[str, ...]], bool] = {}

    def of_answer(self, answer: Answer, asked: Collection[str], reports: Collection[str] = ()) -> tuple[str, ...]:
        """Up to SHOWN questions from the sections of an answer's quotes and nearest passages, none of `asked` among them.

        `reports` limits the reports by name, as it did for the answer.
        """
        documents = {d.sha256: d for d in answer.documents}
        quoted = [(c.document, c.start, c.end) for c in answer.citations]
        spans: dict[tuple[str, int, int], None] = {}
        for place in (*answer.citations, *answer.places):
            document = documents[place.sha256]
            section = document.section_at(place.start)
            if section and len(spans) < SECTIONS:
                spans[document.sha256, section.body, section.end] = None
        made = (c for sha256, start, end in spans for c in candidates(documents[sha256], start, end))
        fresh = (c for c in made if not any(c.document == d and c.start < b and a < c.end for d, a, b in quoted))
        return self._answered(fresh, {question.casefold() for question in asked}, reports)

    def of_reports(self, documents: Sequence[Document]) -> tuple[str, ...]:
        """Up to SHOWN questions to begin with, from the beginnings of the sections of the first document."""
        if not documents:
            return ()
        first = documents[0]
        made = (next(candidates(first, s.body, s.end), None) for s in first.sections)
        return self._answered((c for c in made if c), set(), ())

    def _answered(self, made: Iterator[Candidate], asked: set[str], reports: Collection[str]) -> tuple[str, ...]:
        ends = time.monotonic() + SECONDS
        found: list[str] = []
        tried = 0
        for candidate in made:
            if len(found) == SHOWN or tried == TRIED or time.monotonic() > ends:
                break
            if candidate.question.casefold() in asked:
                continue
            asked.add(candidate.question.casefold())
            key = (candidate.question, candidate.document, candidate.start, tuple(reports))
            if key not in self._known:
                answer = self._ask(candidate.question, reports)
                if answer is None:
                    break
                tried += 1
                self._remember(key, candidate.answered_by(answer))
            if self._known[key]:
                found.append(candidate.question)
        return tuple(found)

    def _remember(self, key: tuple[str, str, int, tuple[str, ...]], answered: bool) -> None:
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[key] = answered
