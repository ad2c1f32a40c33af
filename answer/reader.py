"""The reading-comprehension model behind a one-method protocol: question and passages in, answer spans out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CARRIED, NONE = "carried", "none"


@dataclass(frozen=True)
class Span:
    """context[start:end] and the model's score for it: logits of the span minus those of "no answer"."""

    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Reading:
    """What a reader found in one context: the best span, and the best few, best first, without overlap."""

    start: int
    end: int
    score: float
    spans: tuple[Span, ...]


class Reader(Protocol):
    """Anything that marks the words of a context that answer a question.

    `threshold` is the score from which on an answer is likelier than none, by the reader's own training; `fingerprint`,
    a hash, changes when its readings would.
    """

    threshold: float
    fingerprint: str

    def read(self, question: str, contexts: Sequence[str]) -> list[Reading]:
        """One Reading a context; offsets count characters of the context."""


class NoSuchReader(ValueError):
    """A reader that is not on this machine or cannot be used; the message names it."""


def open_reader(name: str = CARRIED) -> Reader | None:
    """The reader called `name`: "carried" (trained by this project), "none", a folder that train/export.py wrote, or
    an extractive-QA model of Hugging Face: a folder, or a name in the local cache.

    Raises `NoSuchReader` when it is not on this machine.
    """
    from answer.onnx_reader import CARRIED_READER, OnnxReader

    if name == NONE:
        return None
    if name == CARRIED:
        return OnnxReader(CARRIED_READER)
    if (Path(name) / "reader.onnx").is_file():
        return OnnxReader(Path(name))
    from answer.hf_reader import HuggingFaceReader

    return HuggingFaceReader(name)
