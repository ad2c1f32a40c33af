"""Any Hugging Face extractive-QA model as a reader, run by torch; onnx_reader.py runs the one that this project trained."""

import hashlib
import os
from collections.abc import Sequence

import numpy as np

from answer.onnx_reader import MAX_TOKENS, STRIDE, decode, reading, shorten
from answer.reader import NoSuchReader, Reading, Span


class HuggingFaceReader:
    """A model with a span head whose first position means "no answer" (trained as for SQuAD 2.0)."""

    def __init__(self, name: str) -> None:
        """Load a folder, or a name in the local cache; raises `NoSuchReader` when it is not on this machine."""
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from safetensors import SafetensorError
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        try:
            self._tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=True, use_fast=True)
            model, loading = AutoModelForQuestionAnswering.from_pretrained(
                name, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise NoSuchReader(f"The reader {name!r} is not on this machine; give a folder that holds one.") from error
        if loading["missing_keys"]:
            raise NoSuchReader(f"The model {name!r} was not trained to answer questions; name another.")
        self._model = model.eval()
        self.threshold = 0.0  # span and no answer equally likely
        self.fingerprint = self._hash()

    def _hash(self) -> str:
        """SHA-256 over the tokeniser and the weights."""
        import torch

        digest = hashlib.sha256(self._tokenizer.backend_tokenizer.to_str().encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.contiguous().flatten().view(torch.uint8).numpy())
        return digest.hexdigest()

    def read(self, question: str, contexts: Sequence[str]) -> list[Reading]:
        """One Reading a context; a long context is read in windows that overlap."""
        import torch

        if not contexts:
            return []
        offsets = self._tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        question = shorten(question, offsets)
        limit = min(MAX_TOKENS, self._tokenizer.model_max_length)
        encoded = self._tokenizer(
            [question] * len(contexts),
            list(contexts),
            truncation="only_second",
            max_length=limit,
            stride=min(STRIDE, limit // 4),
            padding=True,
            return_overflowing_tokens=True,
            return_tensors="pt",
        )
        owners = encoded.pop("overflow_to_sample_mapping").tolist()
        with torch.inference_mode():
            output = self._model(**encoded)
        start, end = (np.asarray(x, np.float32) for x in (output.start_logits, output.end_logits))
        spans: list[list[Span]] = [[] for _ in contexts]
        for row, owner in enumerate(owners):
            spans[owner] += decode(start[row], end[row], encoded.encodings[row])
        return [reading(found) for found in spans]
