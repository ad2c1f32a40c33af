"""The open index: a question becomes the best passages, by meaning and by words."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from index.database import connect, read_passages, read_stored
from index.editions import Editions
from index.embed import Encoder, Vectors
from index.fuse import fuse
from index.lexical import Lexical
from index.query import QueryMender, acronyms
from index.store import IndexProblem, Manifest, current_build, read_build
from ingest.document import Document
from ingest.passages import Passage
from ingest.sentences import Unit

CANDIDATES = 50  # passages that each ranking brings into the fusion
UNIT_CANDIDATES = 100
NUMBERING = re.compile(r"^(?:(?:annex|appendix|chapter|part)\s+[\w.]+[:.]?|\d[\d.]*)\s+|\([^)]*\)", re.IGNORECASE)
COMMON = 0.3  # added to the weight of each term of a heading, so that common words count there too
UNIT_SHARE = 0.6  # of the dense score: the passage's best unit against the passage as a whole


@dataclass(frozen=True)
class Hit:
    """A passage found for a question. `score`, about in [0, 1], is comparable between questions and orders the hits.

    `dense` is the cosine (passage and best unit), `lexical` the share of the best possible BM25, `heading` the share of its
    heading that the question names. `units` are what can be quoted of the passage,
    `unit_scores` their cosines to the question.
    """

    passage: Passage
    score: float
    dense: float
    lexical: float
    units: tuple[Unit, ...]
    unit_scores: tuple[float, ...]
    heading: float = 0.0


class Index:
    """One build, opened for reading; a newer build is another Index."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Open the build in use in `folder`; raises `IndexProblem` when it is missing, damaged, or of another model."""
        self.folder, self._encoder = folder, encoder
        read_build(folder, self._read)

    def _read(self, build: Path, manifest: Manifest) -> None:
        encoder = self._encoder
        if manifest.model_fingerprint != encoder.fingerprint:
            raise IndexProblem(
                f"The index in {self.folder} was made with the model {manifest.model!r}, not with {encoder.name!r}; name it with"
                f" --model, or rebuild the index: python -m ingest --rebuild --model {encoder.name} --index {self.folder}"
            )
        self.build, self.fingerprint = build, manifest.fingerprint
        database = connect(build)
        stored = read_stored(database)
        self.documents: tuple[Document, ...] = tuple(s.document for s in stored)
        self.sources = {s.document.sha256: Path(s.source) for s in stored}  # where each file was when it was read
        self.passages, self._units = read_passages(database, stored)
        self._first_unit = np.cumsum([0, *(len(u) for u in self._units)])
        self._passage_of_unit = np.repeat(np.arange(len(self._units)), np.diff(self._first_unit))
        self._dense = faiss.read_index(str(build / "passages.faiss"))
        self._dense_units = faiss.read_index(str(build / "units.faiss"))
        self.lexical = Lexical(database)
        self._heading_weights: dict[str, dict[str, float]] = {}
        self._by_name = {d.name: d for d in self.documents}
        self.mender = QueryMender((d.text for d in self.documents), self.lexical)
        self.acronyms = acronyms(d.text for d in self.documents)
        self.editions = Editions(self.documents, self.acronyms)

    def document(self, name: str) -> Document:
        """The document called `name`; raises `KeyError` when there is none."""
        return self._by_name[name]

    def is_current(self) -> bool:
        """Whether this is still the build in use in its folder; also when which one is cannot be read."""
        try:
            return current_build(self.folder) in (self.build, None)
        except IndexProblem:
            return True

    def search(
        self, question: str, k: int = 10, documents: Collection[str] | None = None, mode: str = "fused"
    ) -> list[Hit]:
        """The best `k` passages, best first. `documents` limits them to reports by name; `mode` is "fused", or "dense" or
        "lexical" alone, for comparison.
        """
        asked = self.mender.mend(question)
        vector = self._encoder.encode([asked])
        dense = self._search_dense(vector, documents)
        lexical = self.lexical.search(asked, CANDIDATES, documents)
        for row in lexical.keys() - dense.keys():
            dense[row] = self._dense_score(vector, row)
        terms = set(self.lexical.terms(asked))
        headings = {row: self._heading_named(row, terms) for row in dense}
        ranking = {"fused": fuse(dense, lexical, headings), "dense": dense, "lexical": lexical}[mode]
        best = sorted(ranking, key=lambda row: (-ranking[row], row))[:k]
        return [
            Hit(
                passage=self.passages[row],
                score=ranking[row],
                dense=dense[row],
                lexical=lexical.get(row, 0.0),
                units=self._units[row],
                unit_scores=self._unit_scores(vector, row),
                heading=headings[row],
            )
            for row in best
        ]

    def _heading_named(self, row: int, terms: set[str]) -> float:
        """The share of the weight of the passage's heading whose terms are among `terms`.

        The report's title is no heading here: a question that names the report would bring up its cover, which answers nothing.
        """
        path = self.passages[row].section
        if not path or path[-1] == self.passages[row].title:
            return 0.0
        if path[-1] not in self._heading_weights:
            found = self.lexical.terms(NUMBERING.sub("", path[-1]))
            self._heading_weights[path[-1]] = {term: self.lexical.idf(term) + COMMON for term in found}
        weights = self._heading_weights[path[-1]]
        return sum(w for term, w in weights.items() if term in terms) / sum(weights.values()) if weights else 0.0

    def _search_dense(self, vector: Vectors, documents: Collection[str] | None) -> dict[int, float]:
        parameters, unit_parameters = None, None
        if documents is not None:
            rows = np.array([i for i, p in enumerate(self.passages) if p.document in documents], np.int64)
            units = np.flatnonzero(np.isin(self._passage_of_unit, rows))
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(rows))  # type: ignore[call-arg]
            unit_parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(units))  # type: ignore[call-arg]
        _, found = self._dense.search(vector, CANDIDATES, params=parameters)
        _, found_units = self._dense_units.search(vector, UNIT_CANDIDATES, params=unit_parameters)
        rows_found = {int(r) for r in found[0] if r >= 0}  # FAISS pads with -1
        rows_found |= {int(self._passage_of_unit[u]) for u in found_units[0] if u >= 0}
        return {row: self._dense_score(vector, row) for row in sorted(rows_found)}

    def _dense_score(self, vector: Vectors, row: int) -> float:
        whole = float(self._dense.reconstruct(row) @ vector[0])
        return (1 - UNIT_SHARE) * whole + UNIT_SHARE * max(self._unit_scores(vector, row), default=whole)

    def _unit_scores(self, vector: Vectors, row: int) -> tuple[float, ...]:
        first, count = int(self._first_unit[row]), len(self._units[row])
        return tuple(map(float, self._dense_units.reconstruct_n(first, count) @ vector[0])) if count else ()
