"""Text and Markdown reports: every repair, what is refused, and what no file may do to the reader."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import as_document, reports

from ingest.document import Document, Unreadable
from ingest.text import extract_text, fold, read_text

LIST_LINE = re.compile(r"(?: {2})*- \S")


def text_of(source: str) -> str:
    return extract_text(source).text


def read(folder: Path, raw: bytes) -> str:
    file = folder / "a.txt"
    file.write_bytes(raw)
    return read_text(file).text


def reason(folder: Path, raw: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read(folder, raw)
    return str(caught.value)


# The 2024 report


@pytest.mark.parametrize(
    "words",
    [
        "a voluntary, non-binding coordination mechanism among interested space agencies. This call led to",
        "ESAWG will enhance coordination with other ISECG working groups, ensuring broader engagement",
    ],
)
def test_the_sentence_cut_by_the_page_break_is_whole(report: Document, words: str) -> None:
    assert words in report.text


def test_bullets_are_nested_as_in_the_report(report: Document) -> None:
    start = report.text.index("- Open and inclusive")
    lines = report.text[start : report.text.index("\n\n", start)].split("\n")
    assert [(len(line) - len(line.lstrip(" ")), line.lstrip(" ")[:28]) for line in lines] == [
        (0, "- Open and inclusive"),
        (2, "- ISECG receives inputs from"),
        (2, "- ISECG provides for consult"),
        (0, "- Flexible and evolutionary"),
        (2, "- Existing consultation and "),
        (0, "- Effective"),
        (2, "- ISECG workshops and produc"),
        (0, "- Of mutual interest"),
        (2, "- ISECG activities benefit a"),
        (0, "- ISECG activities allow for"),
        (2, "- ISECG participants focus o"),
    ]


def test_emphasis_and_tags_of_the_report_are_gone(report: Document) -> None:
    assert "*" not in report.text
    assert "<" not in report.text
    assert "ISECG released the 2nd edition of Benefits stemming from space exploration in August 2024." in report.text
    assert "the formulation of Terms of Reference (ToR)." in report.text
    assert "State Space Agency of Ukraine (SSAU)" in report.text


def test_the_line_of_damaged_arabic_is_one_block_with_its_english_name(report: Document) -> None:
    blocks = report.text.split("\n\n")
    assert [block for block in blocks if "UAE SPACE AGENCY" in block] == ["وكبالة الإمبارات للفضياء UAE SPACE AGENCY"]


def test_the_contents_of_the_report_are_read(report: Document) -> None:
    source = (Path(__file__).parent.parent / "corpus" / "isecg-annual-report-2024.txt").read_text("utf-8")
    contents = extract_text(source).contents
    assert len(contents) == 22
    assert contents[0] == ("Executive Summary", "3")
    assert contents[-1] == ("Background", "15")
    assert contents[6][0].startswith("ISECG Working Groups Exploration Roadmap Working Group (ERWG)")
    assert contents[6][1] == "6–7"


# Repairs, one by one


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("one\ntwo", "one two"),
        ("one\r\ntwo.\r\rthree.", "one two.\n\nthree."),
        ("a\u00adb \ufeffc\u200bd", "ab cd"),
        ("a *b c* d **e** ***f***", "a b c d e f"),
        ("**UAE *Space* Agency**", "UAE Space Agency"),
        ("3*4*5 and f(x)*g", "3*4*5 and f(x)*g"),
        ("x <u>y</u> H<sub>2</sub>O <b>z</b>", "x y H 2 O z"),
        ("a < b and c > d", "a < b and c > d"),
        ("> quoted\n> on two lines", "quoted on two lines"),
        ("| a | b |\n|:--|--:|\n| c d | e |", "a — b\nc d — e"),
        ("| a | | c |", "a — c"),
        ("- one\n- two\n  wrapped\n", "- one\n- two wrapped"),
        ("* one\n\t* two\n\t\t* three", "- one\n  - two\n    - three"),
        ("These are:\n- one\n- two", "These are:\n\n- one\n- two"),
        ("- a\n - o Below", "- a\n  - Below"),
        ("– a dash\n• a dot", "- a dash\n- a dot"),
        ("-5 degrees", "-5 degrees"),
        ("- **\n- b", "- b"),
        ("A sentence that is\n\ncut here.", "A sentence that is cut here."),
        ("A sentence that is\n\n(really) cut.", "A sentence that is (really) cut."),
        ("It ends.\n\nlower case", "It ends.\n\nlower case"),
        ('He said "so."\n\nand left', 'He said "so."\n\nand left'),
        ("Mexico\n\nNorway", "Mexico\n\nNorway"),
    ],
)
def test_repairs(source: str, expected: str) -> None:
    assert text_of(source) == expected


@pytest.mark.parametrize(
    ("source", "heading", "level"),
    [
        ("# One\n\nText.", "One", 1),
        ("### Three ###\nText.", "Three", 3),
        ("## *Em* and **bold**", "Em and bold", 2),
        ("# Written in C#", "Written in C#", 1),
    ],
)
def test_marked_headings(source: str, heading: str, level: int) -> None:
    extract = extract_text(source)
    (found,) = extract.headings
    assert (extract.text[found.start : found.end], found.level) == (heading, level)


def test_a_hash_without_a_space_is_no_heading() -> None:
    assert extract_text("#hashtag is a word").headings == ()


def test_numbered_headings_without_marks_get_levels_by_their_numbers() -> None:
    extract = extract_text("Report\n\n1 Scope\n\nText.\n\n1.1 Detail\n\nText.\n\n2 Outlook\n\nText.\n")
    assert [(extract.text[h.start : h.end], h.level) for h in extract.headings] == [
        ("1 Scope", 1),
        ("1.1 Detail", 2),
        ("2 Outlook", 1),
    ]


CONTENTS = "Report\n\nContents\n\n{}\n\nIntroduction\n\nHello.\n\nSpace Economy\n\nMoney.\n"


@pytest.mark.parametrize(
    "entries",
    [
        "Introduction ........ 1\nSpace Economy ....... 5",
        "Introduction\t1\nSpace Economy\t5",
        "Introduction           1\nSpace Economy          5",
        "Introduction…………1\n\nSpace Economy…………5",
        "| Introduction | 1 |\n|---|---|\n| Space Economy | 5 |",
        "- Introduction ..... 1\n- Space Economy .... 5",
    ],
)
def test_contents_in_their_usual_forms(entries: str) -> None:
    extract = extract_text(CONTENTS.format(entries))
    assert extract.contents == (("Introduction", "1"), ("Space Economy", "5"))
    assert [extract.text[h.start : h.end] for h in extract.headings] == ["Introduction", "Space Economy"]
    kept = extract.text
    for start, end in reversed(extract.skipped):
        kept = kept[:start] + kept[end:]
    assert kept.split() == ["Report", "Introduction", "Hello.", "Space", "Economy", "Money."]


def test_a_section_called_contents_without_pages_is_text() -> None:
    extract = extract_text("# Contents\n\nThe box holds a rock.\n")
    assert extract.contents == ()
    assert extract.skipped == ()
    assert extract.text == "Contents\n\nThe box holds a rock."


def test_the_title_is_the_first_short_block() -> None:
    assert extract_text("2024 Annual Report\n\nMay 2025\n\nText.").title == "2024 Annual Report"
    assert extract_text("# **Marked** title\n\nText.").title == "Marked title"
    assert extract_text("x" * 200).title is None


def test_terminal_and_bidi_controls_do_not_survive() -> None:
    assert text_of("a\x1b[31mred\x07 \u202egnol\u202c \u2066b\u2069 \x7f\x9bc") == "a[31mred gnol b c"


# What is refused


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "The file is empty."),
        (b" \n\t\r\n ", "The file is empty."),
        (b"abc \xff def", "The file is not UTF-8 text (byte 4); save it as UTF-8."),
        ("Bericht über".encode("cp1252"), "The file is not UTF-8 text (byte 8); save it as UTF-8."),
        ("Report".encode("utf-16"), "The file is not UTF-8 text (byte 0); save it as UTF-8."),
        (b"PK\x00\x01 text", "The file holds binary data, not text."),
        (b"\xef\xbb\xbf", "The file holds no text."),
        (b"**\n\n- **\n", "The file holds no text."),
        ("\u00ad\u200b".encode(), "The file holds no text."),
    ],
)
def test_what_is_refused_and_why(tmp_path: Path, raw: bytes, expected: str) -> None:
    assert reason(tmp_path, raw) == expected


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfReport") == "Report"


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_text(tmp_path / "none.txt")


# What holds for every file


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.binary(max_size=300), st.text(st.characters(exclude_categories=["Cs"]), max_size=300).map(str.encode))
)
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.txt"
    file.write_bytes(raw)
    try:
        extract = read_text(file)
    except Unreadable:
        return
    assert extract.text.strip()


@settings(max_examples=100, deadline=None)
@given(reports)
def test_the_text_is_canonical(source: str) -> None:
    extract = extract_text(source)
    assert extract.text == extract.text.strip("\n")
    assert "\n\n\n" not in extract.text
    assert not re.search(r"[\r\t\x0b\x0c\x85\u2028\u2029]", extract.text)
    assert all(line == line.rstrip() for line in extract.text.split("\n"))
    at = 0
    for heading in extract.headings:
        assert at <= heading.start < heading.end <= len(extract.text)
        assert heading.level >= 1
        assert "\n" not in extract.text[heading.start : heading.end]
        assert extract.text[: heading.start].endswith("\n\n") or heading.start == 0
        assert extract.text[heading.end :].startswith("\n\n") or heading.end == len(extract.text)
        at = heading.end


@settings(max_examples=60, deadline=None)
@given(reports)
def test_no_word_is_lost_or_made_up(source: str) -> None:
    """Letters and digits come out as they went in; only a bullet's "o" and the names of tags may go."""
    before = re.sub(r"</?(?:u|b|i|em|strong|sup|sub|br)\s*/?>", " ", source, flags=re.IGNORECASE)
    before = re.sub(r"(?m)^([ \t>]*(?:[-*•◦▪‣–][^\S\n]+)?)o(?=\s+[A-Z])", r"\1", before)
    after = extract_text(source).text
    assert "".join(c for c in after if c.isalnum()) == "".join(c for c in before if c.isalnum())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["alpha", "Beta", "gamma delta"])), min_size=1, max_size=12)
)
def test_a_list_keeps_its_items_and_their_nesting(items: list[tuple[int, str]]) -> None:
    text = text_of("\n".join("    " * level + f"- {words}" for level, words in items))
    depths = sorted({level for level, _ in items})
    assert text.split("\n") == ["  " * depths.index(level) + f"- {words}" for level, words in items]
    assert all(LIST_LINE.match(line) for line in text.split("\n"))


@pytest.mark.parametrize(
    "source",
    [
        "Contents\n\na" + " " * 40_000 + "x",
        "Contents\n\n" + "1" * 40_000 + "x",
        "*a " * 40_000,
        "# " + " " * 40_000 + "x",
        "# a" + " " * 40_000 + "x",
        "<u" * 40_000,
        "a\n" * 40_000,
        "- a\n" * 20_000,
    ],
)
def test_a_large_or_hostile_file_takes_no_endless_time(source: str) -> None:
    """Each of these once took minutes, or would; pytest's own time limit is the judge."""
    assert extract_text(source).text


def test_fold_compares_headings_with_their_entries() -> None:
    assert fold("Annex II: ISECG_Members – “Überblick”") == "annex ii isecg members überblick"


@settings(max_examples=60, deadline=None)
@given(reports)
def test_reading_twice_gives_the_same(source: str) -> None:
    assert as_document(source) == as_document(source)
