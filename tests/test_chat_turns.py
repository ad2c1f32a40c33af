"""The chat's desk: asking on behalf of a tab, the sources of a turn, a new index between questions."""

import re
import shutil
from pathlib import Path

import pytest
from conftest import REPORT
from hypothesis import given
from hypothesis import strategies as st
from pages import SMALL, Page

from answer.cite import cite
from answer.pipeline import Assistant
from chat import panel, render, words
from chat.turns import Desk, Source, Turn, find_source
from index.build import update
from index.embed import SentenceEncoder


@pytest.fixture(scope="module")
def desk(built_index: Path) -> Desk:
    return Desk(Assistant.open(built_index))


SUGGESTED = {
    "When was the Global Exploration Roadmap 2024 published?": "August 2024",
    "What is the goal of the Technology Working Group?": "to identify and raise awareness on critical technology gaps",
    "What common exploration themes and benefits does the GES identify?": "- A global partnership",
    "Why is the Science White Paper being revised?": "to reflect the updated themes",
    "What is ISECG?": "voluntary, non-binding coordination forum",
}


def test_every_suggested_question_is_answered_rightly(desk: Desk) -> None:
    assert desk.suggestions == words.SUGGESTIONS == tuple(SUGGESTED)
    for question, fact in SUGGESTED.items():
        answer = desk.ask(question).answer
        assert answer is not None
        assert fact in answer.text


def test_each_citation_of_an_answer_can_be_opened(desk: Desk) -> None:
    turn = desk.ask("When was the Global Exploration Roadmap 2024 published?")
    assert turn.answer is not None
    assert tuple(source.citation for source in turn.sources) == turn.answer.citations
    assert all(source.answers for source in turn.sources)


def test_a_refusal_brings_the_nearest_sections_each_once(desk: Desk) -> None:
    turn = desk.ask("What is the best recipe for a vegetarian lasagne?")
    assert turn.answer is not None
    assert turn.answer.refusal
    sections = [source.citation.section for source in turn.sources]
    assert len(sections) == len(set(sections)) == 3
    assert not any(source.answers for source in turn.sources)
    assert turn.sources[0].citation == turn.answer.places[0]


def test_a_question_that_cannot_be_asked_becomes_a_sentence(desk: Desk) -> None:
    turn = desk.ask("why " * 1000)
    assert turn.answer is None
    assert turn.problem == "The question has 3999 characters; at most 500 are read. Shorten it."
    assert "at most 500 are read" in Page(render.conversation([turn], (), desk.documents)).text


def test_a_follow_up_is_understood_from_the_turns_that_were_answered(desk: Desk) -> None:
    earlier = (desk.ask("Was the Critical Technology List updated?"), Turn("x" * 600, problem="too long"))
    answer = desk.ask("In which chapter of the roadmap is it?", earlier).answer
    assert answer is not None
    assert answer.understood_as is not None
    assert "Critical Technology List" in answer.understood_as
    assert "xxx" not in answer.understood_as


def test_a_new_index_is_taken_up_and_old_sources_still_open(tmp_path: Path, encoder: SentenceEncoder) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(REPORT, corpus)
    update(tmp_path / "index", [corpus], encoder)
    desk = Desk(Assistant.open(tmp_path / "index"))
    old = desk.ask("When was the Global Exploration Roadmap 2024 published?")

    (corpus / REPORT.name).unlink()
    (corpus / "invented.md").write_text("# Invented Report 2031\n\nThe invented agency has 31 invented members.\n")
    update(tmp_path / "index", [corpus], encoder)

    new = desk.ask("How many invented members has the invented agency?", (old,), [REPORT.name])  # a filter of before
    assert [document.name for document in desk.documents] == ["invented.md"]
    assert {source.document.name for source in new.sources} == {"invented.md"}
    assert "August 2024" in Page(panel.panel((old, new), 0, 0)).marked
    assert "When was the Global Exploration Roadmap 2024 published?" not in desk.suggestions


def test_a_filter_limits_the_reports_asked(tmp_path: Path, encoder: SentenceEncoder) -> None:
    for name, number in (("one", 11), ("two", 22)):
        (tmp_path / f"{name}.md").write_text(
            f"# Report of agency {name}\n\n## Members\n\nThe agency has {number} members.\n"
        )
    update(tmp_path / "index", [tmp_path / "one.md", tmp_path / "two.md"], encoder)
    turn = Desk(Assistant.open(tmp_path / "index")).ask("How many members are there?", (), ["two.md"])
    assert {source.document.name for source in turn.sources} == {"two.md"}


@pytest.mark.parametrize(
    ("key", "found"), [("1-1", (0, 0)), ("2-3", (1, 2)), ("2-4", None), ("3-1", None), ("0-1", None), ("1-0", None)]
)
def test_a_source_is_found_by_its_key(key: str, found: tuple[int, int] | None) -> None:
    source = Source(SMALL, cite(SMALL, 7, 26), answers=True)
    assert find_source([Turn("a", sources=(source,)), Turn("b", sources=(source,) * 3)], key) == found


@given(
    st.one_of(st.none(), st.integers(), st.text(), st.from_regex(r"[-+0-9١²]{1,6}-[-+0-9١²]{1,6}"), st.lists(st.text()))
)
def test_no_key_of_a_browser_finds_what_is_not_there(key: object) -> None:
    turns = [Turn("a", sources=(Source(SMALL, cite(SMALL, 7, 26), answers=True),))]
    found = find_source(turns, key)
    assert found == ((0, 0) if re.fullmatch("0*1-0*1", str(key)[:20]) else None)
