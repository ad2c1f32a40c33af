"""A report's text as safe HTML: paragraphs, headings, nested lists, rows, marked spans; render.py puts it in place."""

import html
import re
from collections.abc import Iterable
from itertools import groupby

from ingest.document import Document
from ingest.terminal import UNSEEN

BLOCK = re.compile(r"[^\n]+(?:\n[^\n]+)*")
ITEM = re.compile(r"((?: {2})*)- ")

Span = tuple[int, int]
Marks = tuple[tuple[str, Span], ...]  # (tag, span of the document), outermost first
Line = tuple[int, int, int]  # depth of a list item or NOT_ITEM, then where its text starts and ends
NOT_ITEM = -1


def plain(text: str) -> str:
    """`text` without the characters that are not seen but change what is."""
    return UNSEEN.sub("", text)


def escape(text: str) -> str:
    """`text` as HTML that shows it, plain, and does nothing else."""
    return html.escape(plain(text))


def shorten(text: str, characters: int) -> str:
    """`text` on one line; beyond `characters` it is cut, between words where there are any, and ends in an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= characters:
        return line
    cut = line[:characters].rpartition(" ")[0] or line[:characters]
    return f"{cut.rstrip(' ,;:')} …"


def to_html(document: Document, start: int, end: int, marks: Marks = (), focus: Span | None = None) -> str:
    """document.text[start:end] as HTML; `marks` wraps spans in tags, blocks outside `focus` get the class "aside"."""
    text = document.text
    headings = {section.start: section.body for section in document.sections}
    line_start = text.rfind("\n", 0, start) + 1
    if ITEM.fullmatch(text, line_start, start):
        start = line_start  # the quote begins just after its list marker, which makes it an item
    out: list[str] = []
    for match in BLOCK.finditer(text, start, end):
        a, b = match.span()
        aside = focus is not None and (b <= focus[0] or a >= focus[1])
        names = ["aside"] * aside + ["heading"] * (headings.get(a, a) >= b)
        attributes = f' class="{" ".join(names)}"' if names else ""
        out += _block(text, _lines(text, a, b), marks, attributes)
    return "".join(out)


def _lines(text: str, start: int, end: int) -> Iterable[Line]:
    for line in re.finditer(r"[^\n]+", text[start:end]):
        a, b = start + line.start(), start + line.end()
        item = ITEM.match(text, a, b)
        yield (len(item[1]) // 2, item.end(), b) if item else (NOT_ITEM, a, b)


def _block(text: str, lines: Iterable[Line], marks: Marks, attributes: str) -> Iterable[str]:
    """A paragraph for lines that are no list items, a list for those that are; a block may hold both."""
    for is_item, run in groupby(lines, key=lambda line: line[0] != NOT_ITEM):
        if is_item:
            yield _list(text, run, marks, attributes)
        else:
            rows = "<br>".join(_inline(text, a, b, marks) for _, a, b in run)
            yield f'<p dir="auto"{attributes}>{rows}</p>'


def _list(text: str, items: Iterable[Line], marks: Marks, attributes: str) -> str:
    open_depths: list[int] = []
    out = []
    for depth, a, b in items:
        if not open_depths or depth > open_depths[-1]:
            out.append("<ul>" if open_depths else f"<ul{attributes}>")
            open_depths.append(depth)
        else:
            while len(open_depths) > 1 and depth < open_depths[-1]:
                out.append("</li></ul>")
                open_depths.pop()
            out.append("</li>")
        out.append(f'<li dir="auto">{_inline(text, a, b, marks)}')
    return "".join(out) + "</li></ul>" * len(open_depths)


def _inline(text: str, start: int, end: int, marks: Marks) -> str:
    if not marks:
        return escape(text[start:end])
    (tag, (a, b)), *inner = marks
    a, b = max(a, start), min(b, end)
    if a >= b:
        return _inline(text, start, end, tuple(inner))
    before, within, after = (_inline(text, x, y, tuple(inner)) for x, y in ((start, a), (a, b), (b, end)))
    return f"{before}<{tag}>{within}</{tag}>{after}"
