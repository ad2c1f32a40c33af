"""Compares the files given with what an index holds: what is new, changed, renamed, there twice, gone; reads only bytes.

build.py carries a plan out. A report is known by its name, and its version by the SHA-256 of its file.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.corpus import Refused, file_hash, find_files
from ingest.document import Unreadable


@dataclass(frozen=True)
class Held:
    """A report in the index: its name, the absolute path that it was read from, and the SHA-256 of its bytes."""

    name: str
    source: str
    sha256: str


@dataclass(frozen=True)
class Found:
    """A file that is to be a report in the index; `before` is what it takes the place of there, None for a new report."""

    file: Path
    sha256: str
    before: Held | None

    @property
    def same(self) -> bool:
        """Whether the index holds these bytes under this name."""
        return self.before is not None and (self.before.name, self.before.sha256) == (self.file.name, self.sha256)

    @property
    def renamed(self) -> bool:
        """Whether the index holds these bytes under a name that is gone."""
        return self.before is not None and self.before.name != self.file.name


@dataclass(frozen=True)
class Duplicate:
    """A file with the same bytes as the report `of`, which is in the index once; `name` is the file's path."""

    name: str
    of: str


@dataclass
class Plan:
    """What an update is to do. `kept` are the names of reports that stay though no file was found for them."""

    found: list[Found] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    duplicates: list[Duplicate] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def changes(self, held: Sequence[Held]) -> bool:
        """Whether an index with `held` would not be the same afterwards, or somebody is to be told of a refusal."""
        stay = self.kept | {found.file.name for found in self.found}
        moved = any(not f.same or f.before is None or f.before.source != str(f.file) for f in self.found)
        return bool(self.refused) or moved or any(h.name not in stay for h in held)


def make_plan(paths: Sequence[Path], held: Sequence[Held]) -> Plan:
    """Plan to make an index that holds `held` hold the reports in `paths`, and keep those that came from elsewhere.

    A report that came from one of `paths` and is gone from there is dropped; one whose file or folder cannot be opened stays.
    """
    files, refused = find_files(paths)
    unopened = [Path(r.name) for r in refused]
    plan = Plan(refused=refused)
    plan.kept = {h.name for h in held if not is_under(h.source, paths) or is_under(h.source, unopened)}
    hashes: dict[Path, str] = {}
    by_name = {h.name: h for h in held}
    for file in files:
        try:
            hashes[file] = file_hash(file)
        except Unreadable as error:
            before = by_name.get(file.name)
            plan.refused.append(refusal(file, error, before is not None))
            plan.kept |= {before.name} if before else set()
    _Planner(plan, paths, held).place(hashes)
    return plan


def refusal(file: Path, error: Unreadable, before: bool) -> Refused:
    """The refusal of `file`; `before`: whether a version of it was read earlier."""
    return Refused(str(file), f"{error} The version read earlier stays in the index." if before else str(error))


def is_under(source: str, paths: Iterable[Path]) -> bool:
    """Whether the absolute path `source` is one of `paths` or in a folder among them."""
    return any(Path(source).is_relative_to(Path(os.path.abspath(path))) for path in paths)


class _Planner:
    """Finds a place in the plan for each file, and remembers which names and which bytes are taken."""

    def __init__(self, plan: Plan, paths: Sequence[Path], held: Sequence[Held]) -> None:
        self._plan = plan
        self._by_name = {h.name: h for h in held}
        closed = {h.name for h in held if h.name in plan.kept and is_under(h.source, paths)}
        self._gone = [h for h in held if h.name not in closed and not os.path.exists(h.source)]
        self._owner = {h.name: h for h in held if h.name in plan.kept and h not in self._gone}
        self._names = {_key(h.name, h.sha256): h.name for h in self._owner.values()}

    def place(self, hashes: dict[Path, str]) -> None:
        """Those first that are in the index as they are, so that of two alike the one that was there stays."""
        first = {file.name: file for file in reversed(hashes)}
        renamed = {_key(h.name, h.sha256): h for h in self._gone if h.name not in first}

        def order(item: tuple[Path, str]) -> tuple[bool, bool]:
            file, sha256 = item
            before = self._by_name.get(file.name)
            return first[file.name] != file, before is None or before.sha256 != sha256

        for file, sha256 in sorted(hashes.items(), key=order):
            before = self._by_name.get(file.name) or renamed.get(_key(file.name, sha256))
            self._place(Found(file, sha256, before))
        self._plan.found.sort(key=lambda found: found.file.name)

    def _place(self, found: Found) -> None:
        name, key = found.file.name, _key(found.file.name, found.sha256)
        owner = self._owner.get(name)
        if key in self._names:
            self._plan.duplicates.append(Duplicate(str(found.file), self._names[key]))
        elif owner:
            reason = f"Another report has the same name ({owner.source}); rename one of them."
            self._plan.refused.append(Refused(str(found.file), reason))
        else:
            self._plan.found.append(found)
            self._plan.kept.discard(found.before.name if found.before else name)
            self._owner[name] = Held(name, str(found.file), found.sha256)
            self._names[key] = name


def _key(name: str, sha256: str) -> tuple[str, str]:
    """What two copies share: the same bytes are read in another way where the name ends in another way."""
    return sha256, Path(name).suffix.lower()
