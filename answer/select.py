"""Chooses the spans to quote: ranks candidates, then widens the best to a whole list or to a quote that stands alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from answer.evidence import Candidate
from answer.question import Question
from answer.weights import Weights
from ingest.document import Document
from ingest.sentences import HEADING, ITEM, ROW, split_units

MOST_QUOTES = 3
NAMED = 0.99  # share of a heading from which on the question names it
ALIKE = 0.8  # share of the shorter quote's words from which on two quotes say the same
LONGEST_TABLE = 3000  # characters; of a longer one the row alone is quoted
LEANS_BACK = re.compile(
    r"(?:It|They|These|This|Those|Their|Its|He|She|Such|There|Both|The (?:two|document|group|paper|first|second))\b"
    r"(?! (?:report|edition of the))"
)
WORD = re.compile(r"\w+")
LIST_LINE = re.compile(r"(?: {2})*- ")


@dataclass(frozen=True)
class Quote:
    """document.text[start:end], chosen for `candidate`."""

    candidate: Candidate
    start: int
    end: int


def rank(candidates: Sequence[Candidate], weights: Weights) -> list[Candidate]:
    """Candidates, the one that most probably answers first."""
    return sorted(candidates, key=lambda c: -weights.selection(c.evidence))


def widen(candidate: Candidate, question: Question, document: Document) -> Quote:
    """The span to quote for `candidate`: its unit, widened so that it can be read alone.

    A line that opens a list takes the list along; an item takes the whole list when the question asks for one; a sentence
    that leans on the one before ("These include …") takes that one along; a heading takes the list right under it. A row of a
    table takes the whole table when a list is asked for and the question names the table's section.
    """
    unit, text = candidate.unit, document.text
    start, end = unit.start, unit.end
    section = document.section_at(start)
    first, last = (section.start, section.end) if section else (0, len(text))
    if unit.kind == ITEM and question.kind == "list":
        start, end = _block(text, start, first, last)
        start = _opening(text, start, section.body if section else 0)
    elif unit.kind == ROW and question.kind == "list" and section and candidate.hit.heading > NAMED:
        table = section.body, section.start + len(text[section.start : section.end].rstrip())
        start, end = table if table[1] - table[0] <= LONGEST_TABLE else (start, end)
    elif text[start:end].endswith(":") or (unit.kind == HEADING and question.kind == "list"):
        after = text[end:last]
        lines = after.lstrip("\n")
        if LIST_LINE.match(lines):
            end = _block(text, end + len(after) - len(lines), first, last)[1]
    elif unit.kind not in {HEADING, ITEM} and LEANS_BACK.match(text[start:end]):
        start = _sentence_before(candidate, start)
    return Quote(candidate, start, end)


def _block(text: str, at: int, first: int, last: int) -> tuple[int, int]:
    """The block of lines around `at`, inside [first, last)."""
    start = text.rfind("\n\n", first, at)
    end = text.find("\n\n", at, last)
    return (start + 2 if start >= 0 else first), (
        end if end >= 0 else last - (len(text[:last]) - len(text[:last].rstrip()))
    )


def _opening(text: str, start: int, body: int) -> int:
    """Where the sentence that opens the list at `start` begins ("… the following principles:"), else `start`."""
    before = text[body:start].rstrip()
    if not before.endswith(":"):
        return start
    block = body + before.rfind("\n\n") + 2 if "\n\n" in before else body
    return split_units(text, block, body + len(before))[-1].start


def _sentence_before(candidate: Candidate, start: int) -> int:
    earlier = [u for u in candidate.hit.units if u.end <= start and u.kind not in {HEADING, ITEM}]
    if not earlier or start - earlier[-1].end > 1:  # another paragraph
        return start
    return earlier[-1].start


def make_quotes(
    ranked: Sequence[Candidate], question: Question, documents: dict[str, Document], weights: Weights
) -> list[Quote]:
    """The quotes that make the answer, best first: the best candidate's, and others nearly as sure that add to it."""
    best = widen(ranked[0], question, documents[ranked[0].hit.passage.document])
    chosen = [best]
    for candidate in ranked[1:]:
        if len(chosen) == MOST_QUOTES or weights.probability(candidate.evidence) < weights.also:
            break
        if candidate.unit.kind == HEADING:
            continue  # it adds nothing to a quote
        quote = widen(candidate, question, documents[candidate.hit.passage.document])
        if not any(_overlap(quote, other) or _alike(quote, other, documents) for other in chosen):
            chosen.append(quote)
    return chosen


def _alike(a: Quote, b: Quote, documents: dict[str, Document]) -> bool:
    """Whether two quotes share most of their words, so that the second adds nothing."""
    one, other = (
        set(WORD.findall(documents[q.candidate.hit.passage.document].text[q.start : q.end].casefold())) for q in (a, b)
    )
    return len(one & other) >= ALIKE * min(len(one), len(other))


def _overlap(a: Quote, b: Quote) -> bool:
    same = a.candidate.hit.passage.document == b.candidate.hit.passage.document
    return same and a.start < b.end and b.start < a.end
