"""Citations: verbatim or refused, and where they say they stand."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import as_document, reports

from answer.cite import Citation, NotVerbatim, cite
from ingest.document import Document, Page, Section

TEXT = "Cover\n\nMoon\n\nThe Moon is far and\nit is grey.\n\nEnd"
PAGED = Document(
    name="paged.pdf",
    sha256="ab" * 32,
    title="Paged report",
    year=2024,
    text=TEXT,
    pages=(Page(1, "ii", 0, 7), Page(2, "1", 7, 33), Page(3, "3", 33, len(TEXT))),
    sections=(Section(("Moon",), 7, 13, len(TEXT), "1"),),
)


def test_every_field_of_a_citation() -> None:
    start = TEXT.index("The Moon")
    end = TEXT.index("\n\nEnd")
    emphasis = (TEXT.index("it"), TEXT.index("it") + 2)
    assert cite(PAGED, start, end, emphasis, newest=2026) == Citation(
        document="paged.pdf",
        sha256="ab" * 32,
        title="Paged report",
        section=("Moon",),
        page=2,
        page_label="1",
        section_page="1",
        start=start,
        end=end,
        quote="The Moon is far and\nit is grey.",
        emphasis=emphasis,
        last_page=3,
        last_page_label="3",
        recognised=False,
        year=PAGED.year,
        newest=2026,
    )


@pytest.mark.parametrize(
    ("year", "newest", "older"), [(2023, 2024, True), (2024, 2024, False), (None, 2024, False), (2023, None, False)]
)
def test_a_citation_is_older_where_there_is_a_newer_edition(year: int | None, newest: int | None, older: bool) -> None:
    citation = cite(replace(PAGED, year=year), 0, 5, newest=newest)
    assert (citation.older, citation.to_dict()["older"]) == (older, older)


def test_the_page_is_that_of_the_quote_and_not_of_its_section() -> None:
    assert [cite(PAGED, at, at + 1).page for at in (0, 7, 32, 33, len(TEXT) - 1)] == [1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    ("at", "place"),
    [(0, "p. ii (PDF 1)"), (7, "p. 1 (PDF 2)"), (33, "p. 3")],
)
def test_places_with_pages(at: int, place: str) -> None:
    assert cite(PAGED, at, at + 1).place == place


def test_a_quote_over_a_page_break_names_both_pages() -> None:
    labels = ("ii", "12", "13")
    pages = tuple(replace(page, number=n + 13, label=labels[n]) for n, page in enumerate(PAGED.pages))
    document = replace(PAGED, pages=(*pages[:2], Page(99, "", 33, 33), pages[2]))  # one without text between them
    citation = cite(document, 20, 35)
    assert (citation.page, citation.page_label) == (14, "12")
    assert (citation.last_page, citation.last_page_label) == (15, "13")
    assert citation.place == "pp. 12–13 (PDF 14–15)"
    assert cite(PAGED, 0, len(TEXT)).place == "pp. ii–3 (PDF 1–3)"
    same = replace(PAGED, pages=tuple(replace(page, label=str(page.number)) for page in PAGED.pages))
    assert cite(same, 20, 35).place == "pp. 2–3"
    assert cite(same, 20, 33).place == "p. 2"


def test_text_that_was_recognised_in_a_scan_says_so() -> None:
    first, second, third = PAGED.pages
    document = replace(PAGED, pages=(first, replace(second, recognised=True), third))
    assert [cite(document, a, b).recognised for a, b in ((0, 7), (7, 9), (0, 8), (30, 40), (33, 40))] == [
        *(False, True, True, True, False)
    ]
    assert cite(document, 7, 9).place == "p. 1 (PDF 2), text recognised in a scan"
    assert cite(document, 7, 9).to_dict()["recognised"] is True


def test_places_without_pages(report: Document) -> None:
    at = report.text.index("By the end of 2022")
    assert cite(report, at, at + 10).place == "section from p. 15"
    assert cite(report, 0, 10).place == ""


def test_front_matter_and_the_contents_have_no_heading_of_their_own(report: Document) -> None:
    assert cite(PAGED, 0, 5).section == ()
    contents = report.text.index("Table of Contents")
    assert cite(report, contents, contents + 5).section == ()


@pytest.mark.parametrize("span", [(-1, 3), (3, 3), (5, 3), (0, len(TEXT) + 1), (len(TEXT), len(TEXT)), (-5, -2)])
def test_a_span_that_is_not_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(NotVerbatim, match=rf"^paged\.pdf has no text at {span[0]}:{span[1]}\.$"):
        cite(PAGED, *span)


def test_as_the_contract_says(report: Document) -> None:
    row = cite(report, 1165, 1182).to_dict()
    assert (
        json.loads(json.dumps(row))
        == row
        == {
            "document": "isecg-annual-report-2024.txt",
            "sha256": "b46d3f12ef0425d8b2a53ea3a3b1109dacc2192cc5a46bb67c8f920c9f36829b",
            "title": "2024 Annual Report",
            "section": ["Executive Summary"],
            "page": None,
            "page_label": None,
            "section_page": "3",
            "start": 1165,
            "end": 1182,
            "quote": "Executive Summary",
            "emphasis": None,
            "last_page": None,
            "last_page_label": None,
            "recognised": False,
            "year": 2024,
            "newest": None,
            "older": False,
        }
    )


@settings(max_examples=60, deadline=None)
@given(reports, st.data())
def test_a_citation_is_verbatim_wherever_it_stands(source: str, data: st.DataObject) -> None:
    document = as_document(source)
    start = data.draw(st.integers(0, len(document.text) - 1))
    end = data.draw(st.integers(start + 1, len(document.text)))
    citation = cite(document, start, end)
    assert citation.quote == document.text[citation.start : citation.end]
    section = document.section_at(start)
    assert citation.section == (section.path if section else ())
