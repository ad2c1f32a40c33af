"""Lines: words on one base line, read from left to right; layout.py decides which words stand in one column."""

import itertools
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ingest.clean import BULLETS, SUPERSCRIPTS
from ingest.glyphs import RIGHT_TO_LEFT, Word

SAME_BASE = 0.5  # of the font size: how far apart two base lines of one row may lie
SMALL = 1.5  # times the smaller of two sizes counts at most: raised figures belong to the line, initials do not
RAISED_SIZE, RAISED_BY = 0.8, 0.15  # of the line's size: raised figures are smaller than this, and higher by this
CLOSE = 0.1  # of the line's size: a raised figure that stands so close belongs to the word before
LETTERSPACED = 6  # words: a line of so many single letters is one of spaced-out letters
INITIAL = 1.7  # of the page's font size: from here a single capital may be an initial
LABEL = re.compile(rf"^(?:[{BULLETS}o*–—-]|\(?(?:\d{{1,3}}|[A-Za-z]|[ivx]{{1,4}})[.)]|\d+(?:\.\d+)+\.?)$")


@dataclass(frozen=True)
class Line:
    """The words on one base line of a column, from left to right; `right` is the right edge of its column."""

    words: tuple[Word, ...]
    right: float = 0.0

    @cached_property
    def text(self) -> str:
        """The words with single spaces; raised figures as superscripts."""
        parts: list[str] = []
        end = 0.0
        for word in _rejoined(self.words):
            raised = word.size <= RAISED_SIZE * self.size and word.base < self.base - RAISED_BY * self.size
            text = word.text.translate(SUPERSCRIPTS) if raised else word.text
            close = word.glued or (raised and word.x0 - end < CLOSE * self.size)
            parts += [text] if close or not parts else [" ", text]
            end = word.x1
        return "".join(parts)

    @cached_property
    def size(self) -> float:
        """The font size of most of its characters, rounded to half a point."""
        sizes: Counter[float] = Counter()
        for word in self.words:
            sizes[round(word.size * 2) / 2] += len(word.text)
        return sizes.most_common(1)[0][0]

    @cached_property
    def base(self) -> float:
        """The base line of its largest word."""
        return max(self.words, key=lambda w: (round(w.size), len(w.text))).base

    @property
    def bold(self) -> bool:
        """Whether most of its characters are bold."""
        return 2 * sum(len(w.text) for w in self.words if w.bold) > sum(len(w.text) for w in self.words)

    @cached_property
    def x0(self) -> float:
        """Its left edge."""
        return min(w.x0 for w in self.words)

    @cached_property
    def x1(self) -> float:
        """Its right edge."""
        return max(w.x1 for w in self.words)


def make_lines(words: Iterable[Word], right: float = 0.0) -> list[Line]:
    """The lines of one column, from the top."""
    groups: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.base):
        largest = max(groups[-1], key=lambda w: w.size) if groups else word
        smaller, larger = sorted((word.size, largest.size))
        if groups and abs(word.base - largest.base) <= SAME_BASE * min(larger, SMALL * smaller):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [Line(tuple(_in_order(group)), right) for group in groups]


def _in_order(words: Iterable[Word]) -> list[Word]:
    """The words of a line from left to right, but runs of Hebrew or Arabic from right to left."""
    runs = itertools.groupby(sorted(words, key=lambda w: w.x0), key=lambda w: bool(RIGHT_TO_LEFT.match(w.text)))
    return [word for backward, run in runs for word in (reversed(list(run)) if backward else run)]


def _rejoined(words: Sequence[Word]) -> Sequence[Word]:
    """The words of a line; where they are single letters ("R E P O R T"), with only the wider gaps left as spaces."""
    if len(words) < LETTERSPACED or sum(len(w.text) == 1 and w.text.isalpha() for w in words) < 0.8 * len(words):
        return words
    gaps = [after.x0 - before.x1 for before, after in itertools.pairwise(words)]
    wide = 2 * statistics.median(gaps)
    return [words[0], *(replace(w, glued=gap < wide) for w, gap in zip(words[1:], gaps, strict=True))]


def set_initials(words: Sequence[Word]) -> list[Word]:
    """The words of a sheet, with each initial that is two or more lines high put in front of the rest of its word."""
    if not words:
        return []
    large = INITIAL * statistics.median(w.size for w in words)
    whole = list(words)
    for initial in [w for w in words if w.size >= large and len(w.text) == 1 and w.text.isupper()]:
        beside = [
            w
            for w in whole
            if w.size < large and -0.5 < (w.top - initial.top) / w.size < 1 and -0.2 < (w.x0 - initial.x1) / w.size < 1
        ]
        if beside:
            first = min(beside, key=lambda w: (w.base, w.x0))
            whole[whole.index(first)] = replace(first, text=initial.text + first.text)
            whole.remove(initial)
    return whole
