"""What an index holds before an update: documents, passages, units and the vector of every text, to be used again."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from index.cut import texts_of
from index.database import Stored, connect, read_passages, read_stored
from index.embed import Encoder, Vectors
from index.plan import Held
from index.store import IndexProblem, Manifest, current_build, read_build, read_manifest, read_outdated, read_vectors
from ingest.passages import Passage
from ingest.sentences import Unit


@dataclass(frozen=True)
class Old:
    """All that can be used again. Of an index of another version these are only the files of its reports, `outdated`."""

    stored: tuple[Stored, ...] = ()
    passages: tuple[Passage, ...] = ()
    units: tuple[tuple[Unit, ...], ...] = ()
    vectors: dict[str, Vectors] = field(default_factory=dict)
    outdated: dict[str, Path] = field(default_factory=dict)

    @property
    def held(self) -> list[Held]:
        """The reports, for a plan."""
        return [Held(s.document.name, s.source, s.document.sha256) for s in self.stored]


def read_old(folder: Path, encoder: Encoder, rebuild: bool = False) -> Old:
    """What the index in `folder` holds; nothing where there is none, or with `rebuild`.

    Raises `IndexProblem` when it is damaged or was made with another model than `encoder`.
    """
    if rebuild or current_build(folder) is None:
        return Old()
    outdated = read_outdated(folder)
    if outdated:
        return Old(outdated=outdated)
    check_model(folder, encoder)
    return read_build(folder, read_whole)


def read_whole(build: Path, _: Manifest) -> Old:
    """Everything in one build."""
    database = connect(build)
    try:
        stored = read_stored(database)
        passages, units = read_passages(database, stored)
    finally:
        database.close()
    vectors = np.concatenate([read_vectors(build, "passages.faiss"), read_vectors(build, "units.faiss")])
    return Old(stored, passages, units, dict(zip(texts_of(stored, passages, units), vectors, strict=True)))


def check_model(folder: Path, encoder: Encoder) -> None:
    """Raise `IndexProblem` unless the index in `folder`, if there is one, was made with `encoder`."""
    if current_build(folder) is None:
        return
    manifest = read_manifest(folder)
    if manifest.model_fingerprint != encoder.fingerprint:
        raise IndexProblem(
            f"The index in {folder} was made with the model {manifest.model!r}, not with {encoder.name!r}; use --model"
            f" {manifest.model}, or rebuild it: python -m ingest --rebuild --model {encoder.name} --index {folder}"
        )
