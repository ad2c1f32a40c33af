"""Years in a question: which reports are asked, in which order, and of which year a passage must speak. pipeline.py asks them.

Nothing here knows today's date: "last year" counts from the newest report, so that one index gives one answer on any day.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from index.editions import Editions
from index.search import Hit
from ingest.document import ANNUAL_REPORT, OTHER, Document
from ingest.passages import Passage

YEAR = r"(?<![\w.,–-])(?:19|20)\d\d(?![\w–-]|[.,]\d)"
YEAR_ANYWHERE = r"(?<!\d)(?:19|20)\d\d(?!\d)"
SPLIT_YEAR = re.compile(r"\b(?P<first>(?:19|20)\d\d)\s?[/–-]\s?(?P<last>(?:19|20)?\d\d)\b")
FISCAL_YEAR = re.compile(r"\bFY\s?['’]?(?P<year>(?:19|20)?\d\d)\b", re.IGNORECASE)
S = r"(?:['’]?s)?"

# A report as the source that is asked: "the latest report", "the annual report for 2023", "the 2023 report"
REPORT = r"(?P<report>(?:(?:[\w&]+\s+)?annual\s+report|(?:(?-i:[A-Z]{2,})\s+)?report))\b"
LATEST = re.compile(
    rf"\b(?:the\s+)?(?:latest|newest|most\s+recent|current|last|this\s+year{S})\s+{REPORT}", re.IGNORECASE
)
LAST_YEAR_S = re.compile(rf"\b(?:the\s+)?last\s+year{S}\s+{REPORT}", re.IGNORECASE)
PREVIOUS = re.compile(rf"\b(?:the\s+)?(?:previous|prior|preceding)(?:\s+year{S})?\s+{REPORT}", re.IGNORECASE)
REPORT_OF = re.compile(
    r"\b(?:annual\s+report|(?:the|its|their|your|our|isecg(?:['’]s)?)\s+report)\s+"
    rf"(?:(?:for|of|on|from)\s+)?(?:the\s+)?(?:(?:fiscal|financial)\s+)?(?:year\s+)?\(?(?P<year>{YEAR})\)?",
    re.IGNORECASE,
)
YEAR_S_REPORT = re.compile(rf"(?P<year>{YEAR}){S}\s+(?:edition\s+of\s+the\s+)?{REPORT}", re.IGNORECASE)
IN_SOURCE = r",?\s*\b(?:in|from|per|by|according\s+to|based\s+on)\s+(?:the\s+)?"

# A time that is asked about, and how it is counted from the newest report's year
RELATIVE = (
    (re.compile(r"\b(?:in\s+)?the\s+year\s+before\s+last\b", re.IGNORECASE), -2),
    (re.compile(r"\b(?:in\s+)?(?:last|(?:the\s+)?(?:previous|prior|preceding))\s+year\b(?!['’])", re.IGNORECASE), -1),
    (re.compile(r"\b(?:in\s+)?this\s+year\b(?!['’])", re.IGNORECASE), 0),
    (re.compile(r"\b(?:in\s+)?next\s+year\b(?!['’])", re.IGNORECASE), 1),
)
ASKS_FOR_YEAR = re.compile(
    r"^\s*(?:(?:and|or|but|so|then|ok|okay|also|what\s+about|how\s+about|same\s+for)\b[\s,]*)+", re.IGNORECASE
)
NEIGHBOUR = re.compile(r"(?:in\s+)?the\s+year\s+(before|after)(?:\s+that)?", re.IGNORECASE)
WITHIN = frozenset("in during throughout for of by end early late mid fiscal financial year".split())  # "in 2023"
OPEN = re.compile(  # "since May 2023", "between 2022 and 2024"
    r"\b(?:since|until|till|before|after|between|from|to|between\s+\d{4}\s+and)(?:\s+\w+)?\s*$", re.IGNORECASE
)
MONTHS = frozenset("january february march april may june july august september october november december".split())
WORKS = frozenset("edition version roadmap paper strategy framework supplement".split())  # "the 2018 roadmap"
TIME = re.compile(
    rf",?\s*\b(?:in|during|throughout|for|(?:by|at)\s+the\s+(?:end|start)\s+of)\s+(?:the\s+year\s+)?{YEAR}\s*,?",
    re.IGNORECASE,
)
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


@dataclass(frozen=True)
class Asked:
    """The years of a question: of `reports` that it asks by their year, and `times` in which something was so."""

    reports: tuple[int, ...] = ()
    times: tuple[int, ...] = ()


def years_in(question: str, names: Collection[str], publishers: Collection[str]) -> Asked:
    """The years that `question` asks about. A year in a name ("GER 2024"), or open to one side ("since 2022"), is neither.

    `names` are words that make a year behind them a part of a name; `publishers` are words that never do; in lower case.
    """
    text = _whole_years(question)
    reports: list[int] = []
    for pattern in (REPORT_OF, YEAR_S_REPORT):
        reports += [int(match["year"]) for match in pattern.finditer(text)]
        text = pattern.sub(" ", text)
    times = [
        int(match[0])
        for match in re.finditer(YEAR, text)
        if not OPEN.search(text[: match.start()]) and not _in_name(text, match, names, publishers)
    ]
    return Asked(tuple(sorted(set(reports))), tuple(sorted(set(times))))


def _whole_years(text: str) -> str:
    """`text` with "2023/24" and "FY24" as the year in which they end."""

    def split(match: re.Match[str]) -> str:
        last = int(match["last"] if len(match["last"]) == 4 else match["first"][:2] + match["last"])
        return str(last) if last == int(match["first"]) + 1 else match[0]

    def fiscal(match: re.Match[str]) -> str:
        return match["year"] if len(match["year"]) == 4 else f"20{match['year']}"

    return FISCAL_YEAR.sub(fiscal, SPLIT_YEAR.sub(split, text))


def _in_name(text: str, year: re.Match[str], names: Collection[str], publishers: Collection[str]) -> bool:
    before = re.search(r"([\w'’&-]+)\s*$", text[: year.start()])
    after = re.match(r"\s*([\w'’&-]+)", text[year.end() :])
    for word, first in ((before, before is None or before.start() == 0), (after, False)):
        if word is None:
            continue
        lower = word[1].casefold()
        if lower in MONTHS or (word is before and lower in WITHIN):
            return False
        named = lower in names or (word[1][0].isupper() and not first)
        if lower in WORKS or (named and lower not in publishers):
            return True
    return False


def resolve(question: str, documents: Sequence[Document], editions: Editions) -> str:
    """`question` with years for "last year" and "the latest report", counted from the newest of the reports it names.

    Where it names no series, and the newest reports of several are of different years, "the latest" stays as it is.
    """
    named = editions.named(question)
    reports = [d for d in documents if d.year is not None and d.kind == ANNUAL_REPORT]
    reports = [d for d in reports if d.name in named] or reports
    years = sorted({d.year for d in reports if d.year is not None})
    if not years:
        return question
    before = years[-2] if len(years) > 1 else years[-1] - 1
    for pattern, year in ((LAST_YEAR_S, years[-1] - 1), (PREVIOUS, before)):
        question = pattern.sub(rf"the {year} \g<report>", question)
    if len({editions.newest(d.name) for d in reports}) == 1:
        question = LATEST.sub(rf"the {years[-1]} \g<report>", question)
    for pattern, shift in RELATIVE:
        question = pattern.sub(f"in {years[-1] + shift}", question)
    return question


def without_source(question: str) -> str:
    """`question` without the report that it asks: "In the 2023 report, who chairs ISECG?" becomes "who chairs ISECG?"."""
    for pattern in (REPORT_OF, YEAR_S_REPORT):
        question = re.sub(rf"{IN_SOURCE}{pattern.pattern}\s*[,:]?", " ", question, flags=re.IGNORECASE)
    return _tidy(question)


def without_years(question: str) -> str:
    """`question` for any year: without the report and the time that it asks."""
    question = without_source(_whole_years(question))
    for pattern in (TIME, *(relative for relative, _ in RELATIVE)):
        question = pattern.sub(" ", question)
    return _tidy(question)


def other_year(turn: str) -> str | None:
    """The year that is all that `turn` asks for: "in 2023" for "And 2023?", "in the 2022 report" for "in the 2022 report?"."""
    topic = " ".join(ASKS_FOR_YEAR.sub("", turn).strip("?. ").split())
    time = re.fullmatch(
        rf"(?:(?:in|for|during|by|at)\s+)?(?:the\s+)?(?:(?:end\s+of|year)\s+)?({YEAR})", topic, re.IGNORECASE
    )
    if time:
        return f"in {time[1]}"
    report = re.fullmatch(
        r"(?:(?:in|from|according\s+to)\s+)?(?:the\s+)?(.{0,40}\breport\b.{0,12})", topic, re.IGNORECASE
    )
    if report and any(p.fullmatch(report[1]) for p in (YEAR_S_REPORT, REPORT_OF, LATEST, LAST_YEAR_S, PREVIOUS)):
        return f"in the {report[1]}"
    relative = NEIGHBOUR.fullmatch(topic) or any(pattern.fullmatch(topic) for pattern, _ in RELATIVE)
    return topic if relative else None


def ask_of(question: str, year: str) -> str:
    """`question` asked of `year` instead, as `other_year` gives it; "the year before" counts from the year in `question`."""
    neighbour, years = NEIGHBOUR.fullmatch(year), re.findall(YEAR, _whole_years(question))
    if neighbour and years:
        year = f"in {int(years[-1]) + (1 if neighbour[1].casefold() == 'after' else -1)}"
    if "report" in year:
        for pattern in (REPORT_OF, YEAR_S_REPORT):
            if pattern.search(question) and pattern.sub("", without_source(question)) != without_source(question):
                return pattern.sub(year.removeprefix("in the "), question)  # "What does the 2023 report say of …?"
    return f"{without_years(question).rstrip('?. ')} {year}?"


def _tidy(question: str) -> str:
    return re.sub(r"\s+(?=[?.!,])", "", " ".join(question.split()))


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
    found = [d for d in named if d.year in years and d.kind in {ANNUAL_REPORT, OTHER}]
    if found:
        return Plan((_scope(found, chosen=len(found) < len(documents)),), years)
    undated = [d for d in documents if d.year is None]
    return Plan(
        (_scope(undated),) if undated else (), years, f"There is no report on {_listed(years)}; {_held(named)}."
    )


def _ask_times(
    years: tuple[int, ...], documents: Sequence[Document], named: Sequence[Document], editions: Editions, planned: bool
) -> Plan:
    on_them = [d for d in named if d.year in years]
    rest = [d for d in documents if d not in on_them]
    before = [d for d in rest if d.year is not None and d.year + 1 in years] if planned else []
    scopes = [_scope(before, years)] if before else []
    scopes += [_scope(on_them, chosen=bool(rest))] if on_them else []
    scopes += [Scope(s.documents, years) for s in _by_age(rest, editions)]
    missing = f"No report asked is on {_listed(years)} ({_held(named)}), and none says this of {_listed(years)}."
    return Plan(tuple(scopes), years, None if on_them else missing)


def _by_age(documents: Sequence[Document], editions: Editions) -> tuple[Scope, ...]:
    """The newest edition of each series, and what has no year; then the older ones."""
    allowed = {d.name for d in documents}
    older = [
        d
        for d in documents
        if d.year is not None
        and any(
            other.name in allowed and other.year is not None and other.year > d.year
            for other in editions.series(d.name)
        )
    ]
    newest = [d for d in documents if d not in older]
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
        named = [m[0] for m in re.finditer(YEAR_ANYWHERE, text) if not _in_name(text, m, (), ())]
    return any(str(year) in named for year in years)


def newest_first(hits: Sequence[Hit], editions: Editions) -> list[Hit]:
    """`hits`, best first, but those that are about as good as the best in the order of their editions, newest first."""
    near = [hit for hit in hits if hit.score >= hits[0].score - ALIKE]
    return [*sorted(near, key=lambda hit: editions.age(hit.passage.document)), *hits[len(near) :]]


def _held(documents: Sequence[Document]) -> str:
    years = sorted({d.year for d in documents if d.year is not None})
    return f"there are reports on {_listed(years)}" if len(years) > 1 else f"there is one on {_listed(years)}"


def _listed(years: Sequence[int]) -> str:
    *most, last = map(str, years)
    return f"{', '.join(most)} and {last}" if most else last
