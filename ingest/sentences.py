"""Splits canonical text into units, the smallest things that are quoted whole: headings, sentences, list items, rows."""

import re
from dataclasses import dataclass

ABBREVIATIONS = frozenset(
    "e.g i.e vs dr mr mrs ms prof st no nos fig figs sec ch vol pp p ca approx dept inc ltd co corp u.s u.k u.n al".split()
)
BOUNDARY = re.compile(r"[.!?][\"”’')\]]*[⁰¹²³⁴-⁹]*\s+(?=[\"“‘'(\[]?[A-Z0-9À-Þ])")
BULLET = re.compile(r"^(?: {2})*- ")
LONGEST_ABBREVIATION = 20  # characters before a full stop that are looked at
LAST_WORD = re.compile(r"([\w.]+?)\.?[\"”’')\]]*$")
NAMED = re.compile(r"\([A-Z][\w. ]*\)")
AFTER_NAMED = re.compile(r"(?<=\)) (?=[A-ZÀ-Þ])")
HEADING, SENTENCE, ITEM, ROW = "heading", "sentence", "item", "row"


@dataclass(frozen=True)
class Unit:
    """text[start:end] of a document; `kind` is "heading", "sentence", "item" or "row"; `level` is a list item's depth."""

    start: int
    end: int
    kind: str
    level: int = 0


def split_units(text: str, start: int, end: int, headings: frozenset[int] = frozenset()) -> list[Unit]:
    """The units of text[start:end], in order, without overlap; `headings` are the offsets at which headings begin."""
    units: list[Unit] = []
    for match in re.finditer(r"[^\n]+(?:\n[^\n]+)*", text[start:end]):
        at, block = start + match.start(), match[0]
        if at in headings:
            units.append(Unit(at, at + len(block), HEADING))
            continue
        lines = block.split("\n")
        for line in lines:
            item = BULLET.match(line)
            if item:
                units.append(Unit(at + item.end(), at + len(line), ITEM, item.end() // 2 - 1))
            elif len(lines) > 1:
                units.append(Unit(at, at + len(line), ROW))
            else:
                units += [Unit(at + a, at + b, kind) for a, b, kind in _sentences(line)]
            at += len(line) + 1
    return [unit for unit in units if unit.end > unit.start]


def _sentences(block: str) -> list[tuple[int, int, str]]:
    if len(NAMED.findall(block)) > 1 and not re.search(r"[a-z)]\.(?:\s|$)", block):
        cuts = [m.end() for m in AFTER_NAMED.finditer(block)]  # the cells of a table that fell into one line
        kind = ROW
    else:
        cuts = [m.end() for m in BOUNDARY.finditer(block) if not _abbreviated(block, m.start() + 1)]
        kind = SENTENCE
    spans = []
    for a, b in zip([0, *cuts], [*cuts, len(block)], strict=True):
        spans.append((a, a + len(block[a:b].rstrip()), kind))
    return spans


def _abbreviated(block: str, end: int) -> bool:
    match = LAST_WORD.search(block[max(0, end - LONGEST_ABBREVIATION) : end])
    word = match[1].lower() if match else ""
    opens = block[: end - 1].isdigit()  # "1. Introduction"
    return opens or word in ABBREVIATIONS or (len(word) == 1 and word.isalpha())
