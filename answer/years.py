"""Years in a question: which ones it asks about, and the same question without them; plan.py decides what to ask for them.

Nothing here knows today's date: "last year" counts from the newest report, so that one index gives one answer on any day.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from index.editions import Editions
from ingest.document import ANNUAL_REPORT, Document

YEAR = r"(?<![\w.,–-])(?:19|20)\d\d(?![\w–-]|[.,]\d)"
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
        if not OPEN.search(text[: match.start()]) and not in_name(text, match, names, publishers)
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


def in_name(text: str, year: re.Match[str], names: Collection[str] = (), publishers: Collection[str] = ()) -> bool:
    """Whether `year` in `text` is part of a name: "GER 2024", "the 2018 roadmap"; `names` and `publishers` as in `years_in`."""
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
