"""Finds the reports in files and folders and reads each into a Document; one bad file never stops the rest."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.document import Document, Unreadable
from ingest.pdf import read_pdf
from ingest.sections import to_document
from ingest.text import read_text

READERS = {".txt": read_text, ".md": read_text, ".pdf": read_pdf}
NOT_REPORTS = frozenset({"readme.md", "readme.txt"})


@dataclass(frozen=True)
class Refused:
    """A file or folder that could not be read, and why in one sentence."""

    name: str
    reason: str


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Refused]]:
    """The report files among `paths` and under the folders among them, absolute, each once, in the order of their names.

    In a folder only .txt, .md and .pdf files count, without hidden ones and READMEs; links to folders are not followed.
    A file that is named itself is always returned. A path that does not exist is refused.
    """
    found: dict[Path, None] = {}
    refused: list[Refused] = []
    for path in paths:
        if path.is_dir():
            for file in sorted(_walk(path, refused)):
                found[file] = None
        elif os.path.lexists(path):
            found[path.absolute()] = None
        else:
            refused.append(Refused(str(path), "There is no such file or folder."))
    return list(found), refused


def _walk(folder: Path, refused: list[Refused]) -> Iterator[Path]:
    def report(error: OSError) -> None:
        refused.append(Refused(str(error.filename), f"The folder cannot be opened: {error.strerror}."))

    for base, folders, names in os.walk(folder.absolute(), onerror=report):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in names:
            if not name.startswith(".") and name.lower() not in NOT_REPORTS and Path(name).suffix.lower() in READERS:
                yield Path(base, name)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex; raises `Unreadable` when it cannot be read."""
    try:
        if not path.is_file():
            raise Unreadable("It is not a regular file.")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(f"The file cannot be opened: {error.strerror or error}.") from error


def read_document(path: Path, sha256: str) -> Document:
    """Read one report whose bytes had the hash `sha256`; raises `Unreadable`, saying why, when it cannot be one."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kinds = ", ".join(sorted(READERS))
        raise Unreadable(f"Files of the kind {path.suffix or 'without an ending'!r} are not read; give one of {kinds}.")
    try:
        extract = reader(path)
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror or error}.") from error
    if file_hash(path) != sha256:
        raise Unreadable("The file changed while it was read; run the command again.")
    return to_document(path.name, sha256, extract)
