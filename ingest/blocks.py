"""Makes blocks of flows: paragraphs, list items with levels, table rows; breaks.py joins those that a page cuts."""

import itertools
import re
import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from ingest.clean import BULLETS, clean, join_lines
from ingest.layout import Flow
from ingest.lines import Line

TEXT, ITEM, ROW, HEADING, CONTENTS = "text", "item", "row", "heading", "contents"
CELL_MARK = " — "  # between the cells of a row
PARAGRAPH_GAP = 1.35  # of the leading: a wider gap parts paragraphs
LEADING = 1.25  # of the font size, where a flow is too short to tell
HANG = 0.4  # of the font size: a line that stands less to the left still belongs to a list item
INDENT = 0.8  # of the font size: a first line that stands in so far begins a paragraph
UNFINISHED = 0.15  # of a column's width: so much must be free after an unfinished line that ends a paragraph
SAME_SIZE = 0.6  # points: how much the size of lines of one paragraph may differ
LARGE = 1.12  # of the body's size: from here a line is display text
BULLET = re.compile(rf"^(?:([{re.escape(BULLETS)}])\s*|([–—*·-]|o(?= [A-ZÀ-Þ]))\s+)(?=\S)")
NUMBERED = re.compile(r"^(\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s+(?=\S)")
LEADER = re.compile(r"^(.*?[^\W_].*?)\s*(?:[.·•…_]\s?){4,}\s*(\d{1,4}|[ivxlc]+)$", re.IGNORECASE)
ENDS_WHOLE = re.compile(r"[.!?:;][\"”’')\]⁰¹²³⁴-⁹]*$")
ITEM_MAY_FOLLOW = re.compile(r"(?:[.!?:;,]|\b(?:and|or))[\"”’')\]⁰¹²³⁴-⁹]*$")
HYPHENED = re.compile(r"\w[-\u2010\u00ad]$")


@dataclass
class Block:
    """A paragraph, heading, list item, table row or entry of the contents.

    `fragments` are its text by page (counted from 0). `opens`, `closes`: whether it is the first or last of its flow;
    it may belong to one before or after. `indent`: how far its text stands in from the left of its flow, in points.
    `head` is the width of its first word and `room` what is free in its last line, in points. `group` is the same for
    the rows of one table.
    """

    kind: str
    fragments: list[tuple[int, str]]
    size: float
    bold: bool
    level: int = 0
    opens: bool = False
    closes: bool = False
    lines: int = 1
    indent: float = 0.0
    head: float = 0.0
    room: float = 0.0
    group: int = 0

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(text for _, text in self.fragments)

    @property
    def page(self) -> int:
        """The page on which it begins, from 0."""
        return self.fragments[0][0]

    def add(self, page: int, text: str, words: Collection[str]) -> None:
        """Append a line, or the rest from another page; the space or hyphen between them is decided by `join_lines`."""
        last, before = self.fragments[-1]
        self.fragments[-1] = (last, join_lines(before, text, words))
        if last == page:
            self.fragments[-1] = (last, self.fragments[-1][1] + text)
        else:
            self.fragments.append((page, text))


def whole_words(pages: Iterable[Sequence[Flow]]) -> frozenset[str]:
    """The lower-case words of the document, with their hyphens, without the halves of words broken at line ends."""
    words: set[str] = set()
    for flows in pages:
        for flow in flows:
            broken = False
            for line in flow.lines:
                tokens = re.findall(r"[\w-]+", clean(line.text).lower())
                ends = bool(HYPHENED.search(line.text))
                words.update(tokens[1 if broken else 0 : len(tokens) - 1 if ends else len(tokens)])
                broken = ends
            cells = " ".join(" ".join(cell) for row in flow.table for cell in row if len(cell) == 1)
            words.update(re.findall(r"[\w-]+", cells.lower()))
    return frozenset(words)


def make_blocks(pages: Sequence[Sequence[Flow]], body: float, words: Collection[str]) -> list[Block]:
    """The blocks of the document in reading order, without its headings marked and its cut paragraphs joined."""
    blocks: list[Block] = []
    for page, flows in enumerate(pages):
        for flow in flows:
            made = (
                _rows(flow, page, len(blocks) + 1, words) if flow.table else _Paragraphs(flow, page, body, words).blocks
            )
            if made:
                made[0].opens = made[-1].closes = True
            blocks += made
    return blocks


def _rows(flow: Flow, page: int, group: int, words: Collection[str]) -> list[Block]:
    rows = []
    for row in flow.table:
        cells = []
        for lines in row:
            whole = [text for line in lines if (text := clean(line))]
            cells.append(reduce(lambda before, line: join_lines(before, line, words) + line, whole) if whole else "")
        text = CELL_MARK.join(filter(None, cells))
        if text:
            rows.append(Block(ROW, [(page, text)], 0, False, group=group))
    return rows


class _Paragraphs:
    """The blocks of one flow of lines."""

    def __init__(self, flow: Flow, page: int, body: float, words: Collection[str]) -> None:
        self.blocks: list[Block] = []
        self._page, self._body, self._words = page, body, words
        self._left = min(line.x0 for line in flow.lines)
        self._leading = _leading(flow.lines)
        self._indents: list[float] = []  # of the list items that are open, outermost first
        self._hang = self._left  # where the text of the current block stands
        before: Line | None = None
        for line in flow.lines:
            text = clean(line.text)
            if text:
                self._take(line, text, before)
                before = line

    def _take(self, line: Line, text: str, before: Line | None) -> None:
        leader = LEADER.match(text)
        bullet = None if leader or line.size > LARGE * self._body else self._bullet(line, text, before)
        if leader:
            self._begin(CONTENTS, line, f"{leader[1].rstrip(' .·…')} {leader[2]}")
        elif bullet:
            self._begin(ITEM, line, bullet, self._level(line.x0))
            self._hang = line.words[1].x0 if len(line.words) > 1 else line.x0
            self.blocks[-1].indent = self._hang - self._left
        elif before is None or self._parts(before, line, text):
            self._begin(TEXT, line, text)
            self._indents = []
            self._hang = line.x0
        else:
            block = self.blocks[-1]
            block.add(self._page, text, self._words)
            block.lines += 1
            if block.kind == TEXT:
                self._hang = min(self._hang, line.x0)
        self.blocks[-1].room = line.right - line.x1

    def _begin(self, kind: str, line: Line, text: str, level: int = 0) -> None:
        block = Block(kind, [(self._page, text)], line.size, line.bold, level)
        block.indent, block.head = line.x0 - self._left, _first_width(line)
        self.blocks.append(block)

    def _bullet(self, line: Line, text: str, before: Line | None) -> str | None:
        """The text of a list item; a number stays with it, a bullet does not."""
        match = BULLET.match(text)
        if match and match[1]:
            return text[match.end() :]
        if not match and not NUMBERED.match(text):
            return None
        nested = match and bool(self.blocks) and self.blocks[-1].kind == ITEM and line.x0 > self._hang + 2
        if before and not (nested or ITEM_MAY_FOLLOW.search(before.text) or self._parts(before, line, text)):
            return None  # a dash or a number in brackets that happens to begin a line
        if match:
            return text[match.end() :]
        return None if line.bold else text

    def _level(self, x0: float) -> int:
        while self._indents and self._indents[-1] > x0 + 2:
            self._indents.pop()
        if not self._indents or self._indents[-1] < x0 - 2:
            self._indents.append(x0)
        return len(self._indents) - 1

    def _parts(self, before: Line, line: Line, text: str) -> bool:
        """Whether `line` begins a paragraph."""
        block = self.blocks[-1]
        apart = line.base - before.base > PARAGRAPH_GAP * max(self._leading, line.size)
        if apart or block.kind == CONTENTS or abs(before.size - line.size) > SAME_SIZE or _weight_changes(before, line):
            return True
        if block.kind == ITEM and line.x0 >= self._hang - HANG * line.size:
            return False
        if block.kind == ITEM and before.x0 >= self._hang - HANG * line.size and ENDS_WHOLE.search(before.text):
            return True  # the lines of this item stand in, and this one does not
        continues = text[0].islower() or HYPHENED.search(before.text)
        if continues and not ENDS_WHOLE.search(before.text):
            return False
        if line.x0 - max(before.x0, self._hang) > INDENT * line.size and not HYPHENED.search(before.text):
            return True
        slack = 0.3 * line.size if ENDS_WHOLE.search(before.text) else UNFINISHED * (before.right - self._left)
        room = before.right - before.x1 - slack
        return line.size <= LARGE * self._body and room > _first_width(line)


def _first_width(line: Line) -> float:
    return line.words[0].x1 - line.words[0].x0


def _leading(lines: Sequence[Line]) -> float:
    steps = [b.base - a.base for a, b in itertools.pairwise(lines) if 0 < b.base - a.base < 3 * b.size]
    return statistics.median_low(steps) if len(steps) >= 3 else LEADING * lines[0].size


def _weight_changes(before: Line, line: Line) -> bool:
    ours, theirs = {w.bold for w in before.words}, {w.bold for w in line.words}
    return len(ours) == len(theirs) == 1 and ours != theirs
