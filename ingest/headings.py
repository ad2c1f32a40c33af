"""Finds a PDF's headings with their levels, its table of contents and its title; text.py does the same for plain text.

A block is a heading when the outline or the table of contents names it, or when it is short and stands out by size, weight,
capitals or a number. Levels come from the outline, else from the number ("2.1" is below "2"), else from the style.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from ingest.blocks import CELL_MARK, CONTENTS, ENDS_WHOLE, HEADING, LARGE, ROW, TEXT, Block
from ingest.metadata import Bookmark
from ingest.text import CONTENTS_TITLES, fold

MAX_HEADING = 160  # characters
MAX_LINES = 3
DEEPEST = 6
COVER = 800  # characters: a first page with fewer is a cover
ENTRY = re.compile(r"^(?P<name>.*[^\W\d_]{2}.*?)\s+(?P<label>\d{1,4}|[ivxlc]+)$", re.IGNORECASE)
ENTRY_BEFORE = re.compile(r"^(?P<label>\d{1,4})\s+(?P<name>[^\W\d_].*)$")
LEADERS_ALONE = 4  # so many entries with leaders are a table of contents even without its title
NUMBER = re.compile(r"^(?:(?:annex|appendix|chapter|part|section)\s+)?(\d{1,2}(?:\.\d{1,2}){0,4})\.?:?\s+[^\W\d_]", re.IGNORECASE)
PART = re.compile(r"^(?:annex|appendix|chapter|part)\s+[\divxlA-Z]+\b", re.IGNORECASE)
NOT_A_TITLE = re.compile(
    r"\.(?:docx?|pdf|indd|pptx?|xlsx?|qxd|tex|dvi|md)\b|^(?:microsoft|untitled|document\d*$|slide \d|layout \d|title$)", re.IGNORECASE
)

Style = tuple[float, bool, bool]  # size, bold, capitals


def mark_contents(blocks: list[Block]) -> tuple[tuple[str, str], ...]:
    """Mark the blocks of the table of contents; its entries as (heading, printed page label)."""
    entries: list[tuple[str, str]] = []
    at = 0
    while at < len(blocks):
        titled = fold(blocks[at].text) in CONTENTS_TITLES
        first = at + titled
        last, found = _entries(blocks, first, titled)
        if len(found) >= (2 if titled else LEADERS_ALONE):
            for block in blocks[at:last]:
                block.kind = CONTENTS
                block.level = 0
            entries += found
        at = max(last, at + 1)
    for block in blocks:
        if block.kind == CONTENTS and block.level < 0:
            block.kind = TEXT
    return tuple(entries)


def _entries(blocks: list[Block], first: int, titled: bool) -> tuple[int, list[tuple[str, str]]]:
    """The entries from block `first` on, and the block after the last of them; an entry may begin a line earlier."""
    found: list[tuple[str, str]] = []
    last, waiting = first, ""
    pattern: re.Pattern[str] | None = None
    for at in range(first, len(blocks)):
        block = blocks[at]
        entry = _entry(block.text, pattern) if titled or block.kind == CONTENTS else None
        if entry:
            pattern = entry.re  # the page stands before or behind all names
            found.append((f"{waiting} {entry['name']}".strip(" .·…"), entry["label"]))
            last, waiting = at + 1, ""
        elif titled and block.kind in {TEXT, ROW} and not waiting and len(block.text) < MAX_HEADING and block.page <= blocks[last - 1].page:
            waiting = block.text
        else:
            break
    return last, found


def _entry(text: str, pattern: re.Pattern[str] | None) -> re.Match[str] | None:
    if len(text) > 2 * MAX_HEADING:
        return None
    text = text.replace(CELL_MARK, " ")
    return pattern.match(text) if pattern else ENTRY.match(text) or ENTRY_BEFORE.match(text)


def mark_headings(blocks: list[Block], bookmarks: Sequence[Bookmark], contents: Sequence[tuple[str, str]], body: float) -> None:
    """Mark the headings among `blocks` and give them levels; `body` is the body's font size."""
    outline = _outline_levels(blocks, bookmarks)
    listed = {fold(name) for name, _ in contents}
    bold_body = 2 * sum(len(b.text) for b in blocks if b.kind == TEXT and b.bold) > sum(len(b.text) for b in blocks if b.kind == TEXT)
    ends = next((i for i in range(len(blocks) - 1, -1, -1) if blocks[i].kind != HEADING), 0)
    cover = _is_cover(blocks)
    for at, block in enumerate(blocks):
        if block.kind != TEXT or at >= ends and at not in outline:
            continue
        named = at in outline or fold(block.text) in listed
        if named or (_stands_out(block, body, bold_body) and not (cover and block.page == 0)):
            block.kind = HEADING
    _set_levels(blocks, outline)


def _outline_levels(blocks: Sequence[Block], bookmarks: Sequence[Bookmark]) -> dict[int, int]:
    """The level of each block that a bookmark names, by its index; the block stands on the bookmark's page or the next."""
    by_text: defaultdict[str, list[int]] = defaultdict(list)
    for at, block in enumerate(blocks):
        if block.kind == TEXT and len(block.text) <= 2 * MAX_HEADING:
            by_text[fold(block.text)].append(at)
            bare = NUMBER_ALONE.sub("", fold(block.text))
            if bare != fold(block.text):
                by_text[bare].append(at)
    levels: dict[int, int] = {}
    for mark in bookmarks:
        wanted = fold(mark.title)
        places = by_text.get(wanted) or by_text.get(NUMBER_ALONE.sub("", wanted)) or []
        near = [at for at in places if at not in levels and (mark.page is None or 0 <= blocks[at].page - mark.page <= 1)]
        if near and wanted:
            levels[near[0]] = min(mark.level, DEEPEST)
    return levels


NUMBER_ALONE = re.compile(r"^(?:\d+ )+")


def _is_cover(blocks: Sequence[Block]) -> bool:
    """Whether the first page holds little text: its large words are the title, not headings."""
    return blocks[-1].page > 0 and sum(len(block.text) for block in blocks if block.page == 0) < COVER


def _stands_out(block: Block, body: float, bold_body: bool) -> bool:
    text = block.text
    letters = sum(c.isalpha() for c in text)
    if len(text) > MAX_HEADING or block.lines > MAX_LINES or letters < 3 or 2 * letters < len(text) or ENDS_WHOLE.search(text):
        return False
    if text.endswith((",", "-")) or text[0].islower() or not (text[0].isalnum() or text[0] in "“\"‘'¿¡"):
        return False
    large = block.size >= LARGE * body
    bold = block.bold and not bold_body and block.size >= 0.95 * body
    capitals = text.isupper() and len(text.split()) <= 8 and block.size >= body and letters > 5
    return large or bold or capitals


def _set_levels(blocks: Sequence[Block], outline: dict[int, int]) -> None:
    headings = [at for at, block in enumerate(blocks) if block.kind == HEADING]
    known: defaultdict[Style, Counter[int]] = defaultdict(Counter)
    for at in headings:
        level = outline.get(at) or _numbered_level(blocks[at].text)
        if level:
            known[_style(blocks[at])][level] += 1
    by_style: dict[Style, int] = {}
    for style in sorted({_style(blocks[at]) for at in headings}, reverse=True):
        above = [by_style[s] for s in by_style if s[0] > style[0] or s > style]
        by_style[style] = known[style].most_common(1)[0][0] if known[style] else max(above, default=0) + 1
    for at in headings:
        block = blocks[at]
        block.level = min(outline.get(at) or _numbered_level(block.text) or by_style[_style(block)], DEEPEST)


def _numbered_level(text: str) -> int | None:
    match = NUMBER.match(text)
    return match[1].count(".") + 1 if match else 1 if PART.match(text) else None


def _style(block: Block) -> Style:
    return block.size, block.bold, block.text.isupper()


def find_title(metadata: str | None, blocks: Sequence[Block]) -> str | None:
    """The document's title: from its metadata unless that is a file name, else the largest words of its first page."""
    stated = " ".join((metadata or "").split())
    if len(stated) > 3 and not NOT_A_TITLE.search(stated):
        return stated
    first = [b for b in blocks if b.kind in {TEXT, HEADING} and b.page == blocks[0].page and any(c.isalpha() for c in b.text)]
    largest = max((b.size for b in first), default=0)
    words = " ".join(b.text for b in first if b.size == largest)
    return words if 0 < len(words) <= MAX_HEADING else None
