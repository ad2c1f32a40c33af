"""What lies on disk: one folder a build, written aside and swapped in whole; opening it checks every file.

.index/CURRENT        the name of the build in use, replaced by one atomic rename
.index/lock           held while a build is made (lock.py)
.index/build-<hash>/  index.sqlite (documents, passages, units, words), passages.faiss, units.faiss, manifest.json
"""

import hashlib
import json
import os
import shlex
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import faiss
import numpy as np

from index.database import Contents, Stored, connect, read_stored, write_database
from index.embed import Vectors
from index.lock import Locked, Waiting, exclusive
from index.plan import Held
from ingest.document import Document
from ingest.facts import Facts

FORMAT = 8  # raised whenever what is stored, or how texts are cut, changes
FILES = ("index.sqlite", "passages.faiss", "units.faiss")
POINTER_ASIDE = "CURRENT.new"


T = TypeVar("T")


class IndexProblem(Exception):
    """An index that cannot be used; the message says why and which command mends it."""


def _damaged(folder: Path, what: str) -> IndexProblem:
    return IndexProblem(f"The index in {folder} is damaged ({what}); {_rebuild(folder)}")


def _rebuild(folder: Path) -> str:
    return f"rebuild it: python -m ingest --rebuild --index {shlex.quote(str(folder))}"


@dataclass(frozen=True)
class Manifest:
    """What a build was made with, and the SHA-256 of each of its files."""

    format: int
    model: str
    model_fingerprint: str
    documents: dict[str, str]
    files: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """A hash over the whole build: two indexes with the same fingerprint answer alike."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def build_name(self) -> str:
        """How the name of a build's folder begins; a manifest that was altered gives another."""
        return f"build-{self.fingerprint[:16]}"


@contextmanager
def locked(folder: Path, waiting: Waiting | None = None) -> Iterator[None]:
    """Hold the only right to build in `folder`, which is made where it is missing.

    While another process has it, `waiting` is told who, and this waits; without `waiting`, and when the folder cannot be
    written, raises `IndexProblem`. What a killed process left is removed on the way in, and the build that was replaced
    on the way out.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexProblem(f"{folder} cannot be made: {error.strerror}. Name another folder with --index.") from error
    with ExitStack() as held:
        try:
            held.enter_context(exclusive(folder, waiting))
        except Locked as other:
            raise IndexProblem(f"{other}; wait for it to end, then run the command again.") from other
        except OSError as error:
            raise IndexProblem(
                f"{folder} cannot be written: {error.strerror}. Name another folder with --index."
            ) from error
        held.callback(_clean, folder)
        _clean(folder)
        yield


def write(folder: Path, contents: Contents, model: str, model_fingerprint: str) -> Manifest:
    """Write a build aside and swap it in; call it under `locked`. Raises `IndexProblem` when it cannot be written."""
    aside = folder / f"new-{uuid.uuid4().hex}"
    try:
        aside.mkdir()
        write_database(aside / "index.sqlite", contents)
        for name, vectors in (("passages.faiss", contents.passage_vectors), ("units.faiss", contents.unit_vectors)):
            flat = faiss.IndexFlatIP(vectors.shape[1])
            flat.add(vectors)
            (aside / name).write_bytes(faiss.serialize_index(flat).tobytes())
        manifest = Manifest(
            format=FORMAT,
            model=model,
            model_fingerprint=model_fingerprint,
            documents={s.document.name: s.document.sha256 for s in contents.stored},
            files={name: _hash(aside / name) for name in FILES},
        )
        (aside / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True), "utf-8")
        for path in (*aside.iterdir(), aside):
            _flush(path)
        build = folder / f"{manifest.build_name}-{aside.name[-8:]}"  # the same contents may be there already, damaged
        aside.rename(build)
        pointer = folder / POINTER_ASIDE
        pointer.write_text(build.name, "utf-8")
        for path in (pointer, folder):  # the build is on the disk before anything points to it
            _flush(path)
        pointer.replace(folder / "CURRENT")
        _flush(folder)  # and the pointer before the old build goes
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise IndexProblem(f"The index in {folder} could not be written: {reason}. The old one stays.") from error
    return manifest


def _clean(folder: Path) -> None:
    """Remove what never became a build and, where the build in use is there, every other one."""
    (folder / POINTER_ASIDE).unlink(missing_ok=True)
    try:
        current = current_build(folder)
    except IndexProblem:  # what cannot be told is left alone
        current = None
    outdated = ("new-", "build-") if current is not None and current.is_dir() else ("new-",)
    for other in folder.iterdir():
        if other.is_dir() and other != current and other.name.startswith(outdated):
            shutil.rmtree(other, ignore_errors=True)  # one that cannot go now goes next time


def _flush(path: Path) -> None:
    """Wait until a file or the list of a folder's files is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def current_build(folder: Path) -> Path | None:
    """The build in use in `folder`, None when there is none yet; raises `IndexProblem` when that cannot be read."""
    try:
        name = (folder / "CURRENT").read_text("utf-8", "replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _damaged(folder, f"CURRENT: {error.strerror}") from error
    return folder / Path(name).name


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the build in use; raises `IndexProblem` when there is none, or one of another format."""
    build = current_build(folder)
    if build is None:
        raise IndexProblem(f"There is no index in {folder}; make it with: python -m ingest --index {folder}")
    try:
        raw = json.loads((build / "manifest.json").read_text("utf-8"))
        if raw["format"] != FORMAT:
            raise IndexProblem(f"The index in {folder} is of another version of this program; {_rebuild(folder)}")
        manifest = Manifest(**raw)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(folder, "manifest.json cannot be read") from error
    if not build.name.startswith(manifest.build_name):
        raise _damaged(folder, "manifest.json was altered")
    return manifest


def open_build(folder: Path) -> tuple[Path, Manifest]:
    """The build in use, with every file checked against its SHA-256; raises `IndexProblem` when one differs."""
    manifest = read_manifest(folder)
    build = current_build(folder)
    assert build is not None  # read_manifest has found it
    for name, expected in manifest.files.items():
        try:
            found = _hash(build / name)
        except OSError as error:
            raise _damaged(folder, f"{name}: {error.strerror}") from error
        if found != expected:
            raise _damaged(folder, f"{name} was altered")
    return build, manifest


def copy_index(folder: Path, to: Path) -> None:
    """Copy the build in use in `folder`, if there is one, to the folder `to`, as an index; raises `IndexProblem`."""

    def copy(build: Path, _: Manifest) -> None:
        shutil.rmtree(to / build.name, ignore_errors=True)
        shutil.copytree(build, to / build.name)
        (to / "CURRENT").write_text(build.name, "utf-8")

    if current_build(folder) is not None:
        read_build(folder, copy)


def read_build(folder: Path, read: Callable[[Path, Manifest], T]) -> T:
    """`read(build, manifest)` of the build in use, checked first; of the newer one if it is swapped out meanwhile.

    Raises `IndexProblem` as `open_build` does.
    """
    while True:
        build = current_build(folder)
        try:
            return read(*open_build(folder))
        except (IndexProblem, OSError, RuntimeError, sqlite3.Error):
            if current_build(folder) == build:
                raise


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_documents(folder: Path) -> tuple[Document, ...]:
    """The documents of the index in `folder`, checked, without loading a model; raises `IndexProblem`."""
    return tuple(stored.document for stored in read_build(folder, _stored_in))


def _stored_in(build: Path, _: Manifest) -> tuple[Stored, ...]:
    with closing(connect(build)) as database:
        return read_stored(database)


def read_held(folder: Path) -> list[Held]:
    """The name, source and hash of each report in `folder`, checked, without its text; raises `IndexProblem`."""
    return read_build(folder, _held_in)


def _held_in(build: Path, _: Manifest) -> list[Held]:
    with closing(connect(build)) as database:
        return [Held(*row) for row in database.execute("SELECT name, source, sha256 FROM documents ORDER BY name")]


def read_facts(folder: Path) -> dict[str, tuple[Facts, Facts | None]]:
    """Of each report in `folder`, by name: what it is called there, and its own facts where those were corrected."""
    return read_build(folder, _facts_in)


def _facts_in(build: Path, _: Manifest) -> dict[str, tuple[Facts, Facts | None]]:
    with closing(connect(build)) as database:
        rows = database.execute("SELECT name, title, year, kind, own FROM documents").fetchall()
    return {name: (Facts(*facts), Facts(**json.loads(own)) if own else None) for name, *facts, own in rows}


def read_outdated(folder: Path) -> dict[str, Path]:
    """The file of each report, by name, in an index of another version of this program; else, or if damaged, none."""
    build = current_build(folder)
    try:
        if build is None or json.loads((build / "manifest.json").read_text("utf-8"))["format"] == FORMAT:
            return {}
        with closing(connect(build)) as database:
            return {name: Path(source) for name, source in database.execute("SELECT name, source FROM documents")}
    except (OSError, ValueError, KeyError, TypeError, RecursionError, sqlite3.Error):
        return {}


def read_vectors(build: Path, name: str) -> Vectors:
    """The vectors of `passages.faiss` or `units.faiss`, one a row."""
    flat = faiss.read_index(str(build / name))
    return np.asarray(flat.reconstruct_n(0, flat.ntotal), np.float32).reshape(flat.ntotal, flat.d)
