"""Checks the quotes of saved answers against the documents, character by character; shares nothing with what made them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.document import Document

NOTHING = "The reports do not say."  # the one text that needs no quote


class NotAnswers(ValueError):
    """A file that holds no saved answers; the message names it."""


@dataclass(frozen=True)
class Fault:
    """A quote that does not hold: which answer, and why in one sentence."""

    answer: str
    reason: str


def read_answers(path: Path) -> list[dict[str, Any]]:
    """The answers in `path`: one JSON object (`python -m answer --json`) or JSON Lines (predictions).

    Raises `NotAnswers` when it is neither, `OSError` when it cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise NotAnswers(f"{path} is not UTF-8 text; give a saved answer or a predictions file.") from error
    try:
        rows = [json.loads(text)]
    except (ValueError, RecursionError):
        try:
            rows = [json.loads(line) for line in text.split("\n") if line.strip()]
        except (ValueError, RecursionError) as error:
            raise NotAnswers(f"{path} is not JSON; give a saved answer or a predictions file.") from error
    if not rows or not all(isinstance(row, dict) and isinstance(row.get("citations"), list) for row in rows):
        raise NotAnswers(f"{path} holds no answers with citations; give a saved answer or a predictions file.")
    return rows


def check(rows: list[dict[str, Any]], documents: Mapping[str, Document]) -> tuple[int, list[Fault]]:
    """How many quotes were checked, and those that do not hold; an answered row without citations does not hold either."""
    checked, faults = 0, []
    for number, row in enumerate(rows, 1):
        name = str(row.get("id") or row.get("question") or f"answer {number}")
        if not row["citations"] and (row.get("answered") or row.get("text", NOTHING) not in {NOTHING, ""}):
            faults.append(Fault(name, "It is an answer without a citation."))
        elif row.get("answered") and (added := _added(row)):
            faults.append(Fault(name, f"It shows words that none of its quotes holds: {added!r}."))
        for citation in row["citations"]:
            checked += 1
            faults += [Fault(name, reason) for reason in _faults(citation, documents)]
    return checked, faults


def _added(row: dict[str, Any]) -> str:
    """What the answer's text shows beside its quotes."""
    rest = str(row.get("text", ""))
    for citation in row["citations"]:
        if isinstance(citation, dict):
            rest = rest.replace(str(citation.get("quote")), "", 1)
    return rest.strip()


def _faults(citation: object, documents: Mapping[str, Document]) -> Iterator[str]:
    if not isinstance(citation, dict):
        yield "A citation is not an object."
        return
    document = documents.get(str(citation.get("document")))
    if document is None:
        yield f"There is no document {citation.get('document')!r} in the index."
        return
    if citation.get("sha256") != document.sha256:
        yield f"{document.name} is not the file that was cited: its SHA-256 is {document.sha256}."
        return
    start, end, quote = citation.get("start"), citation.get("end"), citation.get("quote")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(document.text):
        yield f"{document.name} has no text at {start}:{end}."
    elif document.text[start:end] != quote:
        yield f"{document.name} says {document.text[start:end]!r} at {start}:{end}, not {quote!r}."
    else:
        yield from _misplaced(citation, document, start, end)


def _misplaced(citation: dict[str, Any], document: Document, start: int, end: int) -> Iterator[str]:
    """What a citation says wrongly of where its quote stands; what it does not say is not wrong."""
    first, last, section = document.page_at(start), document.page_at(end - 1), document.section_at(start)
    path = list(section.path) if section else []
    recognised = any(p.recognised and p.start < end and start < p.end for p in document.pages)
    quote, name = citation["quote"], document.name
    if citation.get("page", first and first.number) != (first and first.number):
        yield f"{quote!r} does not stand on page {citation['page']} of {name}."
    if citation.get("page_label", first and first.label) != (first and first.label):
        yield f"{quote!r} does not stand on the page of {name} that is numbered {citation['page_label']}."
    if citation.get("last_page", last and last.number) != (last and last.number):
        yield f"{quote!r} does not end on page {citation['last_page']} of {name}."
    if citation.get("last_page_label", last and last.label) != (last and last.label):
        yield f"{quote!r} does not end on the page of {name} that is numbered {citation['last_page_label']}."
    if citation.get("recognised", recognised) != recognised:
        yield f"{quote!r} is said {'not ' * recognised}to come from text recognition; that is not so in {name}."
    if citation.get("section", path) != path:
        yield f"{quote!r} does not stand in the section {citation['section']} of {name}."
