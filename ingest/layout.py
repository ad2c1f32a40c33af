"""Puts the words of a sheet in reading order: columns of lines, and tables of rows; blocks.py makes paragraphs of them.

The page is cut from the top down into groups of lines that share the same vertical gaps ("gutters"). A group with
gutters is a table (tables.py decides) or columns of text and tables; each column is cut again in the same way. This is
a form of the recursive X-Y cut of Nagy and Seth (Hierarchical Representation of Optically Scanned Documents, 1984).
"""

import itertools
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.glyphs import Rule, Word
from ingest.lines import LABEL, Line, make_lines, set_initials
from ingest.tables import (
    NUMBER,
    TITLE_GAP,
    Row,
    Span,
    cells,
    is_table,
    page_gutters,
    split_at_rules,
    split_at_titles,
    table_rows,
)

GUTTER = 0.55  # of the font size: the narrowest gap between columns
WIDE_GUTTER = 1.6  # of the font size: enough for columns of which only two rows are seen
UNEVEN = 1.3  # of the narrowest space of a line: a gap between columns is wider
STRETCHED = 3.0  # of the font size: no space of a justified line is wider
LABEL_GAP = 4.0  # of the font size: the widest gap between a bullet or number and its text
LEADERS = 4  # dots between a name and its page: such a line has no columns
DISPLAY = 1.12  # of the font size of a column: larger words may stand out of it
SUPPORT = 3  # rows: so many are columns, whatever their gutter; two are with a wide one
MAX_DEPTH = 6
BEYOND = 1000.0  # points: outside any page


@dataclass(frozen=True)
class Flow:
    """Lines that are read one after another, or a table."""

    lines: tuple[Line, ...] = ()
    table: tuple[Row, ...] = ()


@dataclass(frozen=True)
class _Band:
    """A line across the region that is being cut, and the spans of x in which it has no word."""

    line: Line
    free: tuple[Span, ...]


@dataclass
class _Group:
    bands: list[_Band]
    free: list[Span]  # where none of the bands has a word

    @property
    def words(self) -> list[Word]:
        return [word for band in self.bands for word in band.line.words]


def read_order(words: Sequence[Word], rules: Sequence[Rule] = ()) -> list[Flow]:
    """The flows of a sheet, in the order in which a person reads them."""
    return _flows(set_initials(words), rules, 0)


def _flows(words: Sequence[Word], rules: Sequence[Rule], depth: int) -> list[Flow]:
    flows: list[Flow] = []
    plain: list[Word] = []
    for group in _groups(words, rules):
        gutters = _gutters(group)
        if not gutters or depth == MAX_DEPTH:
            plain += group.words
            continue
        flows += _column(plain)
        plain = []
        lines = [band.line for band in group.bands]
        if between := page_gutters(lines, gutters, rules):
            parts = cells(group.words, between)
        elif not is_table(lines, gutters, rules):
            parts = cells(group.words, gutters)
        else:
            split = split_at_rules(lines, gutters, rules)
            if len(split) == 1:
                split = split_at_titles(lines, gutters)
            parts = [[w for line in part for w in line.words] for part in split]
            if len(parts) == 1:
                flows.append(Flow(table=table_rows(lines, gutters, rules)))
                continue
        for part in parts:
            flows += _flows(part, rules, depth + 1)
    return flows + _column(plain)


def _column(words: Sequence[Word]) -> list[Flow]:
    if not words:
        return []
    largest = DISPLAY * statistics.median(w.size for w in words)
    return [Flow(tuple(make_lines(words, right=max(w.x1 for w in words if w.size <= largest))))]


def _band(line: Line, narrow: float) -> _Band:
    free: list[Span] = []
    words = line.words
    spaces = [after.x0 - before.x1 for before, after in itertools.pairwise(words) if not after.glued]
    even = 0.0  # in a justified line all spaces may be wide, but they are alike
    if len(spaces) > 1:
        even = min(UNEVEN * min(spaces), STRETCHED * line.size)
    leaders = sum(word.text.count(".") for word in words if not word.text.strip(".·…")) >= LEADERS
    numbers = [bool(NUMBER.match(word.text)) for word in words]
    end = words[0].x1
    for at, (before, word) in enumerate(itertools.pairwise(words)):
        gap = word.x0 - end
        around = numbers[max(at - 1, 0) : at + 3]  # a gap in a row of figures or next to one: no label's, no word space
        figures = (True, True) in itertools.pairwise(around)
        least = max(narrow, GUTTER * word.size, 0 if figures else even)
        label = LABEL.match(before.text) or (at == 0 and _numbers_name(before, word))
        leads = at == 0 or before.x0 - words[at - 1].x1 >= narrow
        labels = label and leads and not figures and gap < LABEL_GAP * word.size
        if gap >= least and not leaders and not labels:
            free.append((end, word.x0))
        end = max(end, word.x1)
    return _Band(line, ((line.x0 - BEYOND, line.x0), *free, (end, end + BEYOND)))


def _numbers_name(first: Word, second: Word) -> bool:
    """Whether two words are a chapter's number and the beginning of its name."""
    return len(first.text) <= 2 and first.text.isdigit() and second.text.isalpha()


def _groups(words: Sequence[Word], rules: Sequence[Rule]) -> list[_Group]:
    """Runs of bands whose gutters go together, from the top."""
    if not words:
        return []
    narrow = GUTTER * statistics.median(w.size for w in words)
    groups: list[_Group] = []
    for line in make_lines(words):
        band = _band(line, narrow)
        if not groups:
            groups.append(_Group([band], list(band.free)))
            continue
        group = groups[-1]
        wider = _Group([*group.bands, band], _intersect(group.free, band.free, narrow))
        before, after = _inner(group), _inner(wider)
        wide = [(a, b) for a, b in _gutters(group) if b - a >= WIDE_GUTTER * line.size]
        lost = any(not any(_overlap(gutter, other) for other in after) for gutter in wide)
        fresh = not before and any(not any(_overlap(gap, other) for other in wider.free) for gap in band.free[1:-1])
        if fresh:
            groups.append(_Group([band], list(band.free)))
        elif (lost or (before and not after)) and not _goes_on(group, after, rules):
            groups.append(_after(group, band, narrow, rules))
        else:
            groups[-1] = wider
    return groups


def _goes_on(group: _Group, after: Sequence[Span], rules: Sequence[Rule]) -> bool:
    """Whether the columns of the page go on, and only a table that stands in one of them ends."""
    between = page_gutters([band.line for band in group.bands], _gutters(group), rules)
    return any(_overlap(gutter, other) for gutter in between for other in after)


def _after(before: _Group, band: _Band, narrow: float, rules: Sequence[Rule]) -> _Group:
    """A group that begins with `band`, and with the end of the one before, where that belongs to what follows.

    Headings that have nothing under them do, and what stands under a table without being a row of it.
    """
    moved = 0
    last = len(before.bands) - 1
    lines = [b.line for b in before.bands]
    body = statistics.median(w.size for w in before.words)
    gutters = _gutters(before)
    table = bool(gutters) and is_table(lines, gutters, rules)
    for at in range(last, 0, -1):
        if len(before.bands[at].free) > 2:
            break
        if all(w.bold or w.size > DISPLAY * body for w in lines[at].words):
            moved = last - at + 1 if table or moved == last - at else moved
        elif table and lines[at].base - lines[at - 1].base > TITLE_GAP * lines[at].size:
            moved = last - at + 1
    bands = [*before.bands[len(before.bands) - moved :], band]
    del before.bands[len(before.bands) - moved :]
    free = list(bands[0].free)
    for later in bands[1:]:
        free = _intersect(free, later.free, narrow)
    return _Group(bands, free)


def _intersect(ours: Iterable[Span], theirs: Iterable[Span], narrow: float) -> list[Span]:
    cut = [(max(a, c), min(b, d)) for a, b in ours for c, d in theirs]
    return [(a, b) for a, b in cut if b - a >= narrow]


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _inner(group: _Group) -> list[Span]:
    """The free spans that have text on both sides."""
    left, right = min(band.line.x0 for band in group.bands), max(band.line.x1 for band in group.bands)
    return [(a, b) for a, b in group.free if a > left and b < right]


def _gutters(group: _Group) -> list[Span]:
    """The spans that part columns, from left to right: both of the columns next to a span have rows side by side.

    A chance river of word spaces may be as wide as a gutter, but hardly any text stands between it and a real one.
    """
    size = statistics.median(w.size for w in group.words)
    spans = _inner(group)
    while spans:
        edges = [-math.inf, *(a for a, _ in spans), math.inf]
        filled = [
            [at for at, band in enumerate(group.bands) if any(a - 1 <= w.x0 < b for w in band.line.words)]
            for a, b in itertools.pairwise(edges)
        ]
        weak = [
            (b - a, at)
            for at, ((a, b), (left, right)) in enumerate(zip(spans, itertools.pairwise(filled), strict=True))
            if (rows := _side_by_side(left, right)) < SUPPORT and (rows < 2 or b - a < WIDE_GUTTER * size)
        ]
        if not weak:
            break
        del spans[min(weak)[1]]
    return spans


def _side_by_side(left: list[int], right: list[int]) -> int:
    """How many rows two columns have, at least, where both have some; given are the rows of each, in order."""
    if not left or not right:
        return 0
    first, last = max(left[0], right[0]), min(left[-1], right[-1])
    return min(sum(first <= at <= last for at in column) for column in (left, right))
