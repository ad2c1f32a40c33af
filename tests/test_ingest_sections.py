"""Sections: heading paths, the pages that the table of contents gives them, title and year."""

import pytest
from hypothesis import given, settings
from texts import as_document, reports

from ingest.document import Document, Section
from ingest.extract import Extract, Heading
from ingest.sections import to_document
from ingest.text import extract_text

OUTLOOK = ("Outlook for 2025", "ISECG Working Groups")
DONE = "Highlights, Achievements, and Special Projects in 2024"
ANNEX = "Annex III: ISECG Working Groups"


def headed(document: Document) -> list[Section]:
    """The sections that begin with their heading: the front matter does not."""
    return [section for section in document.sections if section.body > section.start]


def paths(source: str) -> list[tuple[tuple[str, ...], str | None]]:
    return [(section.path, section.page_label) for section in headed(as_document(source))]


# The 2024 report


def test_the_sections_of_the_report_with_their_pages(report: Document) -> None:
    assert [(section.path, section.page_label) for section in headed(report)] == [
        (("Executive Summary",), "3"),
        ((DONE,), "4"),
        ((DONE, "The 2024 Global Exploration Roadmap"), "4"),
        ((DONE, "Benefits Stemming from Space Exploration – Second Edition"), "4"),
        ((DONE, "Technology Working Group"), "4"),
        (OUTLOOK[:1], "6"),
        (OUTLOOK, "6–7"),
        (
            (
                *OUTLOOK,
                "Exploration Roadmap Working Group (ERWG) & International Architecture Working Group (IAWG)",
            ),
            "6–7",
        ),
        ((*OUTLOOK, "Technology Working Group (TWG)"), "6–7"),
        ((*OUTLOOK, "Strategic Communications Working Group and Tiger Team (SCWG-TT)"), "6–7"),
        ((*OUTLOOK, "Science Working Group (SWG)"), "6–7"),
        ((*OUTLOOK, "Emerging Space Agencies Working Group (ESAWG)"), "6–7"),
        ((*OUTLOOK, "Commercialisation Working Group"), "6–7"),
        (("Annex I: Publications",), "9"),
        (("Annex I: Publications", "ISECG Webnews 2024"), "9"),
        (("Annex I: Publications", "ISECG Publications 2024"), "9"),
        (("Annex II: ISECG Members",), "10"),
        ((ANNEX,), "13"),
        ((ANNEX, "Exploration Roadmap Working Group (ERWG)"), "13"),
        ((ANNEX, "International Architecture Working Group (IAWG)"), "13"),
        ((ANNEX, "Strategic Communications Working Group (SCWG)"), "13"),
        ((ANNEX, "Science Working Group (SWG)"), "13"),
        ((ANNEX, "Technology Working Group (TWG)"), "13"),
        ((ANNEX, "Commercial Working Group (CWG)"), "14"),
        ((ANNEX, "Emerging Space Agencies Working Group (ESAWG)"), "14"),
        (("Annex IV: ISECG at a Glance",), "15"),
        (("Annex IV: ISECG at a Glance", "Scope"), "15"),
        (("Annex IV: ISECG at a Glance", "Background"), "15"),
    ]


def test_the_report_s_title_and_year(report: Document) -> None:
    assert (report.name, report.title, report.year) == ("isecg-annual-report-2024.txt", "2024 Annual Report", 2024)
    assert report.sha256 == "b46d3f12ef0425d8b2a53ea3a3b1109dacc2192cc5a46bb67c8f920c9f36829b"
    assert report.pages == ()


def test_the_contents_are_in_no_section(report: Document) -> None:
    start = report.text.index("Table of Contents")
    end = report.text.index("Background — 15") + len("Background — 15")
    assert not [s for s in report.sections if s.start < end and s.end > start]
    assert report.section_at(start + 200) is None


def test_where_an_offset_stands(report: Document) -> None:
    at = report.text.index("By the end of 2022, ISECG membership counted 27")
    section = report.section_at(at)
    assert section is not None
    assert (section.path, section.page_label) == (("Annex IV: ISECG at a Glance", "Scope"), "15")
    assert report.page_at(at) is None


# Pages from the contents


def test_a_heading_that_begins_like_the_one_before_has_its_own_page() -> None:
    source = "R\n\nContents\n\n| Space Economy | 5 |\n| Space | 9 |\n\nSpace Economy\n\nMoney.\n\nSpace\n\nBig.\n"
    assert paths(source) == [(("Space Economy",), "5"), (("Space",), "9")]


def test_a_heading_that_comes_twice_has_both_pages() -> None:
    contents = "R\n\nContents\n\n| Members | 3 |\n| Annex | 8 |\n| Members | 9 |\n\n"
    assert paths(f"{contents}Members\n\nSix.\n\nAnnex\n\nMembers\n\nSeven.\n") == [
        (("Members",), "3"),
        (("Annex",), "8"),
        (("Annex", "Members"), "9"),
    ]


def test_a_damaged_row_gives_its_pages_to_all_headings_in_it() -> None:
    source = "R\n\nContents\n\n| Moon Mars Venus | 2 2 4 |\n| Earth | 6 |\n\nMoon\n\nA.\n\nMars\n\nB.\n\nEarth\n\nC.\n"
    assert [label for _, label in paths(source)] == ["2–4", "2–4", "6"]


def test_marked_headings_that_the_contents_do_not_list_have_no_page() -> None:
    source = "# R\n\nContents\n\n| Moon | 2 |\n| Mars | 4 |\n\n# Moon\n\nA.\n\n# Venus\n\nB.\n\n# Mars\n\nC.\n"
    assert paths(source) == [(("R",), None), (("Moon",), "2"), (("Venus",), None), (("Mars",), "4")]


# Paths


def test_levels_make_the_path_even_where_one_is_left_out() -> None:
    source = "# A\n\n### B\n\ntext\n\n## C\n\ntext\n\n# D\n\ntext\n"
    assert [path for path, _ in paths(source)] == [("A",), ("A", "B"), ("A", "C"), ("D",)]


def test_text_before_the_first_heading_stands_under_the_title() -> None:
    document = as_document("Preface of all.\n\n# One\n\nText.\n")
    assert [(s.path, document.text[s.start : s.end].strip()) for s in document.sections] == [
        (("Preface of all.",), "Preface of all."),
        (("One",), "One\n\nText."),
    ]


# Title and year


def extract(text: str, title: str | None) -> Extract:
    return Extract(title, text)


@pytest.mark.parametrize(
    ("title", "name", "text", "expected"),
    [
        ("2024 Annual Report", "report-2023.txt", "In 2019 it began.", 2024),
        ("Annual Report", "isecg-annual-report-2023.pdf", "In 2019 it began.", 2023),
        ("Annual Report", "r.txt", "Annual Report for 2021\n\nIn 2019 it began.", 2021),
        ("A Report", "r.txt", "The 2020 annual report of the group.", 2020),
        ("A Report", "r.txt", "In 2019 it began.", None),
        ("Form 120240", "12024x.txt", "no year", None),
    ],
)
def test_the_year_comes_from_title_then_name_then_cover(title: str, name: str, text: str, expected: int | None) -> None:
    assert to_document(name, "0", extract(text, title)).year == expected


@pytest.mark.parametrize("title", [None, "", "  "])
def test_a_report_without_a_title_is_called_by_its_file(title: str | None) -> None:
    assert to_document("a.b.txt", "0", extract("text", title)).title == "a.b"


# What holds for every report


@settings(max_examples=100, deadline=None)
@given(reports)
def test_sections_lie_in_order_and_begin_with_their_headings(source: str) -> None:
    document = as_document(source)
    at = 0
    for section in document.sections:
        assert at <= section.start <= section.body <= section.end <= len(document.text)
        assert section.path
        assert document.text[section.start : section.end].strip()
        if section.body > section.start:
            assert document.text[section.start : section.body].strip() == section.path[-1]
        assert document.section_at(section.start) == section
        assert document.section_at(section.end - 1) == section
        at = section.end


@settings(max_examples=100, deadline=None)
@given(reports)
def test_all_text_is_in_a_section_but_for_the_contents(source: str) -> None:
    document = as_document(source)
    outside = document.text
    for start, end in sorted(
        [*((s.start, s.end) for s in document.sections), *extract_text(source).skipped], reverse=True
    ):
        outside = outside[:start] + outside[end:]
    assert not outside.strip()


def test_a_heading_in_the_contents_span_leaves_the_rest_of_its_section() -> None:
    text = "Moon\n\nbefore\n\nSKIPPED\n\nafter"
    skip = (text.index("SKIPPED"), text.index("\n\nafter"))
    document = to_document("a.txt", "0", Extract("T", text, headings=(Heading(1, 0, 4),), skipped=(skip,)))
    assert [(s.path, text[s.body : s.end].strip()) for s in document.sections] == [
        (("Moon",), "before"),
        (("Moon",), "after"),
    ]
