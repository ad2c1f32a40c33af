"""Brings an index up to date with files: embeds only texts that are new, drops what is gone, keeps what cannot be re-read.

plan.py decides what is to be done by names and hashes; here the files are read, the new texts embedded, the build written.
"""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Protocol

from index.cut import contents_of, cut, new_texts, texts_of
from index.database import Contents, Stored
from index.embed import Encoder, Progress
from index.old import Old, read_old, read_whole
from index.plan import Found, Plan, is_under, make_plan, refusal
from index.report import NOBODY, BuildReport, Renamed, Warned, Watch
from index.store import IndexProblem, locked, read_build, read_facts, read_held, read_manifest, write
from ingest.corpus import DEFAULT_READING
from ingest.corrections import read_corrections
from ingest.document import Document, Unreadable
from ingest.facts import Facts


class Reads(Protocol):
    """How files become Documents; ingest/corpus.py's Reading is what does it."""

    def read(self, path: Path, sha256: str) -> Document:
        """The report at `path`, whose bytes had the hash `sha256`; raises `Unreadable`."""

    def would_add_to(self, document: Document) -> bool:
        """Whether reading the same bytes again would give more than `document`."""


def update(
    folder: Path,
    paths: Sequence[Path],
    encoder: Encoder,
    rebuild: bool = False,
    watch: Watch = NOBODY,
    reading: Reads = DEFAULT_READING,
) -> BuildReport:
    """Make the index in `folder` hold the reports in `paths`, and keep those that came from elsewhere.

    A report that came from one of `paths` and is gone from there is dropped; one that is still there but cannot be
    read any more, or whose folder cannot, stays as it was. With `rebuild` nothing of the old index is used. Raises
    `IndexProblem` when the index cannot be written, is damaged, or was made with another model.
    """
    began = time.perf_counter()
    with locked(folder, watch.waiting):
        old = read_old(folder, encoder, rebuild)
        report, stored = _read(paths, old, watch.reading, reading)
        contents = _embed(stored, old, encoder, report, watch.embedding)
        if tuple(stored) != old.stored:
            write(folder, contents, encoder.name, encoder.fingerprint)
    report.seconds = time.perf_counter() - began
    return report


def preview(
    folder: Path,
    paths: Sequence[Path],
    encoder: Encoder,
    rebuild: bool = False,
    watch: Watch = NOBODY,
    reading: Reads = DEFAULT_READING,
) -> BuildReport:
    """What `update` would report: files are read, nothing is embedded or written, and no lock is needed."""
    began = time.perf_counter()
    if folder.exists() and not folder.is_dir():
        raise IndexProblem(f"{folder} is no folder. Name another folder with --index.")
    old = read_old(folder, encoder, rebuild)
    report, stored = _read(paths, old, watch.reading, reading)
    passages, units = cut(stored)
    report.passages, report.embedded = len(passages), len(new_texts(texts_of(stored, passages, units), old.vectors))
    report.seconds = time.perf_counter() - began
    return report


def remove(folder: Path, names: Sequence[str], dry_run: bool = False, watch: Watch = NOBODY) -> BuildReport:
    """Take the reports called `names` (or read from these paths) out of the index in `folder`; their files stay.

    All are removed or, where one is not in the index or none would be left, none: then raises `IndexProblem`.
    """
    began = time.perf_counter()
    read_manifest(folder)  # before the lock, so that no folder is made for an index that is not there
    with nullcontext() if dry_run else locked(folder, watch.waiting):
        old = read_build(folder, read_whole)
        going = _named(folder, names, old.stored)
        stored = [s for s in old.stored if s not in going]
        left = {s.document.name for s in stored}
        cuts = [(p, u) for p, u in zip(old.passages, old.units, strict=True) if p.document in left]
        if not dry_run:
            contents = contents_of(stored, [p for p, _ in cuts], [u for _, u in cuts], old.vectors)
            manifest = read_manifest(folder)
            write(folder, contents, manifest.model, manifest.model_fingerprint)
    return BuildReport(
        removed=[s.document.name for s in going],
        unchanged=[s.document.name for s in stored],
        left=[s.source for s in going if os.path.exists(s.source)],
        documents=len(stored),
        passages=len(cuts),
        seconds=time.perf_counter() - began,
    )


def _named(folder: Path, names: Sequence[str], stored: Sequence[Stored]) -> list[Stored]:
    """The reports called `names`; raises `IndexProblem` for a name that none has, and when no other report is left."""
    wanted = {name: os.path.abspath(name) for name in names}
    for name, source in wanted.items():
        if not any(s.document.name == name or s.source == source for s in stored):
            held = ", ".join(s.document.name for s in stored)
            raise IndexProblem(f"There is no report {name!r} in {folder}, so none was removed; it holds: {held}")
    going = [s for s in stored if s.document.name in wanted or s.source in wanted.values()]
    if len(going) == len(stored):
        raise IndexProblem(
            f"{folder} holds no other report, and an index cannot be empty, so none was removed; delete the folder instead."
        )
    return going


def is_stale(folder: Path, paths: Sequence[Path]) -> bool:
    """Whether an `update` would find something to do (or the index cannot be used): compares hashes, loads no model."""
    try:
        held = read_held(folder)
    except IndexProblem:
        return True
    plan = make_plan(paths, held)
    return plan.changes(held) or _to_correct(plan, read_facts(folder))


def _to_correct(plan: Plan, facts: Mapping[str, tuple[Facts, Facts | None]]) -> bool:
    """Whether a reports.toml says another thing than the index, or something that must be refused."""
    corrections = read_corrections(found.file for found in plan.found)
    return bool(corrections.refused) or any(
        corrections.wanted(found.file, own or shown) != shown
        for found in plan.found
        for shown, own in [facts[found.file.name]]
    )


def _read(
    paths: Sequence[Path], old: Old, progress: Progress | None, reading: Reads
) -> tuple[BuildReport, list[Stored]]:
    """What the index is to hold, by name, and the report on how that differs from `old`; raises `IndexProblem` for none."""
    outside = [file for file in old.outdated.values() if file.exists() and not is_under(str(file), paths)]
    plan = make_plan([*paths, *outside], old.held)
    corrections = read_corrections(found.file for found in plan.found)
    report = BuildReport(duplicates=plan.duplicates, refused=plan.refused + corrections.refused)
    by_name = {stored.document.name: stored for stored in old.stored}
    kept = {name: by_name[name] for name in plan.kept}
    failed: dict[str, str] = {}
    sizes = [0 if found.same else _size(found.file) for found in plan.found]
    for number, found in enumerate(plan.found):
        name, before = found.file.name, by_name[found.before.name] if found.before else None
        try:
            if before and found.same and not reading.would_add_to(before.document):
                document = before.document
            else:
                document = reading.read(found.file, found.sha256)
        except Unreadable as error:
            report.refused.append(refusal(found.file, error, before is not None))
            failed[name] = str(error)
            if before:
                kept[before.document.name] = before
            continue
        finally:
            if progress:
                progress(sum(sizes[: number + 1]), sum(sizes))
        own = before.own if before and document is before.document else None
        document, own = corrections.correct(found.file, document, own)
        kept[name] = Stored(document, str(found.file), own)
        _sort(found, document, before, report)
    _refuse_copies(report, failed, kept, by_name)
    report.removed = sorted(
        (by_name.keys() | old.outdated.keys()) - kept.keys() - {renamed.old for renamed in report.renamed}
    )
    report.documents = len(kept)
    if not kept:
        raise IndexProblem(_nothing(paths, report))
    return report, [kept[name] for name in sorted(kept)]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # gone since it was hashed: reading it will say so


def _sort(found: Found, document: Document, before: Stored | None, report: BuildReport) -> None:
    name = found.file.name
    if before is None:
        report.added.append(name)
    elif found.renamed:
        report.renamed.append(Renamed(before.document.name, name))
    elif before.document == document:
        report.unchanged.append(name)
    elif found.same and before.document.text == document.text:
        report.corrected.append(name)
    elif found.same:
        report.recognised.append(name)
    else:
        report.changed.append(name)
    if name not in report.unchanged + report.corrected:
        report.warnings += [Warned(name, text) for text in document.warnings]


def _refuse_copies(
    report: BuildReport, failed: Mapping[str, str], kept: dict[str, Stored], by_name: Mapping[str, Stored]
) -> None:
    """What could not be read cannot be read from its copies either: they are no duplicates of anything in the index."""
    for copy in [copy for copy in report.duplicates if copy.of in failed]:
        report.duplicates.remove(copy)
        before = by_name.get(Path(copy.name).name)
        report.refused.append(refusal(Path(copy.name), Unreadable(failed[copy.of]), before is not None))
        if before:
            kept.setdefault(before.document.name, before)


def _nothing(paths: Sequence[Path], report: BuildReport) -> str:
    named = ", ".join(str(p) for p in paths)
    reasons = "".join(f" {r.name}: {r.reason}" for r in report.refused)
    return f"No report could be read from {named}, so no index was written.{reasons} Give .txt, .md or .pdf files."


def _embed(
    stored: Sequence[Stored], old: Old, encoder: Encoder, report: BuildReport, progress: Progress | None
) -> Contents:
    passages, units = cut(stored)
    new = new_texts(texts_of(stored, passages, units), old.vectors)
    vectors = old.vectors
    if new:
        vectors = vectors | dict(zip(new, encoder.encode(new, progress), strict=True))
    report.passages, report.embedded = len(passages), len(new)
    return contents_of(stored, passages, units, vectors)
