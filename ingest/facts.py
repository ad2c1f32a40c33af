"""Facts: title, year and kind of a document, found in its title, its first pages and its file name."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.document import ANNUAL_REPORT, OTHER, ROADMAP, WHITE_PAPER

COVER = 3000  # characters in which the first pages say what the document is
COVER_KIND = 1500  # characters in which its kind is looked for: further on, a report speaks of other papers
YEAR = r"(?<!\d)(?:19|20)\d\d(?!\d)"
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
DATE = re.compile(  # when something was published or stored, not what it is on
    rf"(?:\b\d{{1,2}}(?:st|nd|rd|th)?\s+)?\b{MONTH}\s*(?:\d{{1,2}}(?:st|nd|rd|th)?,?)?\s*,?\s*{YEAR}"
    r"|(?<!\d)(?:19|20)\d\d[-.]?(?:0[1-9]|1[0-2])[-.]?(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|1[0-2])[./](?:19|20)\d\d(?!\d)",
    re.IGNORECASE,
)
ENDED = re.compile(
    rf"\b(?:year|period|months|weeks)s?\s+(?:ended|ending|to)\b[^.;\n]{{0,5}}?\n?[^.;\n]{{0,30}}?(?P<year>{YEAR})",
    re.IGNORECASE,
)
SPLIT = re.compile(r"(?<![\d-])(?P<first>(?:19|20)\d\d)\s?[-–/_]\s?(?P<second>(?:19|20)?\d\d)(?![\d-])")
FISCAL = re.compile(r"\bfy\s?['’]?(?P<year>(?:19|20)?\d\d)(?!\d)", re.IGNORECASE)
REPORT = r"(?:annual|integrated|year-?end)\s+(?:[\w&-]+\s+){0,3}?(?:report|review)\b|\b10-?k\b|\breport\s+(?:and|&)\s+accounts\b"
REPORT_ON = re.compile(
    rf"(?:{REPORT})(?:\s+(?:and|&)\s+(?:\w+\s+){{0,2}}(?:accounts|statements))?"
    rf"[\s:,|–—-]*(?:(?:for|of|in)\s+)?(?:the\s+)?(?:(?:fiscal|financial|calendar)\s+)?(?:year\s+)?(?P<year>{YEAR})",
    re.IGNORECASE,
)
YEAR_S_REPORT = re.compile(rf"(?P<year>{YEAR})\s+(?:[\w&'’.-]+\s+){{0,4}}?(?:{REPORT})", re.IGNORECASE)
KINDS = (
    (ROADMAP, re.compile(r"\broad\s?-?map\b", re.IGNORECASE)),
    (WHITE_PAPER, re.compile(r"\bwhite\s?-?paper\b", re.IGNORECASE)),
    (ANNUAL_REPORT, re.compile(rf"\b(?:{REPORT}|annualreport|AR(?=\s*(?:19|20)\d\d))", re.IGNORECASE)),
)
OFTEN, AHEAD = 5, 1.5  # a year named so often, and so much more often than any other, is the year that a report is on
GLUE = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])|(?<=[^\W\d_])(?=(?:19|20)\d\d(?!\d))|_")


@dataclass(frozen=True)
class Facts:
    """What a document is called, which year it is on, if known, and which of ingest.document.KINDS it is."""

    title: str
    year: int | None
    kind: str


def find_facts(title: str, name: str, text: str) -> Facts:
    """The facts of the document `text`, whose file is called `name` and which calls itself `title` ("" where it does not).

    The year is the one reported on, so a report of May 2025 on 2024 is of 2024. Of a year that is split over two
    ("2023/24", "the year ended 31 March 2024") it is the one in which the year ends.
    """
    stem = " ".join(GLUE.sub(" ", name.rsplit(".", 1)[0]).split())
    kind = _kind(title, stem, text[:COVER_KIND])
    return Facts(title or name.rsplit(".", 1)[0], _year(title, stem, text, kind), kind)


def _kind(*sources: str) -> str:
    """The kind that the first of `sources` names which names one, by the word that comes first in it."""
    for source in sources:
        found = [(match.start(), kind) for kind, pattern in KINDS if (match := pattern.search(source))]
        if found:
            return min(found)[1]
    return OTHER


def _year(title: str, stem: str, text: str, kind: str) -> int | None:
    cover = text[:COVER]
    for found in (
        _period(title),
        _matched(REPORT_ON, title) or _matched(YEAR_S_REPORT, title),
        _plain(title),
        _matched(ENDED, cover) if kind == ANNUAL_REPORT else None,
        _period(stem) or _plain(stem),
        _matched(REPORT_ON, DATE.sub(" ", cover)) or _matched(YEAR_S_REPORT, cover),
    ):
        if found:
            return found
    if kind == ANNUAL_REPORT:
        return _most_named(text)
    dated = DATE.search(f"{title}\n{stem}\n{cover}") if kind != OTHER else None  # of a paper, when it was published
    years = re.findall(YEAR, dated[0]) if dated else []
    return int(years[-1]) if years else None


def _period(source: str) -> int | None:
    """The year in which a year that is not the calendar's ends: "2023/24", "FY24", "year ended 31 March 2024"."""
    for match in SPLIT.finditer(source):
        first, second = match["first"], match["second"]
        last = int(second if len(second) == 4 else first[:2] + second)
        if last == int(first) + 1:
            return last
    fiscal = FISCAL.search(source)
    if fiscal:
        return int(fiscal["year"]) if len(fiscal["year"]) == 4 else 2000 + int(fiscal["year"])
    return _matched(ENDED, source)


def _matched(pattern: re.Pattern[str], source: str) -> int | None:
    match = pattern.search(source)
    return int(match["year"]) if match else None


def _plain(source: str) -> int | None:
    """The first year in `source` that is not part of a date."""
    year = re.search(YEAR, DATE.sub(" ", source))
    return int(year[0]) if year else None


def _most_named(text: str) -> int | None:
    counts = Counter(_years(text)).most_common(2)
    if not counts or counts[0][1] < OFTEN or (len(counts) > 1 and counts[0][1] < AHEAD * counts[1][1]):
        return None
    return counts[0][0]


def _years(text: str) -> Iterator[int]:
    return (int(match[0]) for match in re.finditer(YEAR, text))
