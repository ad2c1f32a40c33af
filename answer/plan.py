"""Plan: which documents a question is asked of, in which order, and of which year a passage must then speak.

The newest edition of each series comes first, unless the question asks about a year; pipeline.py carries the plan out.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from answer.years import YEAR, in_name, without_source, without_years, years_in
from index.editions import Editions
from index.search import Hit
from ingest.document import ANNUAL_REPORT, OTHER, Document
from ingest.passages import Passage

REPORTS = frozenset({ANNUAL_REPORT, OTHER})  # "the 2018 report" is no roadmap and no white paper
ANY_YEAR = r"(?<!\d)(?:19|20)\d\d(?!\d)"
ALIKE = 0.1  # two editions of one passage differ by less in their scores
PLANS = re.compile(r"\b(?:will|plan(?:s|ned|ning)?|going\s+to|intend(?:s|ed)?|outlook|upcoming)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Scope:
    """Documents that are asked together; with `years`, a passage counts only if it speaks of one of them.

    `chosen` are documents that were chosen among others by their year.
    """

    documents: frozenset[str]
    years: tuple[int, ...] = ()
    chosen: bool = False

    def wording(self, question: str) -> str:
        """`question` as it is put to these documents: without the year where that has chosen them."""
        return (without_years(question) if self.chosen else without_source(question)) or question


@dataclass(frozen=True)
class Plan:
    """`scopes` are asked in order until one answers. `years` are those that the question asks about; `refusal` says, for
    the case that none answers, which years there are.
    """

    scopes: tuple[Scope, ...]
    years: tuple[int, ...] = ()
    refusal: str | None = None


def make_plan(question: str, documents: Sequence[Document], editions: Editions, names: Collection[str]) -> Plan:
    """How `question` is to be asked of `documents`; `names` are acronyms in lower case.

    A report asked by its year is asked alone. For a time, the report on that year comes first (for a plan, the one before
    it), then passages elsewhere that speak of that year. Else the newest edition of each series comes before older ones.
    """
    asked = years_in(question, names, editions.publishers)
    known = {d.year for d in documents} - {None}
    if not known or not (asked.reports or asked.times):
        return Plan(_by_age(documents, editions))
    series = editions.named(question)
    named = [d for d in documents if d.name in series] or documents
    if asked.reports:
        return _ask_reports(asked.reports, documents, named)
    return _ask_times(asked.times, documents, named, editions, planned=bool(PLANS.search(question)))


def _ask_reports(years: tuple[int, ...], documents: Sequence[Document], named: Sequence[Document]) -> Plan:
    found = [d for d in named if d.year in years and d.kind in REPORTS]
    if found:
        return Plan((_scope(found, chosen=len(found) < len(documents)),), years)
    undated = [d for d in documents if d.year is None]
    return Plan(
        (_scope(undated),) if undated else (), years, f"There is no report on {_listed(years)} here; {_held(named)}."
    )


def _ask_times(
    years: tuple[int, ...], documents: Sequence[Document], named: Sequence[Document], editions: Editions, planned: bool
) -> Plan:
    on_them = [d for d in named if d.year in years]
    chosen = {d.name for d in on_them}
    rest = [d for d in documents if d.name not in chosen]
    before = [d for d in rest if d.year is not None and d.year + 1 in years] if planned else []
    scopes = [_scope(before, years)] if before else []
    scopes += [_scope(on_them, chosen=bool(rest))] if on_them else []
    scopes += [Scope(s.documents, years) for s in _by_age(rest, editions)]
    missing = (
        f"There is no report on {_listed(years)} here, and no other says this of {_listed(years)}; {_held(named)}."
    )
    return Plan(tuple(scopes), years, None if on_them else missing)


def _by_age(documents: Sequence[Document], editions: Editions) -> tuple[Scope, ...]:
    """The newest edition of each series, and what has no year; then the older ones."""
    allowed = {d.name for d in documents}
    newest: list[Document] = []
    older: list[Document] = []
    for document in documents:
        years = [d.year for d in editions.series(document.name) if d.name in allowed and d.year is not None]
        is_older = document.year is not None and document.year < max(years)
        (older if is_older else newest).append(document)
    return tuple(_scope(group) for group in (newest, older) if group)


def _scope(documents: Iterable[Document], years: tuple[int, ...] = (), chosen: bool = False) -> Scope:
    return Scope(frozenset(d.name for d in documents), years, chosen)


def speaks_of(years: tuple[int, ...], document: Document, passage: Passage) -> bool:
    """Whether `passage` of `document` can say something on `years`: by its heading, where that names a year, else by its text.

    Where nobody knows which year the document is on, it can.
    """
    if not years or document.year is None:
        return True
    named = re.findall(YEAR, passage.section[-1]) if passage.section else []
    if not named:
        text = passage.searched
        named = [m[0] for m in re.finditer(ANY_YEAR, text) if not in_name(text, m)]
    return any(str(year) in named for year in years)


def newest_first(hits: Sequence[Hit], editions: Editions) -> list[Hit]:
    """`hits`, best first; but where several editions of a series are about as good as the best hit, the newest comes first.

    What is another series' keeps its place, so that no organisation is preferred for its newer report.
    """
    near = [hit for hit in hits if hit.score >= hits[0].score - ALIKE]
    by_series: dict[str, list[Hit]] = {}
    for hit in near:
        by_series.setdefault(editions.series(hit.passage.document)[0].name, []).append(hit)
    turn = {name: iter(sorted(s, key=lambda h: editions.age(h.passage.document))) for name, s in by_series.items()}
    return [next(turn[editions.series(hit.passage.document)[0].name]) for hit in near] + list(hits[len(near) :])


def _held(documents: Sequence[Document]) -> str:
    years = sorted({d.year for d in documents if d.year is not None and d.kind in REPORTS})
    if not years:
        return "no year of a report is known"
    return f"there are reports on {_listed(years)}" if len(years) > 1 else f"there is one on {_listed(years)}"


def _listed(years: Sequence[int]) -> str:
    *most, last = map(str, years)
    return f"{', '.join(most)} and {last}" if most else last
