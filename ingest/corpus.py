"""Finds the reports in files and folders and reads each into a Document; one bad file never stops the rest."""

import hashlib
import logging
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingest.document import Document, Unreadable, from_json
from ingest.passages import split_passages
from ingest.sandbox import DEFAULTS, Limits, run_limited
from ingest.sections import to_document
from ingest.sentences import split_units
from ingest.terminal import SHOWN, printable
from ingest.text import read_text

PDF = ".pdf"
KINDS = (".md", PDF, ".txt")
LINE_BREAK = re.compile(r"[\t\n]")
NOT_REPORTS = frozenset({"readme.md", "readme.txt"})


@dataclass(frozen=True)
class Reading:
    """How files are read: within which limits, and whether text is recognised on pages that hold none."""

    limits: Limits = DEFAULTS
    ocr: bool = False

    def read(self, path: Path, sha256: str) -> Document:
        """As `read_document` does."""
        return read_document(path, sha256, reading=self)

    def would_add_to(self, document: Document) -> bool:
        """Whether a document that was read before has pages on which text recognition was not yet tried."""
        return self.ocr and any(page.is_empty and not page.recognised for page in document.pages)


DEFAULT_READING = Reading()


@dataclass(frozen=True)
class Refused:
    """A file or folder that could not be read, and why in one sentence; `name` can be printed, whatever it is."""

    name: str
    reason: str


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Refused]]:
    """The report files among `paths` and under the folders among them, absolute, each once, in order of their names.

    In a folder only .txt, .md and .pdf files count, without hidden ones and READMEs; links to folders are not followed.
    A file that is named itself is always returned. A path that does not exist is refused, and a name that cannot be shown.
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
    odd = {file: reason for file in found if (reason := _unnameable(file))}
    refused += [Refused(_printable(file), reason) for file, reason in odd.items()]
    return [file for file in found if file not in odd], refused


def _unnameable(file: Path) -> str | None:
    """Why `file` cannot be called by its name; None if it can."""
    if os.fsencode(file).decode("utf-8", "replace") != str(file):
        return "Its name is not UTF-8; rename it."
    if _printable(file.name) != file.name:
        return "Its name holds characters that cannot be shown; rename it."
    return None


def _walk(folder: Path, refused: list[Refused]) -> Iterator[Path]:
    def report(error: OSError) -> None:
        refused.append(Refused(_printable(error.filename), f"The folder cannot be opened: {error.strerror}."))

    for base, folders, names in os.walk(os.path.abspath(folder), onerror=report):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in names:
            if not name.startswith(".") and name.lower() not in NOT_REPORTS and Path(name).suffix.lower() in KINDS:
                yield Path(base, name)


def _printable(path: str | Path) -> str:
    return LINE_BREAK.sub(SHOWN, printable(os.fsencode(path).decode("utf-8", "replace")))


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex; raises `Unreadable` when it cannot be read."""
    try:
        if not os.path.lexists(path):
            raise Unreadable("The file is gone.")
        if not path.is_file():
            raise Unreadable("It is not a regular file.")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(f"The file cannot be opened: {error.strerror or error}.") from error


def read_document(path: Path, sha256: str, name: str | None = None, reading: Reading = DEFAULT_READING) -> Document:
    """Read one report whose bytes had the hash `sha256`, in a child process, as if it were called `name` (default: its own).

    Raises `Unreadable`, saying why, when it cannot be one, when it is beyond the limits, or when its bytes have changed.
    """
    if path.suffix.lower() not in KINDS:
        kind = f"of the kind {path.suffix!r}" if path.suffix else "without an ending"
        raise Unreadable(f"Files {kind} are not read; give one of {', '.join(KINDS)}.")
    refusal: Unreadable | None = None
    try:
        given = {"name": name or path.name, "sha256": sha256, "ocr": reading.ocr}
        row = run_limited("ingest.corpus:document_json", path, reading.limits, **given)
    except Unreadable as reason:
        refusal = reason
    if file_hash(path) != sha256:
        raise Unreadable("The file changed while it was read; run the command again.")
    if refusal:
        raise refusal
    return from_json(row)


def document_json(path: Path, limits: Limits, name: str, sha256: str, ocr: bool) -> dict[str, Any]:
    """What the child process runs: the Document of `path` as a JSON object."""
    logging.disable(logging.CRITICAL)  # pypdf reports each oddity of a damaged file
    if path.suffix.lower() == PDF:
        from ingest.pdf import read_pdf  # whose libraries take longer to load than a text file to read
    try:
        extract = read_pdf(path, limits, ocr) if path.suffix.lower() == PDF else read_text(path, limits)
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror or error}.") from error
    document = to_document(name, sha256, extract)
    passages = split_passages(document)
    if not passages:
        raise Unreadable("The file holds headings only, no text.")
    for passage in passages:  # as is done again outside: a text on which that takes too long is stopped here
        split_units(document.text, passage.start, passage.end)
    return asdict(document)
