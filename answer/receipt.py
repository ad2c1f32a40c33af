"""An answer as a receipt: everything that another person needs to check it, as JSON and as Markdown; verify.py checks it.

The same question to the same index, by the same models and versions, gives the same receipt but for its date, and so the
same `sha256`, which covers all the rest.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from answer.cite import Citation
from answer.markdown import escape, quote
from answer.provenance import PROGRAM, versions

if TYPE_CHECKING:
    from answer.pipeline import Answer  # which brings FAISS with it; checking a receipt needs none

FORMAT = 1  # of a receipt; verify.py reads all up to this one
UNSEALED = ("date", "sha256")
FENCE = "```"
WORDS = {
    "title": "Receipt",
    "question": "Question",
    "history": "Asked before",
    "understood": "Understood as",
    "answered": "Answer, word for word",
    "refused": "Answer",
    "older": "an older report; the newest asked is on",
    "record": "Record",
    "check": "With the reports at hand, `python -m answer verify THIS_FILE --documents REPORTS` checks every word of it.",
}


def now() -> str:
    """The date of a receipt made now: UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def receipt(answer: "Answer", date: str) -> dict[str, Any]:
    """The receipt of `answer`, dated `date`: the contract's answer without what was merely near, and what proves it."""
    row = answer.to_dict()
    made = answer.provenance
    record = {
        "receipt": FORMAT,
        "history": list(answer.history),
        **{name: value for name, value in row.items() if name not in {"passages", "seconds"}},
        "documents": [
            {
                "document": d.name,
                "title": d.title,
                "sha256": d.sha256,
                "text_sha256": d.text_sha256,
                "recognised": any(page.recognised for page in d.pages),
            }
            for d in answer.documents
        ],
        "index": made.index,
        "models": {
            "embedding": {"name": made.model, "sha256": made.model_fingerprint},
            "reader": {"sha256": made.reader_fingerprint} if made.reader_fingerprint else None,
            "weights": {"sha256": made.weights_fingerprint},
        },
        "versions": versions(),
        "date": date,
    }
    return record | {"sha256": seal(record)}


def seal(record: Mapping[str, Any]) -> str:
    """SHA-256 over everything in a receipt but its date and the seal itself."""
    sealed = {name: value for name, value in record.items() if name not in UNSEALED}
    return hashlib.sha256(json.dumps(sealed, sort_keys=True).encode()).hexdigest()


def to_json(records: Sequence[Mapping[str, Any]]) -> str:
    """One receipt, or a conversation's as {"answers": [...]}. It is ASCII, so no character in it can hide or reorder."""
    return json.dumps(records[0] if len(records) == 1 else {"answers": list(records)}, indent=1) + "\n"


def to_markdown(records: Sequence[Mapping[str, Any]]) -> str:
    """Receipts for a person to read, oldest first; the records themselves follow, so that `verify` can read the file."""
    parts = [_readable(record) for record in records]
    return "\n\n".join([*parts, WORDS["check"], f"{FENCE}json\n{to_json(records)}{FENCE}"]) + "\n"


def _readable(record: Mapping[str, Any]) -> str:
    lines = [f"# {WORDS['title']} {record['sha256'][:12]}", f"**{WORDS['question']}:** {escape(record['question'])}"]
    if record["history"]:
        lines.append(
            f"**{WORDS['history']}:** {' / '.join(escape(' '.join(turn.split())) for turn in record['history'])}"
        )
    if record["understood_as"]:
        lines.append(f"**{WORDS['understood']}:** {escape(record['understood_as'])}")
    if record["answered"]:
        lines.append(f"**{WORDS['answered']}** (probability of being right {record['confidence']:.2f}):")
    else:
        lines.append(f"**{WORDS['refused']}:** {escape(record['text'])} {escape(record['refusal'])}")
    for row in record["citations"]:
        lines += [quote(row["quote"]), f"— {_where(row)}"]
    return "\n\n".join([*lines, f"### {WORDS['record']}", _proof(record)])


def _where(row: Mapping[str, Any]) -> str:
    """Report, section, page, file and characters of a citation given as the contract's JSON."""
    known = {field.name: row[field.name] for field in fields(Citation)}
    citation = Citation(**known | {"section": tuple(row["section"])})
    path = " › ".join(citation.section)
    place = ", ".join(escape(part) for part in (citation.title, path, citation.place) if part)
    older = f" — {WORDS['older']} {citation.newest}" if citation.older else ""
    return f"{place} ({escape(citation.document)}, characters {citation.start}–{citation.end}){older}"


def _proof(record: Mapping[str, Any]) -> str:
    models = record["models"]
    rows = [
        ("Date", record["date"]),
        *((f"{d['document']}: SHA-256 of the file", d["sha256"]) for d in record["documents"]),
        *((f"{d['document']}: SHA-256 of its text", d["text_sha256"]) for d in record["documents"]),
        ("Index", record["index"]),
        (f"Embedding model {models['embedding']['name']}", models["embedding"]["sha256"]),
        ("Reader", models["reader"]["sha256"] if models["reader"] else "none"),
        ("Weights of evidence", models["weights"]["sha256"]),
        ("Program", f"{PROGRAM} {record['versions'][PROGRAM]}"),
        ("Receipt, but for its date", record["sha256"]),
    ]
    return "\n".join(f"- {escape(what)}: {escape(value)}" for what, value in rows)


def save(path: Path, text: str, mode: int = 0o666) -> None:
    """Write `text` to `path` whole or not at all, also when the process is killed; raises `OSError`.

    `mode` is for the file's permissions, as for `os.open`.
    """
    aside = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with open(
            os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8", newline="\n"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
