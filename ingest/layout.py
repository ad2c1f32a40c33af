"""Puts the words of a sheet in reading order: columns of lines, and tables of rows; blocks.py makes paragraphs of them.

The page is cut from the top down into groups of rows that share the same vertical gaps ("gutters"). A group with gutters is
a table or columns of text; each column is cut again in the same way (a form of the recursive X-Y cut of Nagy and Seth, 1984).
"""

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ingest.clean import BULLETS, SUPERSCRIPTS
from ingest.glyphs import Rule, Word

SAME_BASE = 0.45  # of the font size: how far apart two base lines of one row may lie
GUTTER = 0.8  # of the font size: the narrowest gap between columns
WIDE_GUTTER = 1.6  # of the font size: enough for columns of which only two rows are seen
LABEL_GAP = 4.0  # of the font size: the widest gap between a bullet or number and its text
PROSE = 0.35  # the share of lines that begin in lower case from which a column is running text
LEADERS = 4  # dots between a name and its page: such a line has no columns
LETTERSPACED = 6  # words: a line of so many single letters is one of spaced-out letters
RECORD_GAP = 1.2  # of the narrowest gap between the rows of a table: a wider one parts records
RECORD_SHARE = 0.2  # of the gaps of a table: if fewer are wide, they part its head or groups of records
PROSE_LENGTH = 18  # characters: shorter lines are cells
MAX_DEPTH = 6
LABEL = re.compile(rf"^(?:[{BULLETS}]|\(?(?:\d{{1,3}}|[A-Za-z]|[ivx]{{1,4}})[.)]|\d+(?:\.\d+)+\.?)$")
NUMBER = re.compile(r"^[^\w\s]*\d[\d.,\s’']*(?:[^\w\s]+|(?:bn|m|k|%))?$|^[–—-]$|^n/?a$", re.IGNORECASE)

Span = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """The words on one base line of a column, from left to right; `right` is the right edge of its column."""

    words: tuple[Word, ...]
    right: float

    @cached_property
    def text(self) -> str:
        """The words with single spaces; raised figures as superscripts."""
        parts: list[str] = []
        for word in _rejoined(self.words):
            raised = word.size <= 0.8 * self.size and word.base < self.base - 0.15 * self.size
            text = word.text.translate(SUPERSCRIPTS) if raised and any(c.isdigit() for c in word.text) else word.text
            parts += [text] if word.glued or not parts else [" ", text]
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

    @property
    def x0(self) -> float:
        """Its left edge."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Its right edge."""
        return max(w.x1 for w in self.words)


@dataclass(frozen=True)
class Flow:
    """Lines that are read one after another, or, when `table`, rows whose cells stand side by side."""

    lines: tuple[Line, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class _Row:
    words: tuple[Word, ...]
    free: tuple[Span, ...]  # where no word stands

    @property
    def base(self) -> float:
        return max(self.words, key=lambda w: w.size).base


def _rejoined(words: Sequence[Word]) -> Sequence[Word]:
    """The words of a line; where they are single letters ("R E P O R T"), with only the wider gaps left as spaces."""
    if len(words) < LETTERSPACED or sum(len(w.text) == 1 and w.text.isalpha() for w in words) < 0.8 * len(words):
        return words
    gaps = [b.x0 - a.x1 for a, b in zip(words, words[1:], strict=False)]
    wide = 2 * statistics.median(gaps)
    return [words[0], *(replace(w, glued=gap < wide) for w, gap in zip(words[1:], gaps, strict=True))]


def read_order(words: Sequence[Word], rules: Sequence[Rule] = ()) -> list[Flow]:
    """The flows of a sheet, in the order in which a person reads them."""
    return _flows(_without_initials(words), rules, 0)


def _without_initials(words: Sequence[Word]) -> list[Word]:
    """The words, with an initial that is two or more lines high set in front of the rest of its word."""
    kept: list[Word] = []
    initial: Word | None = None
    for word in words:
        if initial and word.size < 0.6 * initial.size and abs(word.top - initial.top) < word.size and word.x0 - initial.x1 < word.size:
            kept[-1] = replace(word, text=initial.text + word.text)
            initial = None
        else:
            kept.append(word)
            initial = word if len(word.text) == 1 and word.text.isupper() else None
    return kept


def _flows(words: Sequence[Word], rules: Sequence[Rule], depth: int) -> list[Flow]:
    if not words:
        return []
    flows: list[Flow] = []
    plain: list[Word] = []
    for rows, gutters in _groups(_rows(words)):
        members = [word for row in rows for word in row.words]
        if not gutters or depth == MAX_DEPTH:
            plain += members
            continue
        flows += _column(plain)
        plain = []
        table = _table(rows, gutters, rules)
        if table:
            flows.append(Flow(table=table))
        else:
            for column in _split(members, gutters):
                flows += _flows(column, rules, depth + 1)
    return flows + _column(plain)


def _column(words: Sequence[Word]) -> list[Flow]:
    if not words:
        return []
    right = max(w.x1 for w in words)
    return [Flow(tuple(Line(row, right) for row in _base_lines(words)))]


def _base_lines(words: Iterable[Word]) -> list[tuple[Word, ...]]:
    """Words grouped by base line from the top, each line from left to right."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda w: w.base):
        largest = max(lines[-1], key=lambda w: w.size) if lines else word
        smaller, larger = sorted((word.size, largest.size))
        if lines and abs(word.base - largest.base) <= SAME_BASE * min(larger, 1.5 * smaller):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [tuple(sorted(line, key=lambda w: w.x0)) for line in lines]


def _rows(words: Sequence[Word]) -> list[_Row]:
    narrow = GUTTER * statistics.median(w.size for w in words)
    edges = (min(w.x0 for w in words) - 1000, max(w.x1 for w in words) + 1000)
    rows = []
    for line in _base_lines(words):
        free: list[Span] = []
        end, label = edges[0], False
        leaders = sum(word.text.count(".") for word in line if not word.text.strip(".·…")) >= LEADERS
        for at, word in enumerate(line):
            gap = word.x0 - end
            if gap >= narrow and not (leaders and end > edges[0]) and not (label and gap < LABEL_GAP * word.size):
                free.append((end, word.x0))
                label = bool(LABEL.match(word.text)) or (at == 0 and _numbers_name(line))
            else:
                label = False
            end = max(end, word.x1)
        rows.append(_Row(line, (*free, (end, edges[1]))))
    return rows


def _numbers_name(line: Sequence[Word]) -> bool:
    """Whether a line is a chapter's number and name."""
    return len(line) > 1 and len(line[0].text) <= 2 and line[0].text.isdigit() and line[1].text.isalpha()


def _groups(rows: list[_Row]) -> list[tuple[list[_Row], list[Span]]]:
    """Runs of rows with the gutters that they share; no gutters for rows of plain text."""
    groups: list[tuple[list[_Row], list[Span]]] = []
    group: list[_Row] = []
    free: list[Span] = []
    for row in rows:
        if not group:
            group, free = [row], list(row.free)
            continue
        shared = _intersect(free, row.free, row)
        before, after = _supported(group, free), _supported([*group, row], shared)
        lost = [support for gutter, support in before if not any(_overlap(gutter, g) for g, _ in after)]
        fresh = not before and any(not any(_overlap(gap, g) for g in shared) for gap in row.free[1:-1])
        if any(support >= 3 for support in lost) or (before and not after) or fresh:
            groups.append((group, free))
            group, free = ([row], list(row.free)) if fresh else _trailing_headings(groups, row)
        else:
            group, free = [*group, row], shared
    groups.append((group, free))
    return [(group, _gutters(group, free)) for group, free in groups]


def _trailing_headings(groups: list[tuple[list[_Row], list[Span]]], row: _Row) -> tuple[list[_Row], list[Span]]:
    """Begin a group with `row`; headings at the end of the one before, which have nothing under them, come along."""
    group, free = groups[-1]
    body = statistics.median(w.size for r in group for w in r.words)
    taken: list[_Row] = []
    while len(group) > 1 and all(w.bold or w.size > 1.15 * body for w in group[-1].words) and len(group[-1].free) == 2:
        taken.insert(0, group.pop())
    groups[-1] = (group, free)
    rows = [*taken, row]
    shared = list(rows[0].free)
    for later in rows[1:]:
        shared = _intersect(shared, later.free, later)
    return rows, shared


def _intersect(ours: Iterable[Span], theirs: Iterable[Span], row: _Row) -> list[Span]:
    narrow = GUTTER * min(w.size for w in row.words)
    cut = [(max(a, c), min(b, d)) for a, b in ours for c, d in theirs]
    return [(a, b) for a, b in cut if b - a >= narrow]


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _supported(rows: list[_Row], free: Iterable[Span]) -> list[tuple[Span, int]]:
    """The spans with text on both sides, each with the number of rows that have it."""
    counted = []
    for a, b in free:
        both = sum(any(w.x1 <= a + 1 for w in row.words) and any(w.x0 >= b - 1 for w in row.words) for row in rows)
        if both:
            counted.append(((a, b), both))
    return counted


def _gutters(rows: list[_Row], free: list[Span]) -> list[Span]:
    """The spans that part columns, from left to right."""
    size = statistics.median(w.size for row in rows for w in row.words)
    return [
        span
        for span, support in _supported(rows, free)
        if support >= 3 or (support == 2 and span[1] - span[0] >= WIDE_GUTTER * size)
    ]


def _split(words: Iterable[Word], gutters: list[Span]) -> list[list[Word]]:
    columns: list[list[Word]] = [[] for _ in range(len(gutters) + 1)]
    for word in words:
        columns[sum(word.x0 >= b - 1 for _, b in gutters)].append(word)
    return columns


def _table(rows: list[_Row], gutters: list[Span], rules: Sequence[Rule]) -> tuple[tuple[str, ...], ...]:
    """The rows as a table, each with its cells from left to right; empty when the columns are running text."""
    columns = [_base_lines(column) for column in _split((w for row in rows for w in row.words), gutters)]
    texts = [[Line(line, 0).text for line in column] for column in columns]
    across = sorted({r.y for r in rules if rows[0].base < r.y < rows[-1].base and any(r.x0 < a and b < r.x1 for a, b in gutters)})
    if not across and not _looks_tabular(texts, len(rows)):
        return ()
    if len(across) == 1 and sum(map(_prose, texts)) > 1:
        return ()  # one line across running text divides it, it does not make it a table
    records: list[list[_Row]] = []
    starts = _record_starts(rows, columns, across)
    for at, row in enumerate(rows):
        if at in starts or not records:
            records.append([])
        records[-1].append(row)
    table = []
    for record in records:
        cells = _split((w for row in record for w in row.words), gutters)
        table.append(tuple(" ".join(Line(line, 0).text for line in _base_lines(cell)) for cell in cells if cell))
    return tuple(table)


def _looks_tabular(columns: list[list[str]], rows: int) -> bool:
    numeric = any(sum(bool(NUMBER.match(t)) for t in column) > 0.6 * len(column) for column in columns)
    listed = sum(sum(t[0] in BULLETS for t in column) >= 2 for column in columns)
    prose = sum(map(_prose, columns))
    if prose >= 2 or listed >= 2:
        return False
    filled = sum(map(len, columns)) / (rows * len(columns))
    return numeric or (prose == 0 and filled >= 0.6) or (prose == 1 and min(map(len, columns)) >= 2 and len(columns) > 2)


def _prose(column: list[str]) -> bool:
    lower = sum(text[0].islower() for text in column[1:])
    return len(column) >= 4 and lower >= PROSE * (len(column) - 1) and statistics.median(map(len, column)) >= PROSE_LENGTH


def _record_starts(rows: list[_Row], columns: list[list[tuple[Word, ...]]], across: list[float]) -> set[int]:
    """The rows at which a record begins: under a line, after a wider gap, else where the emptiest column has a line."""
    if len(across) >= 2:
        return {next(i for i, row in enumerate(rows) if row.base > y) for y in across}
    gaps = [below.base - row.base for row, below in zip(rows, rows[1:], strict=False)]
    wide = {i for i, gap in enumerate(gaps, 1) if gap > RECORD_GAP * min(gaps)}
    if RECORD_SHARE * len(gaps) <= len(wide) < len(gaps):
        return wide
    key = min((column for column in columns if column), key=len)
    lower = sum(line[0].text[0].islower() for line in key) > len(key) / 2  # then a small letter does not continue a cell
    bases = [line[0].base for line in key if lower or not line[0].text[0].islower()]
    return {i for i, row in enumerate(rows) if any(abs(row.base - base) < 2 for base in bases)}
