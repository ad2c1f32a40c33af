"""Finds a PDF's headings with their levels, its table of contents and its title; text.py does the same for plain text.

A block is a heading when the outline or the table of contents names it, or when it is short and stands out by size,
weight or capitals. Levels come from the outline, else from the number ("2.1" is below "2"), else from the style.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from ingest.blocks import CELL_MARK, CONTENTS, ENDS_WHOLE, HEADING, LARGE, ROW, TEXT, Block
from ingest.metadata import Bookmark
from ingest.text import CONTENTS_TITLES, fold

MAX_HEADING = 160  # characters
MAX_LINES = 3
FEWEST_LETTERS = 3
MOST_CAPITALS = 8  # words: longer lines in capitals are shouted, not headings
OPENING_MARKS = "“\"‘'¿¡"
DEEPEST = 6
COVER = 800  # characters: a first page with fewer is a cover
FEWEST_ENTRIES = 2  # under the title "Contents"
FEWEST_LEADERS = 4  # so many entries with leaders are a table of contents even without its title
# Three digits at most: what ends in four is a name that ends in a year.
ENTRY = re.compile(r"^(?P<name>.*[^\W\d_]{2}.*?)\s+(?P<label>\d{1,3}|[ivxlc]+)$", re.IGNORECASE)
ENTRY_BEFORE = re.compile(r"^(?P<label>\d{1,3})\s+(?P<name>[^\W\d_].*)$")
NUMBER = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+[^\W\d_]")
PART = re.compile(r"^(?:annex|appendix|chapter|part)\s+(?:\d+|[ivxl]+|[a-z])\b", re.IGNORECASE)
LEADING_NUMBER = re.compile(r"^(?:\d+ )+")
NOT_A_TITLE = re.compile(
    r"\.(?:docx?|pdf|indd|pptx?|xlsx?|qxd|tex|dvi|md)\b|^(?:microsoft|untitled|document\d*$|slide \d|layout \d|title$)",
    re.IGNORECASE,
)

Style = tuple[float, bool, bool]  # size, bold, capitals


def mark_contents(blocks: Sequence[Block]) -> tuple[tuple[str, str], ...]:
    """Mark the blocks of tables of contents as such, and no others; their entries as (heading, printed page label)."""
    entries: list[tuple[str, str]] = []
    marked: set[int] = set()
    at = 0
    while at < len(blocks):
        titled = fold(blocks[at].text) in CONTENTS_TITLES
        last, found = _entries(blocks, at + titled, titled)
        if len(found) >= (FEWEST_ENTRIES if titled else FEWEST_LEADERS):
            marked.update(range(at, last))
            entries += found
        at = max(last, at + 1)
    for at, block in enumerate(blocks):
        if at in marked:
            block.kind = CONTENTS
        elif block.kind == CONTENTS:
            block.kind = TEXT
    return tuple(entries)


def _entries(blocks: Sequence[Block], first: int, titled: bool) -> tuple[int, list[tuple[str, str]]]:
    """The entries from block `first` on, and the block after the last of them; an entry may begin a line earlier."""
    found: list[tuple[str, str]] = []
    last, begun = first, ""
    pattern: re.Pattern[str] | None = None
    for at in range(first, len(blocks)):
        block = blocks[at]
        entry = _entry(block.text, pattern) if titled or block.kind == CONTENTS else None
        if entry:
            pattern = entry.re  # the page stands before or behind all names
            found.append((f"{begun} {entry['name']}".strip(" .·…"), entry["label"]))
            last, begun = at + 1, ""
            continue
        near = (
            block.kind in {TEXT, ROW} and len(block.text) <= MAX_HEADING and block.page <= blocks[max(last - 1, 0)].page
        )
        if begun or not titled or not near:
            break
        begun = block.text
    return last, found


def _entry(text: str, pattern: re.Pattern[str] | None) -> re.Match[str] | None:
    if len(text) > 2 * MAX_HEADING:
        return None
    text = text.replace(CELL_MARK, " ")
    return pattern.match(text) if pattern else ENTRY.match(text) or ENTRY_BEFORE.match(text)


def mark_headings(
    blocks: Sequence[Block], bookmarks: Sequence[Bookmark], contents: Sequence[tuple[str, str]], body: float
) -> None:
    """Mark the headings among `blocks` and give them levels; `body` is the body's font size."""
    outline = _outline_levels(blocks, bookmarks)
    listed = {fold(name) for name, _ in contents}
    bold = sum(len(block.text) * (1 if block.bold else -1) for block in blocks if block.kind == TEXT) > 0
    cover = _is_cover(blocks)
    for at, block in enumerate(blocks):
        if block.kind != TEXT:
            continue
        named = at in outline or fold(block.text) in listed
        styled = _stands_out(block, body, bold) and at < len(blocks) - 1 and not (cover and block.page == 0)
        if named or styled:
            block.kind = HEADING
    _set_levels(blocks, outline)


def _outline_levels(blocks: Sequence[Block], bookmarks: Sequence[Bookmark]) -> dict[int, int]:
    """The level of each block that a bookmark names, by its index; it stands on the bookmark's page or the next."""
    by_text: defaultdict[str, list[int]] = defaultdict(list)
    for at, block in enumerate(blocks):
        if block.kind == TEXT and len(block.text) <= 2 * MAX_HEADING:
            by_text[fold(block.text)].append(at)
            bare = LEADING_NUMBER.sub("", fold(block.text))
            if bare != fold(block.text):
                by_text[bare].append(at)
    levels: dict[int, int] = {}
    for mark in bookmarks:
        wanted = fold(mark.title)
        places = by_text.get(wanted) or by_text.get(LEADING_NUMBER.sub("", wanted)) or []
        near = [
            at for at in places if at not in levels and (mark.page is None or 0 <= blocks[at].page - mark.page <= 1)
        ]
        if near and wanted:
            levels[near[0]] = min(mark.level, DEEPEST)
    return levels


def _is_cover(blocks: Sequence[Block]) -> bool:
    """Whether the first page holds little text: its large words are the title, not headings."""
    return blocks[-1].page > 0 and sum(len(block.text) for block in blocks if block.page == 0) < COVER


def _stands_out(block: Block, body: float, bold_body: bool) -> bool:
    text = block.text
    letters = sum(c.isalpha() for c in text)
    short = len(text) <= MAX_HEADING and block.lines <= MAX_LINES
    worded = letters >= FEWEST_LETTERS and 2 * letters >= len(text)
    begins = (text[0].isalnum() and not text[0].islower()) or text[0] in OPENING_MARKS
    if not (short and worded and begins) or text.endswith((",", "-")) or ENDS_WHOLE.search(text):
        return False
    large = block.size >= LARGE * body
    bold = block.bold and not bold_body and block.size >= 0.95 * body
    capitals = text.isupper() and len(text.split()) <= MOST_CAPITALS and block.size >= body and letters > 5
    return large or bold or capitals


def _set_levels(blocks: Sequence[Block], outline: dict[int, int]) -> None:
    """By the outline; by the number, below the level of the headings numbered "1", "2"; else by the style."""
    headings = [at for at, block in enumerate(blocks) if block.kind == HEADING]
    known: defaultdict[Style, Counter[int]] = defaultdict(Counter)
    for at, level in outline.items():
        known[_style(blocks[at])][level] += 1
    by_style: dict[Style, int] = {}
    for style in sorted({_style(blocks[at]) for at in headings}, reverse=True):
        below = max(by_style.values(), default=0) + 1
        by_style[style] = known[style].most_common(1)[0][0] if known[style] else below
    depths = {at: depth for at in headings if (depth := _depth(blocks[at].text))}
    chapters = Counter(by_style[_style(blocks[at])] for at, depth in depths.items() if depth == 1)
    first = chapters.most_common(1)[0][0] if chapters else 1
    for at in headings:
        block = blocks[at]
        numbered = first + depths[at] - 1 if at in depths else 1 if PART.match(block.text) else None
        block.level = min(outline.get(at) or numbered or by_style[_style(block)], DEEPEST)


def _depth(text: str) -> int | None:
    """1 for "2 Scope", 2 for "2.1 Scope", None without a number."""
    match = NUMBER.match(text)
    return match[1].count(".") + 1 if match else None


def _style(block: Block) -> Style:
    return block.size, block.bold, block.text.isupper()


def find_title(declared: str, blocks: Sequence[Block], body: float) -> str | None:
    """The title: the declared one unless it is a file name, else the largest words of the first page with text."""
    if len(declared) > 3 and not NOT_A_TITLE.search(declared):
        return declared
    named = [b for b in blocks if b.kind in {TEXT, HEADING} and sum(c.isalpha() for c in b.text) > 2]
    first = [b for b in named if b.page == named[0].page and b.size >= LARGE * body]
    largest = max((b.size for b in first), default=0.0)
    words = " ".join(b.text for b in first if b.size == largest)
    return words if 0 < len(words) <= MAX_HEADING else None
