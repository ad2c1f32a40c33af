"""What an answer came out of: hashes of the index and of everything learned, versions of the program and its libraries."""

from __future__ import annotations

import hashlib
import json
import platform
import sqlite3
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from answer.reader import Reader
    from answer.weights import Weights
    from index.embed import Encoder

PROGRAM = "isecg-report-assistant"
# those whose change can change an answer, or the text that is read out of a report
LIBRARIES = (
    "faiss-cpu",
    "numpy",
    "onnxruntime",
    "pypdf",
    "pypdfium2",
    "RapidFuzz",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
)


@dataclass(frozen=True)
class Provenance:
    """What answered: the fingerprint of the index, the embedding model by name and hash, the reader (None: none was
    used) and the weights of evidence by their hashes.
    """

    index: str
    model: str
    model_fingerprint: str
    reader_fingerprint: str | None
    weights_fingerprint: str

    @classmethod
    def of(cls, index: str, encoder: Encoder, reader: Reader | None, weights: Weights) -> Provenance:
        """The provenance of an answer out of the index with this fingerprint."""
        return cls(
            index=index,
            model=encoder.name,
            model_fingerprint=encoder.fingerprint,
            reader_fingerprint=reader.fingerprint if reader else None,
            weights_fingerprint=hashlib.sha256(json.dumps(asdict(weights), sort_keys=True).encode()).hexdigest(),
        )


@cache
def versions() -> dict[str, str]:
    """The versions of this program, of Python, of SQLite and of the libraries that take part in an answer."""
    found = {PROGRAM: _version(PROGRAM), "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    return found | {name: _version(name) for name in LIBRARIES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from its folder, without having been installed
        return "not installed"
