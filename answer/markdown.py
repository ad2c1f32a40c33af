"""Text as inert Markdown: what a document or a person wrote is shown as it is, and becomes no link, image or markup."""

import re
import unicodedata

SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$!]|:(?=//)|(?<=www)\.)")
OPENS_A_BLOCK = re.compile(
    r"^(\s*(?:\d{1,9}(?=[.)]))?)([#+=.)-])", re.MULTILINE
)  # a heading, a rule, an item of a list
ITEM = re.compile(r"(?:  )*- ")  # of a list in a document's canonical text
WHITE = {"\n", "\t"}


def escape(text: str) -> str:
    """`text` as Markdown that shows it, without the characters that are not seen; lines stay lines."""
    seen = "".join(c for c in text if c in WHITE or unicodedata.category(c)[0] != "C")
    return OPENS_A_BLOCK.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", seen))


def quote(text: str) -> str:
    """A report's text as a block quote: its items become a list, and every other line keeps its end."""
    lines = text.split("\n")
    return "\n".join(
        f"> {_line(line, following)}".rstrip() for line, following in zip(lines, [*lines[1:], ""], strict=True)
    )


def _line(line: str, following: str) -> str:
    item = ITEM.match(line)
    start = item.end() if item else 0
    break_ = "\\" if line and following and not ITEM.match(following) else ""
    return f"{line[:start]}{escape(line[start:])}{break_}"
