"""Judging: what counts as right, relevant and exact, and which step a wrong answer is laid to."""

import pytest

from eval.judge import Fault, holds_answer, is_exact, is_relevant, is_right, judge, overlap
from eval.predictions import Found, Prediction, Quote
from eval.questions import Question
from ingest.document import Document, Page

TEXT = "The group has 27 members. It was founded in 2007. Its secretariat is in Paris."
PAGES = (Page(1, "1", 0, 26), Page(2, "2", 26, 50), Page(3, "3", 50, len(TEXT)))
DOCUMENTS = {"r.pdf": Document("r.pdf", "f" * 64, "R", None, TEXT, PAGES, ())}
EVIDENCE = ("The group has 27 members.",)


def quoting(text: str) -> Quote:
    start = TEXT.index(text)
    page = next(page.number for page in PAGES if page.start <= start < page.end)
    return Quote("r.pdf", "f" * 64, page, start, start + len(text), text)


def found(text: str) -> Found:
    start = TEXT.index(text)
    return Found("r.pdf", start, start + len(text), text)


def answer(*quotes: str, passages: tuple[str, ...] = ()) -> Prediction:
    """An answer that quotes `quotes`, or a refusal where there are none."""
    cited = tuple(quoting(text) for text in quotes)
    text = "\n\n".join(quotes) or "The reports do not say."
    return Prediction("q", bool(quotes), text, 0.5, cited, tuple(found(text) for text in passages), 0.1)


def test_a_full_answer_holds_a_string_of_every_group() -> None:
    question = Question("q", "?", evidence=EVIDENCE, answer=(("27", "twenty-seven"), ("FOUNDED in *2007*",)))
    assert is_right(question, answer("The group has 27 members.", "It was founded in 2007."))
    assert not is_right(question, answer("The group has 27 members."))
    assert not is_right(question, answer())


def test_groups_may_be_held_by_different_quotes_of_one_answer() -> None:
    question = Question("q", "?", evidence=EVIDENCE, answer=(("27 members",), ("paris",)))
    assert is_right(question, answer("The group has 27 members.", "Its secretariat is in Paris."))


def test_without_groups_a_quote_must_overlap_the_evidence() -> None:
    question = Question("q", "?", evidence=EVIDENCE)
    assert is_right(question, answer("It was founded in 2007.", "has 27 members"))
    assert not is_right(question, answer("It was founded in 2007."))


def test_with_pages_only_a_quote_must_come_from_one_of_them() -> None:
    question = Question("q", "?", pages=(("r.pdf", 2),))
    assert is_right(question, answer("Its secretariat", "founded"))
    assert not is_right(question, answer("Its secretariat"))
    assert not is_right(Question("q", "?", pages=(("other.pdf", 2),)), answer("founded"))


def test_of_an_unanswerable_question_only_a_refusal_is_right() -> None:
    assert is_right(Question("q", "?"), answer())
    assert not is_right(Question("q", "?"), answer("founded"))


def test_the_words_of_a_refusal_are_no_answer() -> None:
    question = Question("q", "?", evidence=EVIDENCE, answer=(("reports",),))
    assert holds_answer(question, "The reports do not say.")
    assert not is_right(question, answer())


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("a b c d", "x b c", 2 / 3),
        ("has 27 members", "The group *has* 27 Members today", 1.0),
        ("a b c d e f g h", "e f g h i j k l", 0.5),
        ("a b", "c d", 0.0),
        ("**", "a", 0.0),
    ],
)
def test_overlap_is_the_longest_common_run_over_the_shorter_text(one: str, other: str, share: float) -> None:
    assert overlap(one, other) == overlap(other, one) == pytest.approx(share)


def test_a_passage_is_relevant_when_it_holds_the_evidence_or_lies_within_it() -> None:
    assert is_relevant(Question("q", "?", evidence=EVIDENCE), found(TEXT), DOCUMENTS)
    assert is_relevant(Question("q", "?", evidence=(TEXT,)), found("It was founded in 2007."), DOCUMENTS)
    assert not is_relevant(Question("q", "?", evidence=EVIDENCE), found("27 members. It was founded"), DOCUMENTS)


def test_with_pages_only_a_passage_is_relevant_that_reaches_into_one_of_them() -> None:
    passage = found("members. It was founded in 2007.")  # pages 1 and 2
    relevant = [is_relevant(Question("q", "?", pages=(("r.pdf", n),)), passage, DOCUMENTS) for n in (1, 2, 3)]
    assert relevant == [True, True, False]


def test_a_quote_is_exact_only_character_by_character_in_the_same_file() -> None:
    good = Quote("r.pdf", "f" * 64, 1, 14, 24, "27 members")
    assert is_exact(good, DOCUMENTS)
    for wrong in (
        Quote("r.pdf", "f" * 64, 1, 14, 24, "27 Members"),
        Quote("r.pdf", "f" * 64, 1, 13, 24, "27 members"),
        Quote("r.pdf", "e" * 64, 1, 14, 24, "27 members"),
        Quote("other.pdf", "f" * 64, 1, 14, 24, "27 members"),
        Quote("r.pdf", "f" * 64, 1, -1, 0, TEXT[-1:0]),
        Quote("r.pdf", "f" * 64, 1, 5, 5, ""),
    ):
        assert not is_exact(wrong, DOCUMENTS)


@pytest.mark.parametrize(
    ("evidence", "given", "fault"),
    [
        (EVIDENCE, answer("27 members", passages=(TEXT,)), None),
        (EVIDENCE, answer("founded in 2007", passages=("It was founded in 2007.",)), Fault.RETRIEVAL),
        (EVIDENCE, answer(passages=("It was founded in 2007.",)), Fault.RETRIEVAL),
        (EVIDENCE, answer(passages=("It was founded in 2007.", TEXT)), Fault.REFUSAL),
        (EVIDENCE, answer("founded in 2007", passages=(TEXT,)), Fault.SELECTION),
        ((), answer("founded in 2007", passages=(TEXT,)), Fault.SHOULD_REFUSE),
        ((), answer(passages=(TEXT,)), None),
    ],
)
def test_a_wrong_answer_is_laid_to_the_first_step_that_failed(
    evidence: tuple[str, ...], given: Prediction, fault: Fault | None
) -> None:
    judgement = judge(Question("q", "?", evidence=evidence), given, DOCUMENTS)
    assert (judgement.fault, judgement.right) == (fault, fault is None)


def test_only_ten_passages_count() -> None:
    passages = ("founded",) * 10 + (TEXT,)
    judgement = judge(Question("q", "?", evidence=EVIDENCE), answer("founded", passages=passages), DOCUMENTS)
    assert judgement.relevant == (False,) * 10


def test_token_f1_is_against_the_best_evidence_and_0_for_a_refusal() -> None:
    question = Question("q", "?", evidence=("Its secretariat is in Paris.", "The group has 27 members."))
    # "group has 27 members" (articles dropped) against "27 members": 2 * 2 shared / (4 + 2) = 2/3.
    assert judge(question, answer("27 members"), DOCUMENTS).f1 == pytest.approx(2 / 3)
    assert judge(question, answer(), DOCUMENTS).f1 == 0.0
    assert judge(Question("q", "?", pages=(("r.pdf", 1),)), answer("27 members"), DOCUMENTS).f1 is None
