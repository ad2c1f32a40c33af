"""The chat's HTML: reports' text as blocks, turns and sources, and the words around them."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import SCOPE, SMALL, Page

from answer.cite import cite
from answer.pipeline import Assistant
from chat import blocks, panel, render, words
from chat.export import footnoted, link
from chat.turns import Desk, Source, Turn
from ingest.document import Document, Section
from ingest.document import Page as DocumentPage


@pytest.fixture(scope="module")
def desk(built_index: Path) -> Desk:
    return Desk(Assistant.open(built_index))


def test_lists_headings_and_rows_keep_their_form() -> None:
    assert blocks.to_html(SMALL, 0, len(SCOPE)) == (
        '<p dir="auto" class="heading">Scope</p>'
        '<p dir="auto">The scope is broad:</p>'
        '<ul><li dir="auto">Open<ul><li dir="auto">to all</li><li dir="auto">&lt;b&gt;always&lt;/b&gt;</li></ul></li>'
        '<li dir="auto">Flexible</li></ul>'
        '<p dir="auto">Norway — NOSA<br>Poland — POLSA</p>'
    )


def test_a_quote_is_marked_across_blocks_with_its_emphasis_inside() -> None:
    start, end = SCOPE.index("broad"), SCOPE.index("to all") + len("to all")
    emphasis = (SCOPE.index("Open"), SCOPE.index("Open") + 4)
    assert blocks.to_html(SMALL, 7, end, (("mark", (start, end)), ("strong", emphasis))) == (
        '<p dir="auto">The scope is <mark>broad:</mark></p>'
        '<ul><li dir="auto"><mark><strong>Open</strong></mark>'
        '<ul><li dir="auto"><mark>to all</mark></li></ul></li></ul>'
    )


def test_a_quote_that_begins_after_its_list_marker_is_an_item() -> None:
    start = SCOPE.index("to all")
    assert blocks.to_html(SMALL, start, start + 6) == '<ul><li dir="auto">to all</li></ul>'


def test_blocks_outside_the_focus_stand_back() -> None:
    focus = (SCOPE.index("The scope"), SCOPE.index("broad"))
    html_blocks = blocks.to_html(SMALL, 0, SCOPE.index("- Open"), focus=focus)
    assert html_blocks == '<p dir="auto" class="aside heading">Scope</p><p dir="auto">The scope is broad:</p>'


@given(st.data(), st.text(alphabet="ab &<>\"'`${}*[]()!#-\n\u202e\u2066\x00é", max_size=120))
def test_no_text_becomes_markup_and_the_marked_words_are_the_quote(data: st.DataObject, text: str) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    inner = data.draw(st.integers(start, end))
    document = Document("d", "0", "d", None, text, (), (Section(("d",), 0, 0, len(text)),))
    page = Page(blocks.to_html(document, 0, len(text), (("mark", (start, end)), ("strong", (inner, end)))))
    assert {tag for tag, _ in page.tags} <= {"p", "ul", "li", "br", "mark", "strong"}
    assert {name for _, attributes in page.tags for name in attributes} <= {"dir", "class"}
    assert page.open == []

    def seen(a: int, b: int) -> str:
        markers = {i for m in re.finditer(r"(?m)^(?:  )*- ", text) for i in range(*m.span())}
        return blocks.plain("".join(c for i, c in enumerate(text[a:b], a) if i not in markers and c != "\n"))

    assert (page.text, page.marked, page.strong) == (seen(0, len(text)), seen(start, end), seen(inner, end))


def test_characters_that_reorder_text_are_not_shown() -> None:
    assert blocks.escape("a\u202eb\u2066c\u200f\x00\x1b[0m\ud800é <") == "abc[0mé &lt;"


@pytest.mark.parametrize(
    ("text", "short"),
    [("one two", "one two"), ("one two three", "one two …"), ("x" * 12, "x" * 10 + " …"), ("a\n b", "a b")],
)
def test_a_long_text_is_cut_between_words(text: str, short: str) -> None:
    assert blocks.shorten(text, 10) == short


def test_the_panel_marks_exactly_the_quote_in_the_report(desk: Desk) -> None:
    turn = desk.ask("What common exploration themes and benefits does the GES identify?")
    citation = turn.sources[0].citation
    page = Page(panel.panel([turn], 0, 0))
    assert page.marked == re.sub(r"\n+(?:- )?", "", citation.quote)
    assert "In May 2007, an initial group of 14 space agencies" in page.text  # the text before
    assert "One of the many Framework document findings" in page.text  # and after
    assert {"2024 Annual Report", "section from p. 15"} <= set(
        re.findall(r">([^<>]+)</(?:h2|p)>", panel.panel([turn], 0, 0))
    )


def test_a_source_says_its_pages_and_that_its_text_was_recognised() -> None:
    pages = (DocumentPage(14, "12", 0, 30), DocumentPage(15, "13", 30, len(SCOPE), recognised=True))
    document = replace(SMALL, pages=pages)
    turn = Turn("?", sources=(Source(document, cite(document, 7, 40), answers=True),))
    place = "pp. 12–13 (PDF 14–15), text recognised in a scan"
    assert place in Page(panel.panel([turn], 0, 0)).text
    assert place in words.copied([turn.sources[0].citation])


def test_the_panel_of_a_near_section_marks_nothing(desk: Desk) -> None:
    turn = desk.ask("What is the best recipe for a vegetarian lasagne?")
    page = Page(panel.panel([turn], 0, 2))
    assert page.marked == ""
    assert words.NEAR_NOTE in page.text
    assert page.values("data-open") == ["1-3"]
    assert page.values("disabled") == [None]  # there is no source after the third


def test_questions_and_reports_are_text_wherever_they_stand() -> None:
    evil = '"><img src=x onerror=alert(1)>\u202e![x](http://203.0.113.7/x)'
    document = Document(evil, "0", evil, None, evil, (), (Section((evil, evil), 0, 0, len(evil), evil),))
    turn = Turn(evil, sources=(Source(document, cite(document, 0, len(evil)), answers=False),), problem=evil)
    for source in (
        render.conversation([turn, Turn(evil)], (evil,), [document]),
        render.conversation([], (evil,), [document]),
        panel.panel([turn], 0, 0),
    ):
        page = Page(source)
        assert {tag for tag, _ in page.tags}.isdisjoint({"img", "a", "script", "iframe", "form"})
        assert blocks.plain(evil) in page.text
        assert "\u202e" not in html.unescape(source)


def test_sources_are_numbered_and_named_by_turn(desk: Desk) -> None:
    turns = [desk.ask("What is ISECG?"), desk.ask("What is the best recipe for a vegetarian lasagne?")]
    page = Page(render.conversation(turns, (), desk.documents))
    first = [f"1-{n}" for n in range(1, len(turns[0].sources) + 1)]
    assert page.values("data-source") == [*first, "2-1", "2-2", "2-3"]
    citations = [source.citation for source in turns[0].sources]
    assert page.values("data-copy") == [words.copied(citations), footnoted(citations)]
    assert page.values("data-link") == [link(turn.question, ()) for turn in turns]


@pytest.mark.parametrize(
    ("probability", "sentence"),
    [
        (1.0, "99 % likely to be right"),
        (0.879, "87 % likely to be right"),
        (0.6, "60 % likely to be right"),
        (0.59, "59 % likely to be right: check the source"),
        (0.0, "1 % likely to be right: check the source"),
    ],
)
def test_confidence_is_rounded_down_and_never_certain(probability: float, sentence: str) -> None:
    assert words.confidence(probability) == sentence


def test_reports_are_told_apart_in_the_filter() -> None:
    twin = replace(SMALL, name="twin.txt")
    other = replace(SMALL, title="Report for 2030", year=2030)
    assert words.report_labels([SMALL, twin, other]) == [
        "2031: Small Report (small.txt)",
        "2031: Small Report (twin.txt)",
        "Report for 2030",
    ]
    assert words.count_reports([SMALL]) == "the Small Report"
    assert words.count_reports([SMALL, twin]) == "2 reports (2031)"
    assert words.count_reports([SMALL, twin, other]) == "3 reports (2030–2031)"


def test_a_copied_answer_carries_where_it_stands() -> None:
    assert words.copied([cite(SMALL, 7, 26)]) == "“The scope is broad:”\n— Small Report, Scope, section from p. 4"
