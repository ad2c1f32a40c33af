"""The database of a build (index.sqlite): documents, passages, their units and the words in them, as rows and back.

store.py decides where builds lie and whether they are whole.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.embed import Vectors
from index.lexical import fill
from ingest.document import Document, Page, Section
from ingest.facts import Facts
from ingest.passages import Passage
from ingest.sentences import Unit

SCHEMA = """
CREATE TABLE documents(name TEXT PRIMARY KEY, source TEXT, sha256 TEXT, title TEXT, year INTEGER, text TEXT,
                       pages TEXT, sections TEXT, kind TEXT, own TEXT);
CREATE TABLE passages(id INTEGER PRIMARY KEY, document TEXT, section TEXT, start INTEGER, stop INTEGER);
CREATE TABLE units(id INTEGER PRIMARY KEY, passage INTEGER, start INTEGER, stop INTEGER, kind TEXT, level INTEGER);
"""


@dataclass(frozen=True)
class Stored:
    """A Document with the absolute path of the file that it was read from; `own` is what it says of itself, where that
    was corrected.
    """

    document: Document
    source: str
    own: Facts | None = None


@dataclass(frozen=True)
class Contents:
    """Everything that a build holds. `passage_units[i]` are the units of `passages[i]`; the vectors are in the same order,
    those of the units one after the other.
    """

    stored: tuple[Stored, ...]
    passages: tuple[Passage, ...]
    passage_units: tuple[tuple[Unit, ...], ...]
    passage_vectors: Vectors
    unit_vectors: Vectors


def write_database(path: Path, contents: Contents) -> None:
    """Write everything but the vectors to a new database at `path`."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {SCHEMA}")
        database.executemany(
            "INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?,?)", (_document_row(stored) for stored in contents.stored)
        )
        database.executemany(
            "INSERT INTO passages VALUES (?,?,?,?,?)",
            ((i, p.document, json.dumps(p.section), p.start, p.end) for i, p in enumerate(contents.passages)),
        )
        database.executemany(
            "INSERT INTO units(passage, start, stop, kind, level) VALUES (?,?,?,?,?)",
            ((i, u.start, u.end, u.kind, u.level) for i, units in enumerate(contents.passage_units) for u in units),
        )
        fill(database, ((i, p.searched) for i, p in enumerate(contents.passages)))
        database.commit()


def _document_row(stored: Stored) -> tuple[Any, ...]:
    d = stored.document
    pages = json.dumps([asdict(page) for page in d.pages])
    sections = json.dumps([asdict(section) for section in d.sections])
    own = json.dumps(asdict(stored.own)) if stored.own else None
    return d.name, stored.source, d.sha256, d.title, d.year, d.text, pages, sections, d.kind, own


def connect(build: Path) -> sqlite3.Connection:
    """The database of a build, read-only."""
    uri = f"{(build / 'index.sqlite').absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def read_stored(database: sqlite3.Connection) -> tuple[Stored, ...]:
    """All documents, by name."""
    rows = database.execute("SELECT * FROM documents ORDER BY name").fetchall()
    return tuple(
        Stored(
            Document(
                name=name,
                sha256=sha256,
                title=title,
                year=year,
                text=text,
                pages=tuple(Page(**page) for page in json.loads(pages)),
                sections=tuple(Section(**{**s, "path": tuple(s["path"])}) for s in json.loads(sections)),
                kind=kind,
            ),
            source,
            Facts(**json.loads(own)) if own else None,
        )
        for name, source, sha256, title, year, text, pages, sections, kind, own in rows
    )


def read_passages(
    database: sqlite3.Connection, stored: Sequence[Stored]
) -> tuple[tuple[Passage, ...], tuple[tuple[Unit, ...], ...]]:
    """All passages and, for each, its units, in the order of the vectors."""
    documents = {s.document.name: s.document for s in stored}
    passages = tuple(
        Passage(name, tuple(json.loads(section)), start, stop, documents[name].text[start:stop], documents[name].title)
        for name, section, start, stop in database.execute(
            "SELECT document, section, start, stop FROM passages ORDER BY id"
        )
    )
    units: list[list[Unit]] = [[] for _ in passages]
    for passage, start, stop, kind, level in database.execute(
        "SELECT passage, start, stop, kind, level FROM units ORDER BY id"
    ):
        units[passage].append(Unit(start, stop, kind, level))
    return passages, tuple(tuple(u) for u in units)
