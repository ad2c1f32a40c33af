"""What the reports teach about words: spelling is mended by them, and nothing else touched; acronyms as introduced."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import Lexical, fill
from index.query import WORD, QueryMender, acronyms
from ingest.document import Document


def mender_of(*texts: str) -> QueryMender:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE passages(id INTEGER PRIMARY KEY, document TEXT)")
    fill(database, list(enumerate(texts)))
    return QueryMender(texts, Lexical(database))


@pytest.fixture(scope="module")
def mender(report: Document) -> QueryMender:
    return mender_of(report.text)


# Spelling


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is the exploraton roadmap?", "What is the exploration roadmap?"),
        ("Who are the membres?", "Who are the members?"),
        ("when was the rodmap publishd", "when was the roadmap published"),
        ("Teh goal", "Teh goal"),
        ("interoperabilty and standardisaton", "interoperability and standardization"),
    ],
)
def test_misspelt_words_of_the_report_are_mended(mender: QueryMender, question: str, expected: str) -> None:
    assert mender.mend(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who prepares the ISECG Annual Report?",
        "IMEWG XYZQ NASSA",  # capitals are names, not misspellings
        "tge ogf",  # too short to tell
        "What about elephants and bicycles?",  # English, though not in the report
        "¿Qué es esto? 2024-05-01 § 3.2 (b)",
        "",
        "   ",
        "it's the agency's",
        "Zyxwvutsrq",
    ],
)
def test_everything_else_is_left_alone(mender: QueryMender, question: str) -> None:
    assert mender.mend(question) == question


@pytest.mark.parametrize(
    ("word", "expected"),
    [("lenders", "lenders"), ("hollowed-out", "hollowed-out"), ("landline", "landline"), ("realease", "release")],
)
def test_good_english_is_left_alone_and_two_letters_are_not_mended_in_what_may_be_two_words(
    word: str, expected: str
) -> None:
    mender = mender_of("leaders followed the handling of a release")
    assert mender.mend(f"Why {word}?") == f"Why {expected}?"


def test_two_words_equally_near_are_no_mend() -> None:
    mender = mender_of("qworda qwordb")
    assert mender.mend("qwordc") == "qwordc"
    assert mender_of("qworda").mend("qwordc") == "qworda"


def test_a_capital_stays_one() -> None:
    assert mender_of("the qlimbo dances").mend("Qlimbp and qlimbp") == "Qlimbo and qlimbo"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=12), st.sampled_from(["exploraton", "Agecny", "roadmap", "it's"]))).map(
        " ".join
    )
)
def test_mending_twice_mends_no_more_and_only_words_change(mender: QueryMender, question: str) -> None:
    once = mender.mend(question)
    assert mender.mend(once) == once
    assert WORD.sub("", once).split() == WORD.sub("", question).split()


# Acronyms


def test_the_acronyms_of_the_report(report: Document) -> None:
    found = acronyms([report.text])
    expected = {
        "ISECG": "International Space Exploration Coordination Group",
        "ESA": "European Space Agency",
        "NASA": "National Aeronautics and Space Administration",
        "IAC": "International Astronautical Congress",
        "ERWG": "Exploration Roadmap Working Group",
        "IAWG": "International Architecture Working Group",
        "TWG": "Technology Working Group",
        "SWG": "Science Working Group",
        "ESAWG": "Emerging Space Agencies Working Group",
        "CWG": "Commercial Working Group",
        "SCWG": "Strategic Communications Working Group",
        "IMEWG": "International Mars Exploration Working Group",
        "ISRU": "In-Situ Resource Utilisation",
        "ISS": "International Space Station",
        "GES": "Global Exploration Strategy",
        "ToR": "Terms of Reference",
    }
    assert {short: found.get(short) for short in expected} == expected
    for short, long in found.items():
        assert long in report.text, short


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Technology Working Group (TWG) met", {"TWG": "Technology Working Group"}),
        ("In 2024 The European Space Agency (ESA)", {"ESA": "European Space Agency"}),
        ("the report (PDF)", {}),
        ("It was Good Work (Monday)", {}),
        ("the lower case group (LCG)", {}),
        ("no parentheses TWG", {}),
    ],
)
def test_acronyms_as_they_are_introduced(text: str, expected: dict[str, str]) -> None:
    assert acronyms([text]) == expected


def test_the_form_that_is_introduced_most_often_counts() -> None:
    texts = ["The Science Working Group (SWG).", "The Solar Wind Group (SWG).", "The Solar Wind Group (SWG)."]
    assert acronyms(texts) == {"SWG": "Solar Wind Group"}


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.sampled_from(["Alpha", "Beta", "of", "the", "(AB)", "(A)", "(Ab-C)", "Gamma-Delta", "x.", "(", ")"])
    ).map(" ".join)
)
def test_a_long_form_stands_before_its_short_form(text: str) -> None:
    for short, long in acronyms([text]).items():
        assert f"{long} ({short})" in " ".join(text.split())


@pytest.mark.parametrize(
    "text", ["A " * 20_000, "Aa of " * 10_000 + "(", "A-" * 20_000, "Aaa of the " * 5_000 + "(AB)"]
)
def test_a_long_text_takes_no_endless_time(text: str) -> None:
    acronyms([text])
