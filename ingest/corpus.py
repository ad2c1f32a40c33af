"""Finds the reports in files and folders and reads each into a Document; one bad file never stops the rest."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.document import Document, Unreadable
from ingest.passages import split_passages
from ingest.pdf import read_pdf
from ingest.sections import to_document
from ingest.text import read_text

READERS = {".txt": read_text, ".md": read_text, ".pdf": read_pdf}
NOT_REPORTS = frozenset({"readme.md", "readme.txt"})


@dataclass(frozen=True)
class Refused:
    """A file or folder that could not be read, and why in one sentence; `name` can be printed, whatever it is."""

    name: str
    reason: str


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Refused]]:
    """The report files among `paths` and under the folders among them, absolute, each once, in order of their names.

    In a folder only .txt, .md and .pdf files count, without hidden ones and READMEs; links to folders are not followed.
    A file that is named itself is always returned. A path that does not exist is refused, and a name that is not UTF-8.
    """
    found: dict[Path, None] = {}
    refused: list[Refused] = []
    for path in paths:
        if os.path.isdir(path):  # False, where Path.is_dir raises, for a name that is too long
            for file in sorted(_walk(path, refused)):
                found[file] = None
        elif os.path.lexists(path):
            found[Path(os.path.abspath(path))] = None
        else:
            refused.append(Refused(_printable(path), "There is no such file or folder."))
    odd = [file for file in found if _printable(file) != str(file)]
    refused += [Refused(_printable(file), "Its name is not UTF-8; rename it.") for file in odd]
    return [file for file in found if file not in odd], refused


def _walk(folder: Path, refused: list[Refused]) -> Iterator[Path]:
    def report(error: OSError) -> None:
        refused.append(Refused(_printable(error.filename), f"The folder cannot be opened: {error.strerror}."))

    for base, folders, names in os.walk(os.path.abspath(folder), onerror=report):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in names:
            if not name.startswith(".") and name.lower() not in NOT_REPORTS and Path(name).suffix.lower() in READERS:
                yield Path(base, name)


def _printable(path: str | Path) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex; raises `Unreadable` when it cannot be read."""
    try:
        if not path.is_file():
            raise Unreadable("It is not a regular file.")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(f"The file cannot be opened: {error.strerror or error}.") from error


def read_document(path: Path, sha256: str, name: str | None = None) -> Document:
    """Read one report whose bytes had the hash `sha256`, as if it were called `name` (default: its own name).

    Raises `Unreadable`, saying why, when it cannot be one.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kinds = ", ".join(sorted(READERS))
        kind = f"of the kind {path.suffix!r}" if path.suffix else "without an ending"
        raise Unreadable(f"Files {kind} are not read; give one of {kinds}.")
    try:
        extract = reader(path)
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror or error}.") from error
    if file_hash(path) != sha256:
        raise Unreadable("The file changed while it was read; run the command again.")
    document = to_document(name or path.name, sha256, extract)
    if not split_passages(document):
        raise Unreadable("The file holds headings only, no text.")
    return document
