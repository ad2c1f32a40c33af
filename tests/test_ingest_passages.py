"""Passages: verbatim, inside one section, in order, together the whole of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import as_document, reports

from ingest.document import Document, Section
from ingest.passages import MAX_CHARACTERS, MIN_CHARACTERS, Passage, split_passages
from ingest.sentences import SENTENCE, split_units


def check(document: Document, passages: list[Passage]) -> None:
    at = 0
    for passage in passages:
        assert passage.document == document.name
        assert passage.text == document.text[passage.start : passage.end]
        assert passage.text == passage.text.lstrip("\n").rstrip() != ""
        assert at <= passage.start
        at = passage.end
        section = document.section_at(passage.start)
        assert section is not None
        assert section.path == passage.section
        assert passage.end <= section.end


def of(document: Document, section: Section) -> list[Passage]:
    return [p for p in split_passages(document) if section.start <= p.start < section.end]


# The 2024 report


def test_the_passages_of_the_report(report: Document) -> None:
    passages = split_passages(report)
    check(report, passages)
    assert len(passages) == 34
    assert all(len(p.text) <= MAX_CHARACTERS for p in passages)
    assert all(report.text[p.start - 1] in "\n " for p in passages if p.start)


def test_the_contents_are_in_no_passage(report: Document) -> None:
    assert not [p for p in split_passages(report) if "Table of Contents" in p.text or "Background — 15" in p.text]
    assert [p.section for p in split_passages(report) if "Scope" in p.text.split("\n")] == [
        ("Annex IV: ISECG at a Glance", "Scope")
    ]


def test_a_heading_alone_is_no_passage_but_stands_in_the_path_below(report: Document) -> None:
    above = ("Outlook for 2025", "ISECG Working Groups")
    passages = split_passages(report)
    assert not [p for p in passages if p.section in {above[:1], above}]
    assert len([p for p in passages if p.section[:2] == above]) == 10


def test_a_list_stays_with_the_line_that_opens_it(report: Document) -> None:
    (opening,) = [p for p in split_passages(report) if "common set of exploration themes and benefits:" in p.text]
    assert opening.text.endswith("- Inspiration and education")


def test_no_sentence_of_the_report_is_cut_by_the_end_of_a_passage(report: Document) -> None:
    for section in report.sections:
        whole = [(u.start, u.end) for u in split_units(report.text, section.body, section.end)]
        cut = [(u.start, u.end) for p in of(report, section) for u in split_units(report.text, p.start, p.end)]
        if cut:
            assert cut[-len(whole) :] == whole


# What is searched


@pytest.mark.parametrize(
    ("section", "text", "expected"),
    [
        (("A", "B"), "B\n\nWords.", "T\nA\nB\n\nWords."),
        (("A", "B"), "More words.", "T\nA\nB\nMore words."),
        (("T",), "T\n\nWords.", "T\n\nWords."),
        (("T",), "Words.", "T\nWords."),
        ((), "Words.", "T\nWords."),
    ],
)
def test_the_title_and_the_headings_above_are_searched_once(section: tuple[str, ...], text: str, expected: str) -> None:
    assert Passage("d", section, 0, len(text), text, "T").searched == expected


def test_the_reader_does_not_read_the_title() -> None:
    """A PDF and a text of one report call themselves differently; they are to be answered alike."""
    assert Passage("d", ("A", "B"), 0, 6, "Words.", "T").read == "A\nB\nWords."
    assert Passage("d", ("A", "B"), 0, 9, "B\n\nWords.", "T").read == "A\nB\n\nWords."


@settings(max_examples=50, deadline=None)
@given(reports)
def test_what_is_searched_ends_with_what_is_quoted(source: str) -> None:
    assert all(p.searched.endswith(p.read) and p.read.endswith(p.text) for p in split_passages(as_document(source)))


# Where long sections are cut


def test_a_long_section_is_cut_between_paragraphs() -> None:
    paragraphs = [f"Paragraph {n}: " + "word " * 80 + "end." for n in range(5)]
    document = as_document("# Long\n\n" + "\n\n".join(paragraphs))
    assert [p.text for p in split_passages(document)] == [
        "Long\n\n" + "\n\n".join(paragraphs[:2]),
        "\n\n".join(paragraphs[2:4]),
        paragraphs[4],
    ]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    sentences = [f"Sentence {n} " + "word " * 30 + "end." for n in range(20)]
    document = as_document("# Long\n\n" + " ".join(sentences))
    passages = split_passages(document)
    assert len(passages) == 4
    assert all(len(p.text) <= MAX_CHARACTERS and p.text.endswith("end.") for p in passages)


@pytest.mark.parametrize("name", ["Dr. Smith", "the U.S. Government", "Prof. Jones", "J. Doe"])
def test_an_abbreviation_is_no_place_to_cut(name: str) -> None:
    sentences = [f"It was {name} who said {n} and " + "more " * n + "at last." for n in range(40)]
    document = as_document("# Long\n\n" + " ".join(sentences))
    found = [
        document.text[u.start : u.end]
        for p in split_passages(document)
        for u in split_units(document.text, p.start, p.end)
        if u.kind == SENTENCE
    ]
    assert found == ["Long", *sentences]


def test_a_long_list_is_cut_between_items() -> None:
    items = [f"- item {n} " + "word " * 20 + "end" for n in range(30)]
    passages = split_passages(as_document("# Long\n\n" + "\n".join(items)))
    assert "\n".join(p.text for p in passages) == "Long\n\n" + "\n".join(items)
    assert all(len(p.text) <= MAX_CHARACTERS for p in passages)


def test_a_short_last_piece_goes_with_the_one_before() -> None:
    long = "Word " * 150 + "end."
    passages = split_passages(as_document(f"# Long\n\n{long}\n\n{long}\n\nShort tail."))
    assert len(passages) == 2
    assert passages[1].text == f"{long}\n\nShort tail."


def test_headings_without_text_give_no_passages() -> None:
    assert split_passages(as_document("# One\n\n## Two\n\n### Three\n")) == []


# What holds for every report


@settings(max_examples=150, deadline=None)
@given(reports)
def test_passages_are_verbatim_in_order_and_inside_one_section(source: str) -> None:
    document = as_document(source)
    check(document, split_passages(document))


@settings(max_examples=100, deadline=None)
@given(reports)
def test_together_they_are_all_of_each_section_that_has_text(source: str) -> None:
    document = as_document(source)
    for section in document.sections:
        words = (
            document.text[section.start : section.end].split()
            if document.text[section.body : section.end].strip()
            else []
        )
        assert " ".join(p.text for p in of(document, section)).split() == words


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=60))
def test_no_passage_of_prose_is_much_too_long_or_too_short(lengths: list[int]) -> None:
    source = "# T\n\n" + " ".join("Word " + "and " * n + "end." for n in lengths)
    passages = split_passages(as_document(source))
    assert all(len(p.text) <= MAX_CHARACTERS + MIN_CHARACTERS for p in passages)
    assert all(len(p.text) >= MIN_CHARACTERS for p in passages[1:])
