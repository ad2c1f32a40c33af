"""ingest/clean.py: each kind of damage has its repair, and what is whole stays as it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import clean, join_lines
from ingest.lexicon import common_words


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("eﬃcient oﬀice workﬂows", "efficient office workflows"),
        ("coop\u00aderation", "cooperation"),
        ("27\u00a0agencies and\u202f41\u2009200\u3000more", "27 agencies and 41 200 more"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\u202eevil\u202c", "evil"),
        ("bell\x07 and \x9dcontrol", "bell and control"),
        ("Agˆencia Espacial", "Agência Espacial"),
        ("Fran¸cais", "Français"),
        ("Franc¸ais", "Français"),
        (
            "Centre National d'E´tudes",
            "Centre National d'E´tudes",
        ),  # behind its letter this accent may be a quotation mark
        ("a\u0301 is one letter", "á is one letter"),
        ("two  spaces", "two spaces"),
        ("non-binding “products” – €5", "non-binding “products” – €5"),
    ],
)
def test_damage_is_repaired(damaged: str, whole: str) -> None:
    assert clean(damaged) == whole


def test_a_soft_hyphen_at_the_end_stays_for_joining() -> None:
    assert clean("coop\u00ad") == "coop\u00ad"
    assert join_lines("coop\u00ad", "eration", ()) == "coop"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "  " not in once
    assert once == once.strip()


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=80))
def test_plain_words_are_left_alone(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("before", "after", "words", "joined"),
    [
        ("an initial", "group", (), "an initial group"),
        ("the coopera-", "tion of", (), "the cooperation of"),
        ("human road-", "mapping effort", ("road-mapping",), "human road-mapping effort"),
        ("human road-", "mapping effort", ("roadmapping",), "human roadmapping effort"),
        ("a road-", "mapping effort", ("road", "mapping"), "a road-mapping effort"),
        ("a statically-", "typed language", ("typed",), "a statically-typed language"),
        ("he pre-", "sents it", ("pre", "sents"), "he presents it"),
        ("a non-", "binding forum", (), "a non-binding forum"),
        ("state-of-the-", "art tools", (), "state-of-the-art tools"),
        ("post-Interna-", "tional Space", ("international",), "post-International Space"),
        ("short-", "and long-term", (), "short- and long-term"),
        ("the Earth-", "Moon system", (), "the Earth-Moon system"),
        ("GLEX-", "2025 paper", (), "GLEX-2025 paper"),
        ("in 2024-", "2025", (), "in 2024-2025"),
        ("activities—", "both human", (), "activities—both human"),
        ("a dash -", "like this", (), "a dash - like this"),
        ("and/", "or", (), "and/or"),
    ],
)
def test_lines_are_joined_as_they_were_written(before: str, after: str, words: tuple[str, ...], joined: str) -> None:
    assert join_lines(before, after, words) + after == joined


def test_common_words_tell_a_compound_from_a_broken_word() -> None:
    words = common_words() | {"in"}
    assert join_lines("road-", "mapping", words) == "road-"
    assert join_lines("out-", "reach", words) == "out"
    assert join_lines("in-", "depth", words) == "in-"


@given(st.text(min_size=1), st.text(min_size=1))
def test_joining_changes_at_most_the_last_character(before: str, after: str) -> None:
    assert join_lines(before, after, ()) in {before, f"{before} ", before[:-1]}
