"""Years in a question: when a year asks for a report, when for a time, and when it is only part of a name."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import SMALL

from answer.plan import Plan, Scope, make_plan, newest_first, speaks_of
from answer.years import Asked, ask_of, other_year, resolve, without_years, years_in
from index.editions import Editions
from index.search import Hit
from ingest.document import ANNUAL_REPORT, OTHER, ROADMAP, Document
from ingest.passages import Passage

NAMES = frozenset({"ger", "iac", "isecg"})
PUBLISHERS = frozenset({"isecg"})


def document(name: str, title: str, year: int | None, kind: str = ANNUAL_REPORT) -> Document:
    return replace(SMALL, name=name, title=title, year=year, kind=kind)


OLD, MIDDLE, NEW = (document(f"isecg-{year}.pdf", f"ISECG Annual Report {year}", year) for year in (2022, 2023, 2024))
OTHER_NEW = document("lunavolt-2025.pdf", "Lunavolt Annual Report 2025", 2025)
OTHER_OLD = document("lunavolt-2021.pdf", "Lunavolt Annual Report 2021", 2021)
MAP = document("ger-2018.pdf", "Global Exploration Roadmap 2018", 2018, ROADMAP)
UNDATED = document("glossary.txt", "Glossary", None, OTHER)
ISECG = (OLD, MIDDLE, NEW)
ALL = (*ISECG, OTHER_NEW, OTHER_OLD, MAP, UNDATED)


@pytest.mark.parametrize(
    ("question", "reports", "times"),
    [
        ("Who chaired ISECG in 2023?", (), (2023,)),
        ("How many members were there by the end of 2022?", (), (2022,)),
        ("Where did ISECG hold its December 2023 meeting?", (), (2023,)),
        ("isecg members 2023", (), (2023,)),
        ("ISECG 2023 chair", (), (2023,)),
        ("Which agencies joined in 2022 and 2023?", (), (2022, 2023)),
        ("What was the revenue in FY23?", (), (2023,)),
        ("What was the revenue in 2023/24?", (), (2024,)),
        ("What does the 2023 report say?", (2023,), ()),
        ("Who is chair in the 2023 ISECG annual report?", (2023,), ()),
        ("ANNUAL REPORT 2023 MEMBERS", (2023,), ()),
        ("What does the annual report for the year 2023 say of 2025?", (2023,), (2025,)),
        ("What does the report of 2023 say?", (2023,), ()),
        ("Who prepared the Annual Report 2022/23?", (2023,), ()),
        # a year that is part of a name, open to one side, or no year
        ("When was the GER 2024 published?", (), ()),
        ("when was ger 2024 published", (), ()),
        ("Why is the 2018 Science White Paper being revised?", (), ()),
        ("What does the 2018 roadmap say?", (), ()),
        ("Where was the 2024 edition of the Global Exploration Roadmap shown?", (), ()),
        ("Who spoke at the IAC 2023?", (), ()),
        ("How has the membership grown since 2022?", (), ()),
        ("What happened between 2022 and 2024?", (), ()),
        ("What happened from 2022 to 2024, or in 2022-2024?", (), ()),
        ("Who wrote the gap report?", (), ()),
        ("What are 12024 and 2024.5?", (), ()),
        ("Which report followed?", (), ()),
    ],
)
def test_what_a_year_in_a_question_asks(question: str, reports: tuple[int, ...], times: tuple[int, ...]) -> None:
    assert years_in(question, NAMES, PUBLISHERS) == Asked(reports, times)


@pytest.mark.parametrize(
    ("question", "resolved"),
    [
        ("Who chairs ISECG in the latest report?", "Who chairs ISECG in the 2024 report?"),
        ("What does the most recent ISECG annual report say?", "What does the 2024 ISECG annual report say?"),
        ("What does last year's ISECG report say?", "What does the 2023 ISECG report say?"),
        ("What does ISECG's previous annual report say?", "What does ISECG's the 2023 annual report say?"),
        ("How many members did ISECG have last year?", "How many members did ISECG have in 2023?"),
        ("How many members does ISECG have this year?", "How many members does ISECG have in 2024?"),
        ("What will ISECG do next year?", "What will ISECG do in 2025?"),
        ("How much did Lunavolt earn last year?", "How much did Lunavolt earn in 2024?"),
        ("What does Lunavolt's latest gap report say?", "What does Lunavolt's latest gap report say?"),
        ("In recent years ISECG grew; why?", "In recent years ISECG grew; why?"),
        # two series, none named, newest of different years: each has a latest report, and those are asked first anyway
        ("Who is the chair in the latest report?", "Who is the chair in the latest report?"),
    ],
)
def test_relative_years_count_from_the_newest_report_of_the_series_named(question: str, resolved: str) -> None:
    assert resolve(question, ALL, Editions(ALL, {})) == resolved


def test_relative_years_mean_nothing_where_no_report_has_a_year() -> None:
    assert resolve("Who was chair last year?", [UNDATED], Editions([UNDATED], {})) == "Who was chair last year?"


def test_the_previous_report_is_the_edition_before_even_where_a_year_is_left_out() -> None:
    reports = (OLD, NEW)
    assert resolve("In the previous report?", reports, Editions(reports, {})) == "In the 2022 report?"
    assert resolve("In the previous report?", [NEW], Editions([NEW], {})) == "In the 2023 report?"


# Plans


def plan(question: str, *documents: Document) -> Plan:
    return make_plan(question, documents, Editions(documents, {}), NAMES)


def scopes(found: Plan) -> list[tuple[set[str], tuple[int, ...]]]:
    return [(set(scope.documents), scope.years) for scope in found.scopes]


def names(*documents: Document) -> set[str]:
    return {d.name for d in documents}


def test_without_a_year_the_newest_of_each_series_comes_first() -> None:
    found = plan("Who is the chair?", *ALL)
    assert scopes(found) == [(names(NEW, OTHER_NEW, MAP, UNDATED), ()), (names(OLD, MIDDLE, OTHER_OLD), ())]
    assert (found.years, found.refusal) == ((), None)
    assert scopes(plan("Who is the chair?", OLD, OTHER_OLD)) == [(names(OLD, OTHER_OLD), ())]


def test_a_report_of_a_year_is_asked_alone() -> None:
    found = plan("What does the 2022 report say of members?", *ALL)
    assert scopes(found) == [(names(OLD), ())]
    assert found.scopes[0].wording("Who is chair in the 2022 report?") == "Who is chair?"
    assert found.years == (2022,)


def test_a_report_of_a_year_that_is_not_there_is_refused_with_the_years_that_are() -> None:
    found = plan("What does the ISECG report of 2025 say?", *ISECG, OTHER_NEW, MAP)
    assert found == Plan((), (2025,), "There is no report on 2025 here; there are reports on 2022, 2023 and 2024.")
    assert plan("What does the 2018 report say?", MAP, NEW) == Plan(
        (), (2018,), "There is no report on 2018 here; there is one on 2024."
    )
    assert (
        plan("What does the 2020 report say?", NEW).refusal == "There is no report on 2020 here; there is one on 2024."
    )


def test_documents_without_a_year_are_asked_for_a_report_that_is_not_there() -> None:
    assert scopes(plan("What does the 2020 report say?", NEW, UNDATED)) == [(names(UNDATED), ())]
    assert scopes(plan("Who was chair in 2020?", UNDATED)) == [(names(UNDATED), ())]


def test_a_time_asks_the_report_on_it_then_what_others_say_of_it() -> None:
    found = plan("Who chaired ISECG in 2023?", *ISECG, OTHER_NEW, UNDATED)
    assert scopes(found) == [
        (names(MIDDLE), ()),
        (names(NEW, OTHER_NEW, UNDATED), (2023,)),
        (names(OLD), (2023,)),
    ]
    assert [scope.wording("Who chaired ISECG in 2023?") for scope in found.scopes] == [
        "Who chaired ISECG?",
        "Who chaired ISECG in 2023?",
        "Who chaired ISECG in 2023?",
    ]
    assert found.refusal is None


def test_a_plan_for_a_year_asks_the_report_before_it_first() -> None:
    assert scopes(plan("What will ISECG do in 2023?", *ISECG))[:2] == [(names(OLD), (2023,)), (names(MIDDLE), ())]


def test_a_time_without_a_report_is_asked_of_what_speaks_of_it() -> None:
    found = plan("Who chaired ISECG in 2020?", *ISECG)
    assert scopes(found) == [(names(NEW), (2020,)), (names(OLD, MIDDLE), (2020,))]
    assert found.refusal == (
        "There is no report on 2020 here, and no other says this of 2020; there are reports on 2022, 2023 and 2024."
    )


def test_a_question_on_one_organisation_is_not_asked_of_another_s_report_of_that_year() -> None:
    found = plan("Who chaired ISECG in 2021?", *ISECG, OTHER_OLD)
    assert names(OTHER_OLD) not in [set(scope.documents) for scope in found.scopes]
    assert found.refusal is not None


def test_with_one_report_its_year_changes_nothing_in_the_question() -> None:
    (scope,) = plan("Who chaired ISECG in 2024?", NEW).scopes
    assert scope == Scope(frozenset(names(NEW)))
    assert scope.wording("Who chaired ISECG in 2024?") == "Who chaired ISECG in 2024?"


@pytest.mark.parametrize(
    ("heading", "text", "speaks"),
    [
        ("Scope", "By the end of 2022, there were 27.", True),
        ("Scope", "Since August 2022 there are 27.", True),
        ("Scope", "There are 27.", False),
        ("Webnews 2024", "In 2022 it began.", False),
        ("Outlook for 2022", "More to come.", True),
        ("Annex", "- ISECG Annual Report 2022", False),
        ("Annex", "The assessment (2022) was read.", True),
    ],
)
def test_whether_a_passage_speaks_of_a_year(heading: str, text: str, speaks: bool) -> None:
    passage = Passage(NEW.name, (heading,), 0, len(text), text, NEW.title)
    assert speaks_of((2022,), NEW, passage) == speaks
    assert speaks_of((), NEW, passage)
    assert speaks_of((2022,), UNDATED, passage)


def hit(of: Document, score: float) -> Hit:
    return Hit(Passage(of.name, (), 0, 1, "x", of.title), score, score, score, (), ())


def test_the_newest_of_about_equal_editions_is_read_first_and_other_series_keep_their_place() -> None:
    editions = Editions(ALL, {})
    hits = [hit(OLD, 0.9), hit(OTHER_NEW, 0.89), hit(MIDDLE, 0.85), hit(NEW, 0.7)]
    assert [h.passage.document for h in newest_first(hits, editions)] == [
        MIDDLE.name,
        OTHER_NEW.name,
        OLD.name,
        NEW.name,
    ]
    assert newest_first([], editions) == []


# Another year


@pytest.mark.parametrize(
    ("question", "bare"),
    [
        ("How many members did ISECG have in 2023?", "How many members did ISECG have?"),
        ("By the end of 2023, how many members were there?", "how many members were there?"),
        ("According to the 2023 annual report, who is chair?", "who is chair?"),
        ("Who was chair last year?", "Who was chair?"),
        ("When was the GER 2024 published?", "When was the GER 2024 published?"),
    ],
)
def test_a_question_for_any_year(question: str, bare: str) -> None:
    assert without_years(question) == bare


@pytest.mark.parametrize(
    ("turn", "year"),
    [
        ("and in 2023?", "in 2023"),
        ("2023?", "in 2023"),
        ("What about 2023", "in 2023"),
        ("And by the end of 2023?", "in 2023"),
        ("In the 2022 report?", "in the 2022 report"),
        ("And in last year's report?", "in the last year's report"),
        ("and the year before?", "the year before"),
        ("And last year?", "last year"),
        ("and who chaired it in 2023?", None),
        ("What about GER 2024?", None),
        ("and Norway?", None),
        ("", None),
    ],
)
def test_a_turn_that_asks_for_another_year_only(turn: str, year: str | None) -> None:
    assert other_year(turn) == year


@pytest.mark.parametrize(
    ("question", "year", "asked"),
    [
        ("How many members did ISECG have in 2022?", "in 2023", "How many members did ISECG have in 2023?"),
        ("How many members does ISECG have?", "in 2023", "How many members does ISECG have in 2023?"),
        ("How many members in 2022?", "the year before", "How many members in 2021?"),
        ("How many members in 2022?", "in the year after", "How many members in 2023?"),
        ("Who is chair?", "in the 2023 report", "Who is chair in the 2023 report?"),
        ("What does the 2022 report say of Mars?", "in the 2023 report", "What does the 2023 report say of Mars?"),
    ],
)
def test_the_same_question_of_another_year(question: str, year: str, asked: str) -> None:
    assert ask_of(question, year) == asked


@given(st.text(max_size=80) | st.text("in the report 2023/24last year's?", max_size=60))
def test_any_question_has_a_plan(question: str) -> None:
    editions = Editions(ALL, {})
    resolved = resolve(question, ALL, editions)
    found = make_plan(resolved, ALL, editions, NAMES)
    assert found.scopes or found.refusal
    other_year(question)


@pytest.mark.parametrize(
    "text", ["2023 " * 100, "the " * 125, "in the 2023 report " * 26, "annual " * 70, "last year's " * 40]
)
def test_long_questions_take_no_endless_time(text: str) -> None:
    test_any_question_has_a_plan.hypothesis.inner_test(text)  # type: ignore[attr-defined]
