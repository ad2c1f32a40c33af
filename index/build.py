"""Brings an index up to date with files: embeds only texts that are new, drops what is gone, keeps what cannot be re-read."""

import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from index.embed import Encoder, Progress, Vectors
from index.store import (
    Contents,
    IndexProblem,
    Manifest,
    Stored,
    connect,
    locked,
    open_build,
    read_build,
    read_manifest,
    read_passages,
    read_stored,
    read_vectors,
    write,
)
from ingest.corpus import Refused, file_hash, find_files, read_document
from ingest.document import Document, Unreadable
from ingest.passages import Passage, split_passages
from ingest.sentences import Unit, split_units

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Warned:
    """What a person should know of a document that was read: its name, and a sentence ("pages 4–9 hold no text …")."""

    name: str
    text: str


@dataclass
class BuildReport:
    """What an update did, by document name; `embedded` counts texts that the model had to read; `seconds` in all.

    `warnings` are of the documents that were read in it.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    documents: int = 0
    passages: int = 0
    embedded: int = 0
    seconds: float = 0.0


def update(
    folder: Path, paths: Sequence[Path], encoder: Encoder, rebuild: bool = False, progress: Progress | None = None
) -> BuildReport:
    """Make the index in `folder` hold the reports in `paths`, and keep those that came from elsewhere.

    A report that came from one of `paths` and is gone from there is dropped; one that is still there but cannot be
    read any more, or whose folder cannot, stays as it was. With `rebuild` nothing of the old index is used. Raises
    `IndexProblem` when the index cannot be written, is damaged, or was made with another model.
    """
    began = time.perf_counter()
    with locked(folder):
        old, vectors = ((), {}) if rebuild else _old(folder, encoder)
        report = BuildReport()
        stored = _read(paths, old, report)
        contents = _embed(stored, encoder, vectors, report, progress)
        if tuple(stored) != old or not stored:
            if not stored:
                raise IndexProblem(_nothing(paths, report))
            write(folder, contents, encoder.name, encoder.fingerprint)
    report.documents, report.passages = len(stored), len(contents.passages)
    report.seconds = time.perf_counter() - began
    return report


def _nothing(paths: Sequence[Path], report: BuildReport) -> str:
    named = ", ".join(str(p) for p in paths)
    reasons = "".join(f" {r.name}: {r.reason}" for r in report.refused)
    return f"No report could be read from {named}, so no index was written.{reasons} Give .txt, .md or .pdf files."


def is_stale(folder: Path, paths: Sequence[Path]) -> bool:
    """Whether an `update` would find something to do (or the index cannot be used): compares hashes, loads no model."""
    try:
        sources = read_build(folder, _sources)
    except IndexProblem:
        return True
    files, refused = find_files(paths)
    if refused:
        return True
    for file in files:
        try:
            if sources.pop(str(file), None) != file_hash(file):
                return True
        except Unreadable:
            continue
    return any(_under(source, paths) for source in sources)


def _sources(build: Path, _: Manifest) -> dict[str, str]:
    database = connect(build)
    try:
        return dict(database.execute("SELECT source, sha256 FROM documents"))
    finally:
        database.close()


def _old(folder: Path, encoder: Encoder) -> tuple[tuple[Stored, ...], dict[str, Vectors]]:
    """What the index holds now: its documents, and the vector of every text that was embedded for it."""
    if not (folder / "CURRENT").exists():
        return (), {}
    build, _ = open_build(folder)
    check_model(folder, encoder)
    database = connect(build)
    try:
        stored = read_stored(database)
        passages, units = read_passages(database, stored)
    finally:
        database.close()
    texts = _texts(stored, passages, units)
    vectors = np.concatenate([read_vectors(build, "passages.faiss"), read_vectors(build, "units.faiss")])
    return stored, dict(zip(texts, vectors, strict=True))


def check_model(folder: Path, encoder: Encoder) -> None:
    """Raise `IndexProblem` unless the index in `folder` was made with `encoder`."""
    manifest = read_manifest(folder)
    if manifest.model_fingerprint != encoder.fingerprint:
        raise IndexProblem(
            f"The index in {folder} was made with the model {manifest.model!r}, not with {encoder.name!r}; use --model"
            f" {manifest.model}, or rebuild it: python -m ingest --rebuild --model {encoder.name} --index {folder}"
        )


def _under(source: str, paths: Sequence[Path]) -> bool:
    return any(Path(source).is_relative_to(Path(os.path.abspath(path))) for path in paths)


def _elsewhere(before: Stored | None, paths: Sequence[Path]) -> str | None:
    """The file of a report in the index that came from outside `paths` and is still there, so that it must stay."""
    if before is None or _under(before.source, paths) or not os.path.exists(before.source):
        return None
    return before.source


def _read(paths: Sequence[Path], old: Sequence[Stored], report: BuildReport) -> list[Stored]:
    files, report.refused = find_files(paths)
    by_name = {stored.document.name: stored for stored in old}
    sources: dict[str, str] = {}
    unopened = [Path(refused.name) for refused in report.refused]
    kept = {s.document.name: s for s in old if not _under(s.source, paths) or _under(s.source, unopened)}
    for file in files:
        name, before = file.name, by_name.get(file.name)
        taken = sources.get(name) or _elsewhere(before, paths)
        if taken:
            reason = f"Another report has the same name ({taken}); rename one of them."
            report.refused.append(Refused(str(file), reason))
            continue
        try:
            sha256 = file_hash(file)
            same = before is not None and before.document.sha256 == sha256
            document = before.document if before and same else read_document(file, sha256)
        except Unreadable as error:
            reason = f"{error} The version read earlier stays in the index." if before else str(error)
            report.refused.append(Refused(str(file), reason))
            if before:
                kept[name] = before
            continue
        sources[name] = str(file)
        kept[name] = Stored(document, str(file))
        _sort(name, document, before, report)
    report.removed = sorted(by_name.keys() - kept.keys())
    return [kept[name] for name in sorted(kept)]


def _sort(name: str, document: Document, before: Stored | None, report: BuildReport) -> None:
    if before is None:
        report.added.append(name)
        report.warnings += [Warned(name, text) for text in document.warnings]
    elif before.document == document:
        report.unchanged.append(name)
    else:
        report.changed.append(name)
        report.warnings += [Warned(name, text) for text in document.warnings]


def _embed(
    stored: Sequence[Stored],
    encoder: Encoder,
    known: dict[str, Vectors],
    report: BuildReport,
    progress: Progress | None,
) -> Contents:
    passages: list[Passage] = []
    units: list[tuple[Unit, ...]] = []
    for document in (s.document for s in stored):
        headings = frozenset(section.start for section in document.sections if section.body > section.start)
        for passage in split_passages(document):
            passages.append(passage)
            units.append(tuple(split_units(document.text, passage.start, passage.end, headings)))
    texts = _texts(stored, passages, units)
    new = list(dict.fromkeys(text for text in texts if text not in known))
    report.embedded = len(new)
    if new:
        known = known | dict(zip(new, encoder.encode(new, progress), strict=True))
    vectors = np.stack([known[text] for text in texts]) if texts else np.zeros((0, 1), np.float32)
    return Contents(tuple(stored), tuple(passages), tuple(units), vectors[: len(passages)], vectors[len(passages) :])


def _texts(stored: Sequence[Stored], passages: Sequence[Passage], units: Sequence[Sequence[Unit]]) -> list[str]:
    """What is embedded: each passage's searched text, then each unit's own text."""
    texts = {s.document.name: s.document.text for s in stored}
    return [p.searched for p in passages] + [
        texts[p.document][u.start : u.end] for p, us in zip(passages, units, strict=True) for u in us
    ]
