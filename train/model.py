"""The reader as a torch module: the carried encoder, a span head whose first position means "no answer", and a separate
answerability head. Used for training and export only; answering runs the exported ONNX file (answer/onnx_reader.py).
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel


class Reader(nn.Module):
    """BERT with two heads.

    Forward: ids, segments, mask, each (batch, tokens) -> start logits and end logits (batch, tokens), answerable logit
    (batch). Logits of tokens that are neither the first nor part of the context are -10,000.
    """

    def __init__(self, encoder: Path, dropout: float = 0.0) -> None:
        """Load the encoder from a local folder; `dropout` is the share of hidden values and attention left out in training.

        Eager attention, because the fused kernel's backward pass takes three times as long on a CPU.
        """
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            str(encoder),
            attn_implementation="eager",
            attention_probs_dropout_prob=dropout,
            hidden_dropout_prob=dropout,
            add_pooling_layer=False,
        )
        width = self.encoder.config.hidden_size
        self.span = nn.Linear(width, 2)
        self.answerable = nn.Linear(width, 1)
        for layer in (self.span, self.answerable):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, ids: Tensor, segments: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits as the class says."""
        hidden = self.encoder(input_ids=ids, token_type_ids=segments, attention_mask=mask).last_hidden_state
        allowed = (segments * mask).bool()
        allowed = torch.cat([torch.ones_like(allowed[:, :1]), allowed[:, 1:]], dim=1)
        start, end = self.span(hidden).float().masked_fill(~allowed.unsqueeze(-1), -1e4).unbind(-1)
        return start, end, self.answerable(hidden[:, 0]).float().squeeze(-1)
