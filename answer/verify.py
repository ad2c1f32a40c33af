"""Checks saved answers against the documents, character by character; no code that found the quotes takes part in it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from answer.receipt import FENCE, FORMAT, seal, to_markdown
from ingest.corpus import Reading, Refused, file_hash, find_files, read_document
from ingest.document import Document, Unreadable
from ingest.sandbox import Limits

NOTHING = "The reports do not say."  # the one text that needs no quote
SCANNED = Reading(Limits(seconds=3600.0), ocr=True)  # text recognition takes some seconds a page
GIVE = "give a receipt, a saved answer or a predictions file."


class NotAnswers(ValueError):
    """A file that holds no saved answers; the message names it."""


@dataclass(frozen=True)
class Fault:
    """A quote that does not hold: which answer, and why in one sentence."""

    answer: str
    reason: str


def read_answers(path: Path) -> list[dict[str, Any]]:
    """The answers in `path`: a receipt, a conversation or an answer as JSON, JSON Lines (predictions), or the Markdown of
    receipts, which holds their JSON.

    Raises `NotAnswers` when it is none of them, `OSError` when it cannot be read.
    """
    text = _read(path)
    record = _record(text)
    try:
        whole = _parse(text if record is None else record)
        rows = whole["answers"] if isinstance(whole, dict) and isinstance(whole.get("answers"), list) else [whole]
    except (ValueError, RecursionError):
        try:
            rows = [_parse(line) for line in text.split("\n") if line.strip()]
        except (ValueError, RecursionError) as error:
            raise NotAnswers(f"{path} is not JSON; {GIVE}") from error
    if not rows or not all(isinstance(row, dict) and isinstance(row.get("citations"), list) for row in rows):
        raise NotAnswers(f"{path} holds no answers with citations; {GIVE}")
    return rows


def _read(path: Path) -> str:
    """The text of `path` without spaces at the ends of its lines, which mail and editors add and take away."""
    try:
        return "\n".join(line.rstrip(" \t") for line in path.read_text("utf-8-sig").split("\n"))
    except UnicodeDecodeError as error:
        raise NotAnswers(f"{path} is not UTF-8 text; {GIVE}") from error


def _record(text: str) -> str | None:
    """The JSON at the end of a receipt in Markdown; None where there is none."""
    _, fence, rest = text.rpartition(f"\n{FENCE}json\n")
    return rest.partition(f"\n{FENCE}")[0] if fence else None


def _parse(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; raises `ValueError` when a field is given twice, for then a person and a program may see different ones."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a field is given twice")
    return dict(pairs)


def check_readable(path: Path, rows: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """What is wrong with the readable part of a receipt in Markdown: it must be what its own record gives."""
    text = _read(path)
    if _record(text) is None:
        return []
    try:
        expected = to_markdown(rows)
    except (KeyError, TypeError, ValueError, AttributeError):  # the record may hold anything
        return [Fault(str(path), "Its record is not that of a receipt.")]
    for found, wanted in zip_longest(text.strip().split("\n"), expected.strip().split("\n"), fillvalue=""):
        if found != wanted:
            return [Fault(str(path), f"It says {found!r} where its record gives {wanted!r}.")]
    return []


def read_cited(paths: Sequence[Path], rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Document], list[Refused]]:
    """The cited documents, read anew out of those files under `paths` that have the SHA-256 cited, whatever their names;
    under the name that is cited, and with text recognition where it was used. Also what could not be read.
    """
    cited: dict[str, str] = {}  # SHA-256: name
    scanned: set[str] = set()
    recognised: set[str] = set()  # SHA-256 of documents of which a quote comes from text recognition
    for row in rows:
        for item in [*row["citations"], *_asked(row)]:
            if isinstance(item, dict):
                cited.setdefault(str(item.get("sha256")), str(item.get("document")))
                if item.get("recognised") is True:
                    scanned.add(str(item.get("sha256")))
                recognised |= {str(item.get("sha256"))} if item.get("recognised") is True else set()
    documents: dict[str, Document] = {}
    files, refused = find_files(paths)
    for file in files:
        try:
            sha256 = file_hash(file)
            if sha256 in cited:
                documents[cited[sha256]] = read_document(file, sha256, cited[sha256], Reading(ocr=sha256 in recognised))
        except Unreadable as error:
            refused.append(Refused(str(file), str(error)))
    return documents, refused


def check(rows: list[dict[str, Any]], documents: Mapping[str, Document]) -> tuple[int, list[Fault]]:
    """How many quotes were checked, and those that do not hold; an answered row without citations does not hold either."""
    checked, faults = 0, []
    for number, row in enumerate(rows, 1):
        name = str(row.get("id") or row.get("question") or f"answer {number}")
        if not row["citations"] and (row.get("answered") or row.get("text", NOTHING) not in {NOTHING, ""}):
            faults.append(Fault(name, "It is an answer without a citation."))
        elif row.get("answered") and (added := _added(row)):
            faults.append(Fault(name, f"It shows words that none of its quotes holds: {added!r}."))
        faults += [Fault(name, reason) for reason in _altered(row, documents)]
        for citation in row["citations"]:
            checked += 1
            faults += [Fault(name, reason) for reason in _faults(citation, documents)]
    return checked, faults


def _altered(row: dict[str, Any], documents: Mapping[str, Document]) -> Iterator[str]:
    """What does not hold of a receipt as a whole, and of the texts of its documents; other answers say nothing of these."""
    if "receipt" in row:
        if row["receipt"] != FORMAT:
            yield f"It is a receipt of the format {row['receipt']!r}; this program reads the format {FORMAT}."
        elif row.get("sha256") != seal(row):
            yield f"It was altered: the SHA-256 of its contents is {seal(row)}, and it says {row.get('sha256')}."
    for item in _asked(row):
        document = documents.get(str(item.get("document"))) if isinstance(item, dict) else None
        if document and item.get("sha256") == document.sha256 and item.get("text_sha256") != document.text_sha256:
            yield (
                f"This program reads {document.name} otherwise than the one that answered: the SHA-256 of its text is"
                f" {document.text_sha256}, and {item.get('text_sha256')} in the receipt. Use the version named there."
            )


def _asked(row: Mapping[str, Any]) -> list[Any]:
    """The documents that a receipt says were asked; none where it says nothing of them."""
    asked = row.get("documents")
    return asked if isinstance(asked, list) else []


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
        yield f"There is no document {citation.get('document')!r} at hand with the SHA-256 {citation.get('sha256')}."
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
    if citation.get("title", document.title) != document.title:
        yield f"{name} is called {document.title!r}, not {citation['title']!r}."
    if citation.get("section_page", section and section.page_label) != (section and section.page_label):
        yield f"The section of {quote!r} does not begin on page {citation['section_page']} of {name}."
    if citation.get("section", path) != path:
        yield f"{quote!r} does not stand in the section {citation['section']} of {name}."
