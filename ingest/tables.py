"""Tells tables from columns of text, and makes rows of them; layout.py finds the gutters between their columns."""

import itertools
import re
import statistics
from collections.abc import Iterable, Sequence

from ingest.clean import BULLETS
from ingest.glyphs import Rule, Word
from ingest.lines import Line, make_lines

PROSE = 0.35  # the share of lines that begin in lower case from which a column is running text
PROSE_LENGTH = 18  # characters: shorter lines are cells
PROSE_LINES = 3
FIGURES = 0.6  # the share of lines that are numbers from which a column is one of figures
FILLED = 0.6  # the share of a table's cells that are not empty, at least
ROW_GAP = 1.75  # of the font size, from base line to base line: lines of one cell stand closer
RECORD_GAP = 1.2  # of the narrowest gap between the lines of a table: a wider one parts records
RECORD_SHARE = 0.2  # of the gaps of a table: if fewer are wide, they part its head or groups of records
TITLE_GAP = 1.5  # of the font size, from base line to base line: what stands between a title and what is above it
LARGE = 1.12  # of the font size: from here a line may be a title
NUMBER = re.compile(r"^[^\w\s]*\d[\d.,\s’']*(?:[^\w\s]+|(?:bn|m|k|%))?$|^[–—-]$|^n/?a$", re.IGNORECASE)

Span = tuple[float, float]
Row = tuple[tuple[str, ...], ...]  # its cells that are not empty, each the text of its lines


def cells(words: Iterable[Word], gutters: Sequence[Span]) -> list[list[Word]]:
    """The words between the gutters, from left to right."""
    columns: list[list[Word]] = [[] for _ in range(len(gutters) + 1)]
    for word in words:
        columns[sum(word.x0 >= b - 1 for _, b in gutters)].append(word)
    return columns


def is_table(lines: Sequence[Line], gutters: Sequence[Span], rules: Sequence[Rule]) -> bool:
    """Whether lines across a region with these gutters are rows of a table, not columns of text side by side."""
    columns = _texts(lines, gutters)
    prose = sum(map(_is_prose, columns))
    across = _rules_across(lines, gutters, rules)
    if across and not (len(across) == 1 and prose > 1):  # one line across running text divides it
        return True
    listed = sum(sum(text[0] in BULLETS for text in column) >= 2 for column in columns)
    if prose > 1 or listed > 1:
        return False
    figures = any(map(_are_figures, columns))
    filled = sum(map(len, columns)) / (len(lines) * len(columns))
    return figures or (prose == 0 and filled >= FILLED) or (prose == 1 and len(columns) > 2)


def page_gutters(lines: Sequence[Line], gutters: Sequence[Span], rules: Sequence[Rule]) -> list[Span]:
    """Those gutters that part columns of the page, not of a table in one: its rows are not to take in what stands beside.

    No rule crosses such a gutter, and each side can be read alone.
    """
    found = []
    for at, gutter in enumerate(gutters):
        halves = [[Line(tuple(words)) for words in cells(line.words, [gutter])] for line in lines]
        left = _reads_alone(halves, 0, gutters[:at], rules)
        right = _reads_alone(halves, 1, gutters[at + 1 :], rules)
        if left and right and not _rules_across(lines, [gutter], rules):
            found.append(gutter)
    return found


def _reads_alone(halves: Sequence[Sequence[Line]], side: int, gutters: Sequence[Span], rules: Sequence[Rule]) -> bool:
    """Whether the halves of lines on one side (0 or 1) are running text, or a table with names of its own.

    Such a table has rules, or figures beside lines that go on a sentence: a cell of its own would begin beside them.
    """
    lines = [half[side] for half in halves if half[side].words]
    if _is_prose([line.text for line in lines]):
        return True
    names, *others = _texts(lines, gutters)
    if not others or _are_figures(names):
        return False
    figures = [half for half in halves if any(NUMBER.match(word.text) for word in half[side].words)]
    beside = [half[1 - side].text for half in figures if half[1 - side].words]
    torn = sum(text[0].islower() for text in beside) > PROSE * len(beside)
    return (torn and any(map(_are_figures, others))) or len(_rules_across(lines, gutters, rules)) > 1


def _texts(lines: Sequence[Line], gutters: Sequence[Span]) -> list[list[str]]:
    return [[line.text for line in column] for column in _columns(lines, gutters)]


def _columns(lines: Sequence[Line], gutters: Sequence[Span]) -> list[list[Line]]:
    return [make_lines(words) for words in cells((w for line in lines for w in line.words), gutters)]


def _are_figures(column: Sequence[str]) -> bool:
    return sum(bool(NUMBER.match(text)) for text in column) > FIGURES * len(column)


def _is_prose(column: Sequence[str]) -> bool:
    lower = sum(text[0].islower() for text in column[1:])
    long = len(column) >= PROSE_LINES and statistics.median(map(len, column)) >= PROSE_LENGTH
    return long and lower >= PROSE * (len(column) - 1)


def _rules_across(lines: Sequence[Line], gutters: Sequence[Span], rules: Sequence[Rule]) -> list[float]:
    """The heights of the rules between the first and last line that cross a gutter, from the top."""
    top, bottom = lines[0].base, lines[-1].base
    return sorted({r.y for r in rules if top < r.y < bottom and any(r.x0 < a and b < r.x1 for a, b in gutters)})


def split_at_titles(lines: Sequence[Line], gutters: Sequence[Span]) -> list[list[Line]]:
    """The lines cut before and after each title between tables, and after text above the first row; often one part."""
    body = statistics.median(w.size for line in lines for w in line.words)
    single = [sum(map(bool, cells(line.words, gutters))) == 1 for line in lines]
    parts: list[list[Line]] = [[]]
    kind: str | None = None
    seen_row = False
    for at, line in enumerate(lines):
        apart = at == 0 or line.base - lines[at - 1].base > TITLE_GAP * max(line.size, lines[at - 1].size)
        styled = all(w.bold or w.size >= LARGE * body for w in line.words)
        seen_row = seen_row or not single[at]
        now = "title" if single[at] and styled and (apart or kind == "title") else "row" if seen_row else "text"
        if kind and now != kind:
            parts.append([])
        parts[-1].append(line)
        kind = now
        seen_row = seen_row and now != "title"
    return parts


def split_at_rules(lines: Sequence[Line], gutters: Sequence[Span], rules: Sequence[Rule]) -> list[list[Line]]:
    """The lines cut above the head of a table with rules and below its end, where columns of text stand there."""
    across = _rules_across(lines, gutters, rules)
    if len(across) < 2:
        return [list(lines)]
    apart = [at for at in range(1, len(lines)) if lines[at].base - lines[at - 1].base > TITLE_GAP * lines[at].size]
    first = max((at for at in apart if lines[at].base < across[0]), default=0)
    under = [next(at for at, line in enumerate(lines) if line.base > y) for y in across]
    *gaps, gap = (lines[at].base - y for at, y in zip(under, across, strict=True))
    last = under[-1] if gap > RECORD_GAP * max(gaps) else len(lines)  # else a row stands under the last rule too
    first = first if sum(map(_is_prose, _texts(lines[:first], gutters))) > 1 else 0
    last = last if sum(map(_is_prose, _texts(lines[last:], gutters))) > 1 else len(lines)
    return [list(part) for part in (lines[:first], lines[first:last], lines[last:]) if part]


def table_rows(lines: Sequence[Line], gutters: Sequence[Span], rules: Sequence[Rule]) -> tuple[Row, ...]:
    """The rows of a table, of which each may have several lines."""
    starts = _record_starts(lines, gutters, rules)
    records: list[list[Line]] = []
    for at, line in enumerate(lines):
        if at in starts or not records:
            records.append([])
        records[-1].append(line)
    return tuple(_row(record, gutters) for record in records)


def _row(record: Sequence[Line], gutters: Sequence[Span]) -> Row:
    return tuple(tuple(line.text for line in column) for column in _columns(record, gutters) if column)


def _record_starts(lines: Sequence[Line], gutters: Sequence[Span], rules: Sequence[Rule]) -> set[int]:
    """The lines at which a row begins: under a rule, after a wider gap, else where the emptiest column has a line.

    Where all lines stand further apart than those of a cell, each is a row, also one that has a name and no figures.
    """
    across = _rules_across(lines, gutters, rules)
    if len(across) > 1:
        return {next(at for at, line in enumerate(lines) if line.base > y) for y in across}
    gaps = [below.base - above.base for above, below in itertools.pairwise(lines)]
    if gaps and min(gaps) > ROW_GAP * max(line.size for line in lines):
        return set(range(len(lines)))
    wide = {at for at, gap in enumerate(gaps, 1) if gap > RECORD_GAP * min(gaps)}
    if RECORD_SHARE * len(gaps) <= len(wide) < len(gaps):
        return wide
    key = min((column for column in _columns(lines, gutters) if column), key=len)
    lower = sum(line.text[0].islower() for line in key) > len(key) / 2  # then a small letter does not continue a cell
    bases = [line.base for line in key if lower or not line.text[0].islower()]
    return {at for at, line in enumerate(lines) if any(abs(line.base - base) < 2 for base in bases)}
