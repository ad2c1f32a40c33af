"""Ranking by words: the terms, the arithmetic of BM25, filters, and that a question is never syntax."""

import math
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import K1, Lexical, Tokeniser, fill

PASSAGES = [
    ("a.txt", "the moon base and the moon rover"),
    ("a.txt", "mars base"),
    ("b.txt", "the agency leads the moon group of the agency members"),
    ("b.txt", "nothing here"),
]


def ranked(passages: list[tuple[str, str]]) -> Lexical:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute("CREATE TABLE passages(id INTEGER PRIMARY KEY, document TEXT)")
    database.executemany("INSERT INTO passages VALUES (?, ?)", [(i, d) for i, (d, _) in enumerate(passages)])
    fill(database, [(i, text) for i, (_, text) in enumerate(passages)])
    return Lexical(database)


@pytest.fixture(scope="module")
def lexical() -> Lexical:
    return ranked(PASSAGES)


@pytest.fixture(scope="module")
def tokeniser() -> Tokeniser:
    return Tokeniser()


# Terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Agencies", ["the", "agenc"]),
        ("Agência Espacial, Études!", ["agencia", "espaci", "etud"]),
        ("GER 2024's", ["ger", "2024", "s"]),
        ("SCWG-TT", ["scwg", "tt"]),
        ("published publishes publication", ["publish", "publish", "public"]),
        ("وكبالة الإمبارات", ["وكبالة", "الإمبارات"]),
        ("", []),
        ("?! — “”", []),
        ("a\0b", ["a", "b"]),
    ],
)
def test_terms(tokeniser: Tokeniser, text: str, expected: list[str]) -> None:
    assert list(tokeniser.terms(text)) == expected


def test_one_tokeniser_serves_several_threads_at_once(tokeniser: Tokeniser) -> None:
    def ask(n: int) -> bool:
        return all(tokeniser.terms(f"word{n} number{i}") == (f"word{n}", f"number{i}") for i in range(100))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(4)))


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_terms_hold_letters_and_digits_only(text: str) -> None:
    for term in Tokeniser().terms(text):
        assert term
        assert '"' not in term
        assert not term.isspace()


# BM25


def test_the_weight_of_a_term(lexical: Lexical) -> None:
    # 4 passages; "rover" is in one, "the" in two, "venu" in none: log((4 - n + 0.5) / (n + 0.5)), at least 1e-6
    assert lexical.idf("rover") == pytest.approx(math.log(3.5 / 1.5))
    assert lexical.idf("the") == 1e-6
    assert lexical.idf("venu") == pytest.approx(math.log(4.5 / 0.5))


def test_the_score_of_a_passage_worked_out(lexical: Lexical) -> None:
    # "mars" stands once in passage 1, which has 2 words; the passages have 7 + 2 + 10 + 2 = 21 words, 5.25 in the mean
    idf = math.log(3.5 / 1.5)
    frequency, length, mean, b = 1, 2, 21 / 4, 0.75
    bm25 = idf * frequency * (K1 + 1) / (frequency + K1 * (1 - b + b * length / mean))
    assert lexical.search("mars", 10) == {1: pytest.approx(bm25 / (idf * (K1 + 1)))}


def test_words_that_no_passage_has_lower_the_score(lexical: Lexical) -> None:
    alone, with_unknown = lexical.search("mars", 10)[1], lexical.search("mars venus", 10)[1]
    known, unknown = math.log(3.5 / 1.5), math.log(4.5 / 0.5)
    assert with_unknown == pytest.approx(alone * known / (known + unknown))


def test_the_best_come_first_and_no_more_than_asked_for(lexical: Lexical) -> None:
    found = lexical.search("agency members mars base", 10)
    assert next(iter(found)) == 2
    assert set(found) == {0, 1, 2}
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert list(lexical.search("agency members mars base", 2)) == list(found)[:2]


def test_ties_are_in_the_order_of_the_passages() -> None:
    assert list(ranked([("a", "same"), ("b", "other"), ("c", "same"), ("d", "more")]).search("same", 10)) == [0, 2]


def test_only_the_documents_asked_for(lexical: Lexical) -> None:
    assert set(lexical.search("base moon", 10, {"b.txt"})) == {2}
    assert set(lexical.search("base moon", 10, ["a.txt", "b.txt"])) == {0, 1, 2}
    assert lexical.search("base moon", 10, []) == {}
    assert lexical.search("base moon", 10, {"c.txt", "'); DROP TABLE words;--"}) == {}
    assert set(lexical.search("base", 1, {"b.txt", "a.txt"})) == {1}


@pytest.mark.parametrize("question", ["", "?", "venus", "的", "the of"])
def test_a_question_without_known_words_finds_what_it_can(lexical: Lexical, question: str) -> None:
    assert set(lexical.search(question, 10)) == ({0, 2} if "the" in question else set())


QUESTIONS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.lists(
        st.sampled_from(
            ["moon", "AND", "OR", "NOT", "NEAR(", "*", '"', "^", ":", "-", "searched:", "{", ")", "mars", "'"]
        ),
        max_size=12,
    ).map(" ".join),
)


@settings(max_examples=150, deadline=None)
@given(question=QUESTIONS, k=st.integers(1, 5))
def test_a_question_is_never_syntax_and_scores_lie_between_0_and_1(question: str, k: int) -> None:
    lexical = ranked(PASSAGES)
    found = lexical.search(question, k)
    assert len(found) <= k
    assert all(0 <= score < 1 for score in found.values())
    words = set(lexical.terms(question))
    for row in found:
        assert words & set(lexical.terms(PASSAGES[row][1]))


def test_several_threads_may_search_at_once(lexical: Lexical) -> None:
    expected = lexical.search("moon agency", 10)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: [lexical.search("moon agency", 10) for _ in range(50)], range(4)))
    assert all(result == expected for run in results for result in run)
