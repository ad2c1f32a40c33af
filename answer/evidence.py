"""Candidates: each unit of the best passages with the evidence that it answers the question, as named numbers.

select.py ranks candidates by a weighted sum of these numbers, weights.py turns the best one's into a probability.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from answer.question import Question
from answer.reader import Reading
from index.search import Hit, Index
from ingest.sentences import HEADING, ITEM, ROW, Unit

STOP = frozenset(
    "a about according all am an and any are as at be been by can could did do does done for from get give had has have how"
    " i if in into is it its itself just like me my name of on or other our please say so some tell than that the their them"
    " then there these they this those to up us was we were what when where which who whom whose why will with would you"
    " your s".split()
)
EXPLAIN = frozenset(
    "abbreviation acronym full form letters long mean meaning meant short spell spelled stand stands".split()
)
WORD = r"[\w-]+"
IS = r".{0,80}?\b(?:is|are|was|were|serves as|means|refers to|stands for)\b"
DOES = r"(?: \([^)]*\))? (?:will |\w+s )"
HEADED = frozenset({"acronym", "list"})  # kinds of question that a heading can answer: by its name, by what is under it
KIN_LETTERS = 4  # two words that begin with the same four letters are taken for relatives
SCORE_SCALE = 8.0  # reader scores are squashed by tanh(score / SCORE_SCALE), about their spread on the dev questions
# A sure reader is to be trusted where the words or the meaning bear it out, and a paraphrase shares the meaning only.
PRODUCTS = (
    ("reader_unit", "cosine"),
    ("reader_unit", "coverage"),
    ("reader_unit", "names_missing"),
    ("reader_passage", "passage_coverage"),
)
UNREAD = -1.0  # what a unit gets that no span of the reader falls into


@dataclass(frozen=True)
class Candidate:
    """A unit of hit number `rank` (from 0), and its evidence; `span` is the reader's span in the unit, in the document."""

    hit: Hit
    rank: int
    unit: Unit
    evidence: dict[str, float]
    span: tuple[int, int] | None


class EvidenceFinder:
    """Collects candidates for one question out of its hits."""

    def __init__(self, index: Index, question: Question) -> None:
        """Weigh the question's terms by how rare they are in `index`."""
        self._index = index
        self._question = question
        terms = [t for t in index.lexical.terms(question.text) if t not in STOP]
        self._weights = {term: index.lexical.idf(term) for term in terms}

    def candidates(self, hits: Sequence[Hit], readings: Sequence[Reading] | None) -> list[Candidate]:
        """Every unit of `hits` that can answer and says more than the question, with its evidence.

        `readings` are the reader's, one for each hit that it has read.
        """
        found: list[Candidate] = []
        for rank, hit in enumerate(hits):
            reading = readings[rank] if readings is not None and rank < len(readings) else None
            whole = self._passage_evidence(hit, rank, hits)
            text = self._index.document(hit.passage.document).text
            for unit, cosine in zip(hit.units, hit.unit_scores, strict=True):
                if unit.kind == HEADING and self._question.kind not in HEADED:
                    continue
                if not self._says_more(text[unit.start : unit.end]):
                    continue
                evidence = whole | self._unit_evidence(hit, unit, text[unit.start : unit.end], cosine)
                span = None
                if readings is not None:
                    span, score = _span_in(unit, reading, hit)
                    evidence["reader_unit"] = score
                    evidence["reader_passage"] = math.tanh(reading.score / SCORE_SCALE) if reading else UNREAD
                    evidence |= {f"{a} x {b}": evidence[a] * evidence[b] for a, b in PRODUCTS}
                found.append(Candidate(hit, rank, unit, evidence, span))
        return found

    def _passage_evidence(self, hit: Hit, rank: int, hits: Sequence[Hit]) -> dict[str, float]:
        around = f"{hit.passage.searched} {self._title(hit)}"
        return {
            "passage_lead": hit.score - max((h.score for h in hits if h is not hit), default=0.0),
            "passage_first": float(rank == 0),
            "passage_coverage": self._coverage(around),
            "names_missing": self._names_missing(around),
        }

    def _unit_evidence(self, hit: Hit, unit: Unit, text: str, cosine: float) -> dict[str, float]:
        headings = " ".join(hit.passage.section[-1:])
        title = self._title(hit)
        named_row = unit.kind == ROW and text.endswith(")")  # "Norwegian Space Agency (NOSA)"
        return {
            "cosine": cosine,
            "cosine_lead": cosine
            - max((s for u, s in zip(hit.units, hit.unit_scores, strict=True) if u != unit), default=0.0),
            "coverage": self._coverage(f"{title} {headings} {text}"),
            "unit_coverage": self._coverage(text),
            "fits": self._question.fits(text),
            "explains": self._explains(text),
            "defines": self._defines(text),
            "numbers_missing": self._numbers_missing(f"{title} {' '.join(hit.passage.section)} {text}"),
            "heading": float(unit.kind == HEADING),
            "item": float(unit.kind == ITEM),
            "row": float(unit.kind == ROW),
            "named_row": float(named_row),
            "kin_row": named_row * self._kin(text),
            "listed": hit.heading * (unit.kind in {ITEM, ROW, HEADING} and self._question.kind == "list"),
            "opens_list": float(text.endswith(":")),
        }

    def _title(self, hit: Hit) -> str:
        """The title of the report, which speaks of the year that the report is on even where it does not name it."""
        document = self._index.document(hit.passage.document)
        named = document.year is None or str(document.year) in document.title
        return document.title if named else f"{document.title} {document.year}"

    def _coverage(self, text: str) -> float:
        """The share of the question's weight whose terms stand in `text`."""
        total = sum(self._weights.values())
        present = set(self._index.lexical.terms(text))
        return sum(w for term, w in self._weights.items() if term in present) / total if total else 0.0

    def _says_more(self, text: str) -> bool:
        """Whether `text` says more than the question does: "Norway" does not answer "who represents Norway?"."""
        terms = set(self._index.lexical.terms(text)) - STOP
        return bool(terms - self._weights.keys())

    @cached_property
    def _names(self) -> list[set[str]]:
        """The question's names and numbers, each with its other forms: {"GER", "Global Exploration Roadmap"}."""
        question = f" {' '.join(re.findall(WORD, self._question.text.casefold()))} "
        forms = [
            {short.casefold(), long.casefold()}
            for short, long in self._index.acronyms.items()
            if f" {short.casefold()} " in question or f" {long.casefold()} " in question
        ]
        known = {word for pair in forms for form in pair for word in form.split()}
        return forms + [{n.casefold()} for n in self._question.names if n.casefold() not in known]

    def _names_missing(self, text: str) -> float:
        """The share of the question's names and numbers that `text` does not speak of in any form."""
        folded = text.casefold()
        missing = sum(
            not any(re.search(rf"(?<!\w){re.escape(f)}(?:s|['’]s)?(?!\w)", folded) for f in forms)
            for forms in self._names
        )
        return missing / len(self._names) if self._names else 0.0

    def _numbers_missing(self, text: str) -> float:
        """The share of the question's numbers (most are years) that do not stand in `text`."""
        numbers = [n for n in self._question.names if n[0].isdigit()]
        return (
            sum(not re.search(rf"(?<!\w){re.escape(n)}(?!\w)", text) for n in numbers) / len(numbers)
            if numbers
            else 0.0
        )

    def _defines(self, text: str) -> float:
        """1 where `text` says what a name of the question is or does ("The ERWG leads …"), and that is asked, else 0."""
        if self._question.kind != "definition":
            return 0.0
        names = "|".join(re.escape(form) for forms in self._names for form in forms)
        return float(bool(names and re.match(rf"(?:the )?(?:{names})\b(?:{IS}|{DOES})", text.casefold())))

    def _explains(self, text: str) -> float:
        """1 where an acronym is all that the question is about and `text` introduces it ("… Working Group (TWG)")."""
        return float(any(f"{long} ({short})" in text for short, long in self._asked_acronyms.items()))

    @cached_property
    def _asked_acronyms(self) -> dict[str, str]:
        """The acronyms that the question asks about and about nothing else: "What does ISRU mean?"; empty for others."""
        words = [w for w in re.findall(WORD, self._question.text.casefold()) if w not in STOP | EXPLAIN]
        known = {short.casefold(): short for short in self._index.acronyms}
        if not words or not all(word in known for word in words):
            return {}
        return {known[word]: self._index.acronyms[known[word]] for word in words}

    def _kin(self, text: str) -> float:
        """How rare the rarest word of the question is, from 0 to 1, that has a relative in `text`: Norway, Norwegian."""
        words = {w.casefold()[:KIN_LETTERS] for w in re.findall(r"[^\W\d_]+", text)}
        asked = [w for w in re.findall(r"[^\W\d_]+", self._question.text.casefold()) if w not in STOP]
        rare = [self._rarity(w) for w in asked if len(w) >= KIN_LETTERS and w[:KIN_LETTERS] in words]
        return max(rare, default=0.0)

    def _rarity(self, word: str) -> float:
        idf = self._index.lexical.idf
        return max((idf(term) for term in self._index.lexical.terms(word)), default=0.0) / idf("")


def _span_in(unit: Unit, reading: Reading | None, hit: Hit) -> tuple[tuple[int, int] | None, float]:
    """The reader's best span that begins in `unit`, in document offsets, and its squashed score."""
    if reading is None:
        return None, UNREAD
    shift = hit.passage.start - (len(hit.passage.read) - len(hit.passage.text))
    for span in reading.spans:
        start, end = span.start + shift, span.end + shift
        if unit.start <= start < unit.end and start >= hit.passage.start:
            sure = span.score > 0  # likelier than that there is no answer; a guess is not emphasised
            return (start, end) if sure else None, math.tanh(span.score / SCORE_SCALE)
    return None, UNREAD
