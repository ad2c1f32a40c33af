"""A report that is added in the page: checked, put into the corpus folder, read into the index by a process of its own.

The chat goes on answering from the old index meanwhile. A file that cannot be read is taken out of the folder again.
upload_view.py shows how it goes, inbox.py is where a file lies until that is decided.
"""

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chat import words
from chat.inbox import ASIDE, Inbox, left_behind, under_way
from index.lock import Locked, exclusive
from index.store import read_documents
from ingest.corpus import KINDS, NOT_REPORTS
from ingest.document import Document

MAX_BYTES = 100_000_000
MAX_NAME = 150  # bytes of a file name, well below what file systems hold
HEAD = 1024  # bytes at the beginning of a file, within which a PDF says that it is one
NICENESS = 5  # of the process that reads a report: the chat's answers come first
ROOT = Path(__file__).resolve().parent.parent
LOG = logging.getLogger(__name__)


class NotAdded(ValueError):
    """A report that is not added; the message says why in a sentence, for the person who gave it."""


@dataclass(frozen=True)
class Step:
    """How far the adding of a report is: `what` is "reading", "embedding" or "waiting"; `total` is 0 while unknown."""

    what: str = "reading"
    done: int = 0
    total: int = 0


@dataclass
class Adding:
    """A report being added under `name`: the `step` it is at, then either `added` or the `problem` that kept it out."""

    name: str
    step: Step = field(default_factory=Step)
    added: bool = False
    warnings: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def ended(self) -> bool:
        """Whether it is decided."""
        return self.added or self.problem is not None


class Uploads:
    """Adds reports to one corpus folder and one index, one at a time."""

    def __init__(self, corpus: Path, index: Path, model: str) -> None:
        """Add to `corpus` and `index`, which was made with `model`; what a killed server had under way is taken out.

        Raises `OSError` when `corpus` cannot be written.
        """
        self._corpus, self._index = corpus.absolute(), index.absolute()
        self._model = str(Path(model).absolute()) if Path(model).exists() else model
        self._busy = threading.Lock()
        self._take_out_what_is_left()
        self.inbox = Inbox(self._corpus)

    def _take_out_what_is_left(self) -> None:
        """Leave in the corpus only what is in the index, of what servers that do not run any more had under way.

        An ingest that one of them began may still run; then it decides, and the next start clears up.
        """
        left = left_behind(self._corpus)
        if not left:
            return
        with suppress(Locked), exclusive(self._index):
            held = {document.name: document.sha256 for document in read_documents(self._index)}
            for folder in left:
                for file in under_way(self._corpus, folder):
                    if held.get(file.name) != _hash(file):
                        LOG.warning(words.UPLOAD_TAKEN_OUT.format(name=file.name))
                        file.unlink()
                shutil.rmtree(folder)

    def start(self, file: Path, documents: Collection[Document]) -> Adding:
        """Begin to add `file`, which is removed, to the `documents` at hand; raises `NotAdded`.

        It goes on whatever becomes of the page that began it; `Adding.step` says how far it is.
        """
        try:
            name = clean_name(file.name)
            if not file.is_file():
                raise NotAdded(words.UPLOAD_GONE)
            if not self._busy.acquire(blocking=False):
                raise NotAdded(words.UPLOAD_BUSY)
            try:
                target, aside = self._put(file, name, documents)
            except BaseException:
                self._busy.release()
                raise
        finally:
            file.unlink(missing_ok=True)
        adding = Adding(name)
        threading.Thread(target=self._add, args=(adding, target, aside), daemon=True).start()
        return adding

    def _put(self, file: Path, name: str, documents: Collection[Document]) -> tuple[Path, Path | None]:
        """Where the report lies in the corpus folder, and its second name if it was put there now; raises `NotAdded`."""
        check_content(file, name)
        sha256 = _hash(file)
        for document in documents:
            if document.sha256 == sha256 and Path(document.name).suffix.lower() == Path(name).suffix.lower():
                raise NotAdded(words.UPLOAD_KNOWN.format(name=document.name))
        try:
            for there in self._corpus.rglob("*"):
                if _alike(there.name, name) and not there.relative_to(self._corpus).parts[0].startswith(ASIDE):
                    if there.is_file() and _hash(there) == sha256:
                        return there, None  # put there by hand, and not read yet
                    raise NotAdded(words.UPLOAD_TAKEN.format(name=name))
            if any(_alike(document.name, name) for document in documents):
                raise NotAdded(words.UPLOAD_TAKEN.format(name=name))
            return self._move_in(file, name)
        except OSError as error:
            LOG.warning("%s: %s", self._corpus, error)
            raise NotAdded(words.UPLOAD_NO_ROOM.format(reason=error.strerror or error)) from error

    def _move_in(self, file: Path, name: str) -> tuple[Path, Path]:
        """Copy `file` aside, and then give it its name in one step that never replaces another file; both names."""
        aside, target = self.inbox.place(), self._corpus / name
        try:
            with file.open("rb") as source, aside.open("xb") as copy:
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(copy.fileno())
            os.link(aside, target)
        except OSError as error:
            aside.unlink(missing_ok=True)
            if isinstance(error, FileExistsError):  # since it was looked for
                raise NotAdded(words.UPLOAD_TAKEN.format(name=name)) from error
            raise
        return target, aside

    def _add(self, adding: Adding, target: Path, aside: Path | None) -> None:
        try:
            report, complaint = self._ingest(adding, target)
            refused = [row["reason"] for row in report.get("refused", [])] + [complaint] * (not report)
            if refused or report.get("duplicates"):
                if aside:
                    target.unlink(missing_ok=True)
                reason = " ".join(refused) or words.UPLOAD_FAILED
                adding.problem = reason.replace(f"{self._corpus}{os.sep}", "")
            else:
                adding.warnings = tuple(row["text"] for row in report.get("warnings", []))
                adding.added = True
        except Exception as error:  # the page must hear of it, whatever it was, and the folder be as before
            LOG.exception("%s could not be added", target.name)
            if aside:
                target.unlink(missing_ok=True)
            adding.problem = f"{words.UPLOAD_FAILED} ({error})"
        finally:
            if aside:
                aside.unlink(missing_ok=True)  # it is decided
            self._busy.release()

    def _ingest(self, adding: Adding, target: Path) -> tuple[dict[str, Any], str]:
        """`python -m ingest` of `target`: its report ({} when it gave none) and what else it said."""
        command = [sys.executable, "-m", "ingest", "--json", "--progress", "--model", self._model]
        command += ["--index", str(self._index), str(target)]
        said: list[str] = []
        with tempfile.TemporaryFile() as output:
            child = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, text=True
            )
            with child:
                os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
                assert child.stderr is not None
                for line in child.stderr:
                    step = _step(line)
                    if step:
                        adding.step = step
                    else:
                        said.append(line.strip())
            output.seek(0)
            report = output.read()
        return (json.loads(report) if report else {}), (said[-1] if said else words.UPLOAD_FAILED)


def _step(line: str) -> Step | None:
    """What a line of `python -m ingest --progress` says; None for any other."""
    try:
        ((what, value),) = json.loads(line).items()
        return Step(what) if what == "waiting" else Step(what, *map(int, value))
    except (ValueError, AttributeError, TypeError):
        return None


def clean_name(given: str) -> str:
    """The file name in `given`, which comes from the browser: the last part of what may be a path, made visible and tame.

    Raises `NotAdded` when it is not the name of a report.
    """
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    name = " ".join("".join(c if c.isprintable() else " " for c in last).split()).lstrip(". ")
    kind = Path(name).suffix.lower()
    if kind not in KINDS:
        raise NotAdded(words.UPLOAD_KIND.format(kinds=", ".join(KINDS)))
    if name.lower() in NOT_REPORTS:
        raise NotAdded(words.UPLOAD_README)
    if len(name.encode()) > MAX_NAME:
        raise NotAdded(words.UPLOAD_LONG_NAME)
    return name


def check_content(file: Path, name: str) -> None:
    """Raise `NotAdded` unless what is in `file` can be what `name` says; whether it can be read, ingest will say."""
    size = file.stat().st_size
    if size == 0:
        raise NotAdded(words.UPLOAD_EMPTY)
    if size > MAX_BYTES:
        raise NotAdded(words.UPLOAD_SIZE.format(most=MAX_BYTES // 1_000_000))
    with file.open("rb") as opened:
        head = opened.read(HEAD)
    is_pdf = b"%PDF-" in head
    if name.lower().endswith(".pdf") != is_pdf or (not is_pdf and b"\0" in head):
        raise NotAdded(words.UPLOAD_CONTENT.format(kind=Path(name).suffix.lower()))


def _alike(one: str, other: str) -> bool:
    """Whether a file system that folds names would take one for the other."""
    return unicodedata.normalize("NFC", one).casefold() == unicodedata.normalize("NFC", other).casefold()


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
