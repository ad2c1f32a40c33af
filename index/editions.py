"""Which documents are editions of one series: the same name once years are taken out; so which of them is the newest."""

import re
from collections.abc import Iterable, Mapping

from ingest.document import ANNUAL_REPORT, Document

# Words that tell no series from another: those of any report's title, and of any file's name
COMMON = frozenset(
    "a an and ar accounts annual annualreport calendar copy digital draft ended ending english en final financial fiscal for"
    " full fy in lowres of on online pdf print published report reports rev review revised signed statements the to v version"
    " web year years january february march april may june july august september october november december".split()
)
CAMEL = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])")  # "AnnualReport" is two words
WORD = re.compile(r"[^\W\d_]+")
Name = tuple[str, tuple[str, ...]]  # kind, and the words of a title or a file name in alphabetical order


class Editions:
    """The series in one index: documents of one kind that share a title or a file name, without years and COMMON words.

    A title that says nothing else ("2024 Annual Report") leaves the file name to tell ("isecg-annual-report-2024.txt").
    The reports of two companies are two series, so the newest company is never taken for the newest edition.
    `publishers` are the words by which annual reports are told apart: {"isecg", …}.
    """

    def __init__(self, documents: Iterable[Document], acronyms: Mapping[str, str]) -> None:
        """Sort `documents` into series; `acronyms` maps short forms to long ones, which count as the same name."""
        self._documents = {document.name: document for document in documents}
        self._short = {long.casefold(): short for short, long in acronyms.items()}
        longest_first = sorted(map(re.escape, self._short), key=len, reverse=True)
        self._long = re.compile("|".join(longest_first) or r"(?!)", re.IGNORECASE)
        series: list[tuple[set[Name], list[Document]]] = []
        for document in self._documents.values():
            names, members = self._names(document), [document]
            joined = [s for s in series if s[0] & names]
            series = [s for s in series if not s[0] & names]
            for others, more in joined:
                names, members = names | others, more + members
            series.append((names, members))
        self._series = {d.name: tuple(members) for _, members in series for d in members}
        self._called = [(names, frozenset(d.name for d in members)) for names, members in series]
        self.publishers = frozenset(
            word for names, _ in series for kind, name in names if kind == ANNUAL_REPORT for word in name
        )

    def series(self, name: str) -> tuple[Document, ...]:
        """The editions of the series to which the document called `name` belongs, itself among them."""
        return self._series[name]

    def named(self, text: str) -> frozenset[str]:
        """The documents of every series whose name stands in `text`: "ISECG" names the ISECG Annual Reports."""
        words = set(self._words(text))
        named = [
            members for names, members in self._called if any(name and words.issuperset(name) for _, name in names)
        ]
        return frozenset().union(*named)

    def newest(self, name: str) -> int | None:
        """The year of the newest edition in the series of the document called `name`; None where no year is known."""
        return max((d.year for d in self._series[name] if d.year is not None), default=None)

    def age(self, name: str) -> int:
        """How many years there are with a newer edition of the document called `name`; 0 where its year is not known."""
        year = self._documents[name].year
        return len({d.year for d in self._series[name] if d.year is not None and year is not None and d.year > year})

    def _names(self, document: Document) -> set[Name]:
        found = {self._words(document.title), self._words(document.name.rsplit(".", 1)[0])}
        return {(document.kind, words) for words in found if words} or {(document.kind, ())}

    def _words(self, text: str) -> tuple[str, ...]:
        short = self._long.sub(lambda match: self._short[match[0].casefold()], text)
        words = {word.casefold() for word in WORD.findall(CAMEL.sub(" ", short))}
        return tuple(sorted(words - COMMON))
