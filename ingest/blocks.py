"""Makes blocks of flows: paragraphs joined across lines, columns and pages, list items with levels, table rows."""

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
LOOKAHEAD = 6  # blocks (captions, notes, tables) that may stand between the halves of a cut paragraph
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
    it may belong to one before or after. `group` is the same for the rows of one table.
    """

    kind: str
    fragments: list[tuple[int, str]]
    size: float
    bold: bool
    level: int = 0
    opens: bool = False
    closes: bool = False
    lines: int = 1
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
            first, *others = (clean(line) for line in lines)
            cells.append(reduce(lambda before, line: join_lines(before, line, words) + line, others, first))
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

    def _begin(self, kind: str, line: Line, text: str, level: int = 0) -> None:
        self.blocks.append(Block(kind, [(self._page, text)], line.size, line.bold, level))

    def _bullet(self, line: Line, text: str, before: Line | None) -> str | None:
        """The text of a list item; a number stays with it, a bullet does not."""
        match = BULLET.match(text)
        if match and match[1]:
            return text[match.end() :]
        if before and not ITEM_MAY_FOLLOW.search(before.text) and not self._parts(before, line, text):
            return None  # a dash or a number in brackets that happens to begin a line
        if match:
            return text[match.end() :]
        return text if NUMBERED.match(text) and not line.bold else None

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
        return line.size <= LARGE * self._body and room > line.words[0].x1 - line.words[0].x0


def _leading(lines: Sequence[Line]) -> float:
    steps = [b.base - a.base for a, b in itertools.pairwise(lines) if 0 < b.base - a.base < 3 * b.size]
    return statistics.median_low(steps) if len(steps) >= 3 else LEADING * lines[0].size


def _weight_changes(before: Line, line: Line) -> bool:
    ours, theirs = {w.bold for w in before.words}, {w.bold for w in line.words}
    return len(ours) == len(theirs) == 1 and ours != theirs


def join_cut_paragraphs(blocks: Sequence[Block], words: Collection[str]) -> list[Block]:
    """Make whole the paragraphs and items that a column or page break cuts.

    What stands between the halves goes before the whole or after it, so that the text stays in the order of the pages.
    """
    joined: list[Block] = []
    rest = list(blocks)
    while rest:
        block = rest.pop(0)
        at = _continuation(block, rest)
        while at is not None:
            page = block.fragments[-1][0]
            before = [other for other in rest[:at] if other.page == page]
            if before and block.page != page:
                break
            joined += before
            for part in rest[at].fragments:
                block.add(*part, words)
            block.closes, block.lines = rest[at].closes, block.lines + rest[at].lines
            rest[: at + 1] = [other for other in rest[:at] if other.page != page]
            at = _continuation(block, rest)
        joined.append(block)
    return joined


def _continuation(block: Block, rest: Sequence[Block]) -> int | None:
    """The index in `rest` of the block that goes on where `block` is cut; None when it is whole."""
    hyphened = HYPHENED.search(block.text)
    if block.kind not in {TEXT, ITEM} or (ENDS_WHOLE.search(block.text) and not hyphened) or len(block.text) < 20:
        return None
    for at, other in enumerate(rest[:LOOKAHEAD]):
        if other.kind == HEADING or other.page > block.fragments[-1][0] + 1:
            return None
        alike = other.kind == TEXT and abs(other.size - block.size) <= SAME_SIZE and other.bold == block.bold
        if alike and (other.opens or not block.closes):
            if (
                other.text[0].islower()
                or hyphened
                or (at == 0 and re.match(r"[(\d“]", other.text))
                or _capital(block, other)
            ):
                return at
            return None
        if at == 0 and alike:
            return None
    return None


def _capital(block: Block, other: Block) -> bool:
    """Whether a name continues a sentence: a long paragraph that ends without a stop, cut at the end of its flow."""
    return block.lines >= 2 and other.lines >= 2 and block.closes and other.opens and block.kind == TEXT
