"""Training for a few steps: it resumes where it was stopped, and what it exports is the model that answering runs."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from answer.onnx_reader import OnnxReader
from answer.reader import NoSuchReader
from eval.squad import SquadQuestion
from train.__main__ import main
from train.data import write_squad
from train.export import main as export

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
    train(data, tmp_path, "--stop-after", "1")
    assert export([str(tmp_path / "reader.pt"), str(tmp_path / "exact"), "--float"]) == 0
    assert export([str(tmp_path / "reader.pt"), str(tmp_path / "small"), "--threshold", "1.5"]) == 0
    exact, small = OnnxReader(tmp_path / "exact"), OnnxReader(tmp_path / "small")
    contexts = [CONTEXT.format(n=n) for n in (51, 60, 70)]
    scores = [[r.score for r in reader.read("When did Luna 51 reach the Moon?", contexts)] for reader in (exact, small)]
    assert np.allclose(scores[0], scores[1], atol=0.5)
    assert small.threshold == 1.5
    model = tmp_path / "small" / "reader.onnx"
    assert model.stat().st_size < 25e6
    model.write_bytes(model.read_bytes()[:-1] + b"\0\0")
    with pytest.raises(NoSuchReader, match="altered"):
        OnnxReader(tmp_path / "small")


def test_a_file_that_is_not_squad_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text("[]")
    assert main(["--train", str(tmp_path / "x.json"), "--out", str(tmp_path)]) == 2
    assert "x.json" in capsys.readouterr().err
