"""Corrections: what a person says in a folder's reports.toml of the titles, years and kinds of the reports in it.

["report-final-v2.pdf"]
title = "ISECG Annual Report 2023"
year = 2023
kind = "annual report"
"""

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.corpus import Refused
from ingest.document import KINDS, Document
from ingest.facts import Facts

FILE = "reports.toml"


@dataclass(frozen=True)
class Correction:
    """What is to stand in place of what was found; None leaves it."""

    title: str | None = None
    year: int | None = None
    kind: str | None = None

    def apply(self, found: Facts) -> Facts:
        """`found`, corrected."""
        return Facts(self.title or found.title, self.year or found.year, self.kind or found.kind)


NONE = Correction()


@dataclass
class Corrections:
    """Those of several folders, by file; `unread` are files of which none could be read, so that they stay as they were.

    `refused` says what is wrong in the reports.toml files, a sentence each.
    """

    by_file: dict[Path, Correction] = field(default_factory=dict)
    unread: set[Path] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)

    def wanted(self, file: Path, found: Facts) -> Facts:
        """What the report in `file` is to be called, where `found` was found."""
        return self.by_file.get(file, NONE).apply(found)

    def correct(self, file: Path, document: Document, own: Facts | None) -> tuple[Document, Facts | None]:
        """`document` as it is to be shown, and its own facts where they differ; `own` are those that it has now."""
        found = own or facts_of(document)
        wanted = facts_of(document) if file in self.unread else self.wanted(file, found)
        shown = replace(document, title=wanted.title, year=wanted.year, kind=wanted.kind)
        return shown, found if wanted != found else None


def facts_of(document: Document) -> Facts:
    """What `document` says of itself, or was corrected to."""
    return Facts(document.title, document.year, document.kind)


def read_corrections(files: Iterable[Path]) -> Corrections:
    """The corrections of `files`, out of the reports.toml beside each; what is wrong is left out and told."""
    corrections = Corrections()
    by_folder: dict[Path, list[Path]] = {}
    for file in files:
        by_folder.setdefault(file.parent, []).append(file)
    for folder, members in sorted(by_folder.items()):
        path = folder / FILE
        try:
            entries = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            continue
        except OSError as error:
            reason = f"It cannot be read: {error.strerror}; its corrections stay as they were."
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            reason = f"It is not TOML ({error}); mend it: its corrections stay as they were."
        else:
            _take(path, entries, corrections)
            continue
        corrections.refused.append(Refused(str(path), reason))
        corrections.unread |= set(members)
    return corrections


def _take(path: Path, entries: dict[str, object], corrections: Corrections) -> None:
    for name, entry in entries.items():
        file = path.parent / name
        wrong = _wrong(file, name, entry)
        if wrong:
            corrections.refused.append(Refused(str(path), wrong))
            corrections.unread.add(file)
        elif isinstance(entry, dict):
            corrections.by_file[file] = Correction(**entry)


def _wrong(file: Path, name: str, entry: object) -> str | None:
    """What is wrong with the entry for `name`, in one sentence."""
    if os.path.basename(name) != name or not os.path.lexists(file):
        return f'There is no file {name!r} beside it; name one that is, in quotation marks: ["report.pdf"].'
    if not isinstance(entry, dict):
        return f'{name!r} is no table; write ["{name}"] on a line, and title, year or kind under it.'
    for key, value in entry.items():
        if key == "title":
            right, wanted = isinstance(value, str) and bool(value.strip()), "text"
        elif key == "year":
            right, wanted = type(value) is int and 1900 <= value < 2100, "a number from 1900 to 2099"
        elif key == "kind":
            right, wanted = value in KINDS, "one of " + ", ".join(map(repr, KINDS))
        else:
            return f"{name!r} has the key {key!r}; only title, year and kind can be corrected."
        if not right:
            return f"The {key} of {name!r} is {value!r}; give {wanted}."
    return None
