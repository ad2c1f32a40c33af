"""Reads a plain-text or Markdown report into an Extract; pdf.py does the same for PDF.

Real conversions are damaged: a table of contents as a broken table, emphasis marks, sentences cut by a page break, table
columns that fell apart. What can be repaired without guessing is repaired here, once; the rest stays as it is.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from ingest.document import Unreadable
from ingest.extract import Extract, Heading
from ingest.sandbox import DEFAULTS, Limits, too_long

BINARY = "The file holds binary data, not text."
BYTES_A_CHARACTER = 4  # at most, in UTF-8
BEGINNING = 4096  # bytes in which binary data gives itself away
MAX_HEADING = 140  # characters; a longer line is a paragraph
CONTENTS_TITLES = frozenset({"table of contents", "contents"})
# soft hyphens, zero widths, orders to a terminal, marks that turn the direction of text: nothing that a person reads
INVISIBLE = dict.fromkeys(
    [
        *map(ord, "\ufeff\u00ad\u200b\u200c\u200d\u2060\ufffe"),
        *range(0x01, 0x09),
        *range(0x0E, 0x1C),
        *range(0x7F, 0x85),
        *range(0x86, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)
EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)(.{1,400}?)(?<=\S)\1(?![\w*])")  # bounded: many stars stay quick
LOOSE_EMPHASIS = re.compile(r"\*\*")
TAG = re.compile(r"</?(?:u|b|i|em|strong|sup|sub|br)\s*/?>", re.IGNORECASE)
BULLET = re.compile(r"^(?P<indent>[ \t]*)(?:[-*•◦▪‣–]\s+)?(?P<nested>o\s+(?=[A-Z]))?")
MARKED_HEADING = re.compile(r"^(#{1,6})\s+(\S.*)$")
CLOSING_MARKS = re.compile(r"(?:^|\s)#+$")
NUMBERED_ITEM = re.compile(r"^([ \t]*)(?=\d{1,2}[.)]\s+\S)")
NUMBERED = re.compile(r"^(\d+(?:\.\d+)*)\.?\s+\S")
TOP_LEVEL = re.compile(r"^(?:annex|appendix|chapter|part)\s+[\dIVXLA-Z]+\b", re.IGNORECASE)
TABLE_RULE = re.compile(r"^[\s|:+-]+$")
LEADERS = ("...", "…", "\t", "   ")  # between a heading and its page in the contents
PAGE_CHARACTERS = "0123456789ivxlcIVXLC"
ENDS_WHOLE = re.compile(r"[.!?:;][\"”’')\]]*$")


@dataclass
class _Block:
    """A run of lines between blank lines: its kind is "text", "list", "table" or "heading" (then with a level).

    `lines` are those of a "text" as they stand in the file: a gap before a page number shows an entry of the contents.
    """

    kind: str
    text: str
    level: int = 0
    lines: tuple[str, ...] = ()


def read_text(path: Path, limits: Limits = DEFAULTS) -> Extract:
    """Read a `.txt` or `.md` file in UTF-8, with no limit here but on characters.

    Raises `Unreadable` when it is empty, binary, too long or in another encoding, and `OSError` when it cannot be opened.
    """
    with path.open("rb") as file:
        raw = file.read(BYTES_A_CHARACTER * limits.characters + 1)
    if not raw.strip():
        raise Unreadable("The file is empty.")
    if raw.startswith(b"%PDF-"):
        raise Unreadable("The file is a PDF, whatever its name says; give it the ending .pdf.")
    if len(raw) > BYTES_A_CHARACTER * limits.characters:
        raise Unreadable(BINARY if b"\0" in raw[:BEGINNING] else too_long(limits))
    try:
        source = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"The file is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    if "\0" in source:
        raise Unreadable(BINARY)
    if len(source) > limits.characters:
        raise Unreadable(too_long(limits))
    return extract_text(source)


def extract_text(source: str) -> Extract:
    """Turn the characters of a text or Markdown report into its canonical text with headings and contents."""
    blocks = _blocks(source.replace("\r\n", "\n").replace("\r", "\n").translate(INVISIBLE))
    contents, first, last = _contents(blocks)
    _mark_headings(blocks, contents, range(first, last))
    _join_cut_sentences(blocks)
    if not any(block.text for block in blocks):
        raise Unreadable("The file holds no text.")
    return _assemble(blocks, contents)


def _blocks(source: str) -> list[_Block]:
    blocks: list[_Block] = []
    for chunk in re.split(r"\n[ \t]*\n", source):
        lines = [line.rstrip() for line in chunk.split("\n") if line.strip()]
        run: list[str] = []
        for line in lines:
            marked = MARKED_HEADING.match(line)
            if marked:
                blocks += _block(run)
                run = []
                blocks.append(_Block("heading", _plain(CLOSING_MARKS.sub("", marked[2])), len(marked[1])))
            else:
                run.append(line)
        blocks += _block(run)
    return [block for block in blocks if block.text]


def _block(lines: list[str]) -> list[_Block]:
    if not lines:
        return []
    lines = [re.sub(r"^\s*>\s?", "", line) for line in lines]
    if all(line.lstrip().startswith("|") for line in lines):
        rows = [line for line in lines if not TABLE_RULE.match(line)]
        return [_Block("table", "\n".join(_row(row) for row in rows))]
    if sum(bool(NUMBERED_ITEM.match(line)) for line in lines) > 1:
        lines = [NUMBERED_ITEM.sub(r"\1- ", line) for line in lines]
    first = next((i for i, line in enumerate(lines) if _bullet(line)), None)
    if first is None:
        return [_Block("text", _plain(" ".join(lines)), lines=tuple(lines))]
    items: list[tuple[int, str]] = []
    for line in lines[first:]:
        bullet = _bullet(line)
        if bullet:
            items.append((bullet[0], _plain(bullet[1])))
        else:
            items[-1] = (items[-1][0], f"{items[-1][1]} {_plain(line)}".strip())
    items = [(indent, text) for indent, text in items if text]
    widths = sorted({indent for indent, _ in items})
    listed = "\n".join("  " * widths.index(indent) + "- " + text for indent, text in items)
    before = [_Block("text", _plain(" ".join(lines[:first])))] if first else []
    return [*before, _Block("list", listed)]


def _bullet(line: str) -> tuple[int, str] | None:
    match = BULLET.match(line)
    if not match or match.end() == len(match["indent"]) or not line[match.end() :].strip():
        return None
    return len(match["indent"].expandtabs(4)), line[match.end() :]


def _row(line: str) -> str:
    return " — ".join(cell for cell in (_plain(c) for c in line.strip().strip("|").split("|")) if cell)


def _plain(text: str) -> str:
    text = TAG.sub(" ", text)
    for _ in range(2):  # emphasis may be nested once: ***bold italic*** inside *italic*
        text = EMPHASIS.sub(r"\2", text)
    return " ".join(LOOSE_EMPHASIS.sub("", text).split())


def _contents(blocks: list[_Block]) -> tuple[tuple[tuple[str, str], ...], int, int]:
    """The table of contents as (entry, page label), and the blocks [first, last) that it takes up."""
    for first, block in enumerate(blocks):
        if fold(block.text) not in CONTENTS_TITLES:
            continue
        entries: list[tuple[str, str]] = []
        last = first + 1
        for later in blocks[first + 1 :]:
            lines = later.lines or later.text.split("\n")
            found = [entry for line in lines if (entry := _entry(line, later.kind))]
            if not found:
                break
            entries += found
            last += 1
        if entries:
            return tuple(entries), first, last
    return (), 0, 0


def _entry(line: str, kind: str) -> tuple[str, str] | None:
    if kind == "table":
        name, _, label = line.rpartition(" — ")
        if name and re.fullmatch(r"[\divxlc]+(?: [\divxlc]+)*", label, re.IGNORECASE):
            numbers = label.split()
            return name, numbers[0] if len(set(numbers)) == 1 else f"{numbers[0]}–{numbers[-1]}"
        return None
    line = line.strip().removeprefix("- ")
    before = line.rstrip(PAGE_CHARACTERS)
    name = before.rstrip(" \t.…")
    label, gap = line[len(before) :], before[len(name) :]
    return (_plain(name), label) if name and label and any(leader in gap for leader in LEADERS) else None


def fold(text: str) -> str:
    """Letters and digits only, lower case, single spaces: how a heading and its entry in the contents are compared."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def _mark_headings(blocks: list[_Block], contents: tuple[tuple[str, str], ...], skipped: range) -> None:
    listed = " | ".join(fold(entry) for entry, _ in contents)
    marked = any(block.kind == "heading" for block in blocks)
    for index, block in enumerate(blocks):
        if index in skipped:
            block.kind = "contents"
        elif block.kind == "text" and len(block.text) <= MAX_HEADING and not marked:
            if contents:
                is_heading = re.search(rf"(?:^| ){re.escape(fold(block.text))}(?: |$)", listed) is not None
                is_heading = is_heading and len(fold(block.text)) > 3
            else:
                is_heading = index > 0 and _looks_like_heading(block.text, blocks[index + 1 : index + 2])
            if is_heading:
                block.kind = "heading"
    if not marked:
        _set_levels(blocks)


def _looks_like_heading(text: str, following: list[_Block]) -> bool:
    if ENDS_WHOLE.search(text) or len(text) > MAX_HEADING // 2 or not following or not re.search(r"[^\W\d_]", text):
        return False
    words = [w for w in re.findall(r"[^\W\d_]+", text) if len(w) > 3]
    titled = sum(w[0].isupper() for w in words)
    return bool(NUMBERED.match(text) or TOP_LEVEL.match(text) or (words and titled >= 0.6 * len(words)))


def _set_levels(blocks: list[_Block]) -> None:
    """Levels without marks: by numbering, else a heading that is followed at once by another is that one's parent."""
    level = 0
    under = False  # whether the block before was a heading
    for index, block in enumerate(blocks):
        if block.kind != "heading":
            under = False
            continue
        numbered = NUMBERED.match(block.text)
        opens = index + 1 < len(blocks) and blocks[index + 1].kind == "heading"
        if numbered:
            level = numbered[1].count(".") + 1
        elif TOP_LEVEL.match(block.text) or (opens and not under):
            level = 1
        else:
            level = level + 1 if under else max(level, 1)
        block.level = level
        under = True


def _join_cut_sentences(blocks: list[_Block]) -> None:
    """Join a paragraph cut by a page break: it ends without a full stop and the next begins in lower case or with "("."""
    index = 0
    while index + 1 < len(blocks):
        this, after = blocks[index], blocks[index + 1]
        if this.kind == after.kind == "text" and not ENDS_WHOLE.search(this.text) and re.match(r"[a-z(]", after.text):
            this.text = f"{this.text} {after.text}"
            del blocks[index + 1]
        else:
            index += 1


def _assemble(blocks: list[_Block], contents: tuple[tuple[str, str], ...]) -> Extract:
    parts: list[str] = []
    headings: list[Heading] = []
    skipped: list[tuple[int, int]] = []
    at = 0
    for block in blocks:
        if block.kind == "heading":
            headings.append(Heading(block.level, at, at + len(block.text)))
        elif block.kind == "contents":
            skipped.append((at, at + len(block.text)))
        parts.append(block.text)
        at += len(block.text) + 2
    title = next((b.text for b in blocks if b.kind in {"heading", "text"} and len(b.text) <= MAX_HEADING), None)
    return Extract(
        title=title,
        text="\n\n".join(parts),
        pages=(),
        headings=tuple(headings),
        contents=contents,
        skipped=tuple(skipped),
    )
