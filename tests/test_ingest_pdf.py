"""ingest/pdf.py and the steps behind it: designed reports read as they were written, bad files refused."""

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from fpdf import FPDF
from pdfs import Stroke, Text, lines, rows, write_pages
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from typeset import FOOTER, HEADER, MEMBERS, Design, typeset_blocks, typeset_report

from ingest.corpus import Reading, file_hash, read_document
from ingest.document import Unreadable
from ingest.extract import Extract
from ingest.glyphs import BOLD_NAME
from ingest.pdf import read_pdf
from ingest.sandbox import Limits
from ingest.sections import to_document
from ingest.sentences import split_units

DESIGNS = {
    "two columns": Design(),
    "one ruled column, no outline, no labels": Design(
        columns=1, outline=False, labels=False, justified=False, ruled=True
    ),
    "three narrow justified columns": Design(columns=3, outline=False, labels=False),
    "two columns, words from top to bottom": Design(by_height=True),
    "two ragged columns without hyphens": Design(outline=False, justified=False, hyphenate=False),
}


@pytest.fixture(scope="module", params=DESIGNS, ids=lambda name: name.replace(",", "").replace(" ", "-"))
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Extract, Extract, Path]:
    """The real report typeset: (its text as read, the PDF as read, the PDF)."""
    path = tmp_path_factory.mktemp("report") / "report.pdf"
    source = typeset_report(path, DESIGNS[request.param])
    return source, read_pdf(path), path


@pytest.fixture(scope="module")
def designed(tmp_path_factory: pytest.TempPathFactory) -> Extract:
    """The real report in two columns, as read."""
    path = tmp_path_factory.mktemp("designed") / "report.pdf"
    typeset_report(path)
    return read_pdf(path)


def fold(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[\W_]+", "", text.casefold())


def texts(extract: Extract) -> list[str]:
    """The blocks of a canonical text."""
    return extract.text.split("\n\n")


def read(path: Path, *pages: Sequence[Text | Stroke], header: str = "") -> Extract:
    """Read a PDF of these pieces of text."""
    write_pages(path, *pages, header=header)
    return read_pdf(path)


# The real report, typeset


def test_every_sentence_of_the_report_is_whole(report: tuple[Extract, Extract, Path]) -> None:
    source, extract, _ = report
    missing = [
        sentence
        for level, block in typeset_blocks(source)
        for unit in split_units(block, 0, len(block))
        if not level and (sentence := block[unit.start : unit.end]) not in extract.text
    ]
    assert missing == []


def test_headings_and_their_levels_are_those_of_the_report(report: tuple[Extract, Extract, Path]) -> None:
    source, extract, _ = report
    read_as = [(h.level, extract.text[h.start : h.end]) for h in extract.headings]
    assert read_as == [(level, text) for level, text in typeset_blocks(source) if level]


def test_contents_give_the_printed_pages_and_are_skipped(report: tuple[Extract, Extract, Path]) -> None:
    source, extract, _ = report
    assert [name for name, _ in extract.contents] == [text for level, text in typeset_blocks(source) if level]
    labels = [
        next(page.label for page in reversed(extract.pages) if page.start <= heading.start)
        for heading in extract.headings
    ]
    assert [label for _, label in extract.contents] == labels
    skipped = "".join(extract.text[start:end] for start, end in extract.skipped)
    assert skipped.startswith("Table of Contents")
    assert not any(start <= heading.start < end for heading in extract.headings for start, end in extract.skipped)


def test_pages_are_exact(report: tuple[Extract, Extract, Path]) -> None:
    _, extract, path = report
    assert [page.number for page in extract.pages] == list(range(1, len(PdfReader(path).pages) + 1))
    ends = [0, *(page.end for page in extract.pages)]
    assert all(end <= page.start <= page.end for end, page in zip(ends, extract.pages, strict=False))
    for page, plain in zip(extract.pages, PdfReader(path).pages, strict=True):
        on_paper = fold(plain.extract_text())
        for line in re.findall(r"\w{5,}", extract.text[page.start : page.end])[1:-1]:
            assert fold(line)[:3] in on_paper
        first, last = fold(extract.text[page.start : page.end])[:12], fold(extract.text[page.start : page.end])[-12:]
        assert first in on_paper
        assert last in on_paper


def test_table_rows_keep_their_cells_together(report: tuple[Extract, Extract, Path]) -> None:
    _, extract, _ = report
    rows = extract.text.split("\n")
    assert [f"{country} — {agency}" in rows for country, agency in MEMBERS] == [True] * len(MEMBERS)


def test_running_headers_and_footers_are_dropped(report: tuple[Extract, Extract, Path]) -> None:
    _, extract, _ = report
    assert FOOTER not in extract.text
    assert HEADER not in texts(extract)


def test_labels_are_the_printed_ones(report: tuple[Extract, Extract, Path]) -> None:
    _, extract, _ = report
    assert [page.label for page in extract.pages[1:4]] == ["ii", "1", "2"]


def test_title_comes_from_the_file(designed: Extract) -> None:
    assert designed.title == "ISECG Annual Report 2024"


def test_a_sentence_cut_by_the_page_break_is_whole_and_on_both_pages(designed: Extract) -> None:
    start = designed.text.index("This revised white paper has been rescoped as")
    before, after = designed.pages[4], designed.pages[5]
    assert before.start < start < before.end == after.start
    assert designed.text[: before.end].endswith("This revised white ")
    assert designed.text.index("(a previous objective for the SWG).", start) > after.start


def test_nested_lists_stay_lists(designed: Extract) -> None:
    start = designed.text.index("- Open and inclusive")
    assert designed.text[start:].split("\n\n")[0].split("\n")[:4] == [
        "- Open and inclusive",
        "  - ISECG receives inputs from all interested space agencies that invest in and perform space exploration"
        " activities.",
        "  - ISECG provides for consultations among all agencies with a vested interest in space exploration.",
        "- Flexible and evolutionary",
    ]


def test_a_compound_that_breaks_at_its_hyphen_keeps_it(designed: Extract) -> None:
    assert "The ERWG leads the human spaceflight road-mapping effort" in designed.text


# Single properties; each of the named ones was once read wrongly


def test_columns_whose_base_lines_differ_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = lines("The left column tells of the first", "thing, which goes on for some more", "lines and then it ends.")
    right = lines(
        "The right column begins a little", "lower than the left one, and its", "lines lie between.", x=300, y=86
    )
    assert texts(read(tmp_path / "a.pdf", left + right)) == [
        "The left column tells of the first thing, which goes on for some more lines and then it ends.",
        "The right column begins a little lower than the left one, and its lines lie between.",
    ]


def test_a_heading_across_both_columns_parts_them(tmp_path: Path) -> None:
    def columns(y: float, name: str) -> list[Text]:
        rows = [f"The {name} half begins here and", "goes on in a second line, and in", "a third one, where it ends."]
        return lines(*rows, y=y) + lines(*(row.replace("half", "rest") for row in rows), x=300, y=y)

    page = [
        *columns(80, "upper"),
        Text(60, 150, "A heading that runs across both of the columns", 14, "B"),
        *columns(190, "lower"),
    ]
    found = texts(read(tmp_path / "a.pdf", page))
    assert [text.split(" begins")[0] for text in found] == [
        "The upper half",
        "The upper rest",
        "A heading that runs across both of the columns",
        "The lower half",
        "The lower rest",
    ]


def test_a_note_at_the_foot_of_the_page_does_not_cut_a_sentence(tmp_path: Path) -> None:
    first = lines("The group will go on with its work on the shared", "definition of what is meant by a sustainable")
    first += lines("1 A note in small type that stands below.", y=700, size=7)
    second = lines("exploration of the Moon, and will publish it.", "Then it is done.")
    extract = read(tmp_path / "a.pdf", first, second)
    assert texts(extract) == [
        "1 A note in small type that stands below.",
        "The group will go on with its work on the shared definition of what is meant by a sustainable exploration of"
        " the Moon, and will publish it. Then it is done.",
    ]
    assert extract.text[extract.pages[1].start :].startswith("exploration of the Moon")


def test_what_stands_further_down_the_same_column_does_not_complete_a_line_without_a_stop(tmp_path: Path) -> None:
    page = [
        *lines("The toolchain is tested by a call of the function:"),
        *lines('library("Rcpp") evalCpp("2 + 2")', y=110, size=9),
        *lines("The result is four, as everybody will have expected of it.", y=140),
        *lines("isOddR(42L)", y=170, size=9),
    ]
    assert [text.split("(")[0] for text in texts(read(tmp_path / "a.pdf", page))] == [
        "The toolchain is tested by a call of the function:",
        "library",
        "The result is four, as everybody will have expected of it.",
        "isOddR",
    ]


@pytest.mark.parametrize(
    ("name", "bold"),
    [
        *(
            (name, True)
            for name in ("CMBX12", "SFBX1000", "NimbusSanL-Bold", "NimbusRomNo9L-Medi", "ABCDEE+Arial,Bold")
        ),
        *((name, False) for name in ("CMR10", "SFRM1000", "LMMono9-Regular", "NimbusSanL-Regu", "Gotham-Medium")),
    ],
)
def test_a_font_is_bold_by_its_name(name: str, bold: bool) -> None:
    assert (BOLD_NAME.search(name) is not None) == bold


def test_a_name_may_go_on_over_the_page_break(tmp_path: Path) -> None:
    first = lines(
        "The report was written together with the partners at the",
        "headquarters of the agency by those who run the European",
    )
    second = lines("Space Agency and its centres in all of the member states of", "the agency.")
    assert " run the European Space Agency and " in read(tmp_path / "a.pdf", first, second).text


def test_a_list_that_ends_the_page_does_not_swallow_the_next_paragraph(tmp_path: Path) -> None:
    first = [Text(60, 80, "\u2022"), *lines("the endianness of the processor", x=72)]
    second = lines("where it is known from the specification of the build, and", "so on.")
    assert texts(read(tmp_path / "a.pdf", first, second))[0] == "- the endianness of the processor"


def test_raised_figures_are_superscripts_and_join_their_word(tmp_path: Path) -> None:
    page = [Text(60, 80, "Two studies were completed."), Text(188.4, 76.5, "12", 6), Text(200, 80, "More follow.")]
    assert read(tmp_path / "a.pdf", page).text == "Two studies were completed.¹² More follow."


def test_an_initial_belongs_to_its_word(tmp_path: Path) -> None:
    page = [
        Text(60, 100, "T", 40),
        *lines("he year was the first in which all", "of the partners took part, as was", x=86, y=80),
    ]
    page += lines("hoped for by everybody who had worked for", "it in the years before.", y=106)
    assert read(tmp_path / "a.pdf", page).text.startswith(
        "The year was the first in which all of the partners took part"
    )


def test_spaced_out_letters_are_words(tmp_path: Path) -> None:
    page = [Text(60 + 9 * at + 12 * (at > 5), 80, letter, 10) for at, letter in enumerate("ANNUALREPORT")]
    assert texts(read(tmp_path / "a.pdf", page)) == ["ANNUAL REPORT"]


def test_figures_of_a_table_stay_in_their_rows(tmp_path: Path) -> None:
    rows = [
        ("Indicator", "2022", "2023"),
        ("Workshops held", "9", "11"),
        ("Budget (million)", "36.8", "41.2"),
        ("Staff", "24", "26"),
    ]
    page = [
        Text(x, 80 + 15 * at, cell) for at, row in enumerate(rows) for x, cell in zip((60, 300, 330), row, strict=True)
    ]
    assert read(tmp_path / "a.pdf", page).text.split("\n") == [" — ".join(row) for row in rows]


def test_rows_with_a_name_and_no_figures_stay_rows_of_their_own(tmp_path: Path) -> None:
    rows = [
        ("Operating result", "88,245", "-134,848"),
        ("Adjustments for operating result",),
        ("Depreciation", "2,019", "2,019"),
        ("Movement in working capital",),
        ("Movement in accounts payable", "11,815", "-21,894"),
        ("Interest paid", "-587", "-1,169"),
    ]
    page = [
        Text(x, 80 + 20 * at, cell) for at, row in enumerate(rows) for x, cell in zip((60, 300, 380), row, strict=False)
    ]
    assert read(tmp_path / "a.pdf", page).text.split("\n") == [" — ".join(row) for row in rows]


ORCHARD = (
    "The orchard lies on a slope above the",
    "river, where the frost comes late and",
    "leaves early. In spring the rows were",
    "pruned by hand, as they have been for",
    "many years, and the cuttings are given",
    "to the bakers of the valley, who heat",
    "their ovens with them until the first",
    "fruit is picked. What remains is taken",
    "to the press, and the juice is sold at",
    "the market in the square.",
)
PRESS = (
    "The press is old and turns slowly, but",
    "it wastes nothing of what it is given,",
    "and nobody would part with it.",
)
SALES = (
    ("Baskets sold", "318.4", "306.2", "4.0"),
    ("Crates sold", "452.0", "611.5", "(26.1)"),
    ("Juice", "52.6", "65.9", "(20)"),
    ("Cider", "31.7", "40.8", "2.2"),
    ("Vinegar", "16.3", "12.5", "3.0"),
)


def test_the_last_figure_of_a_row_is_no_label_of_the_text_in_the_next_column(tmp_path: Path) -> None:
    page = [*lines(*PRESS), *rows(*SALES, x=(60, 150, 190, 226), y=128), *lines(*ORCHARD, x=275, y=86)]
    table = "\n".join(" — ".join(row) for row in SALES)
    assert texts(read(tmp_path / "a.pdf", page)) == [" ".join(PRESS), table, " ".join(ORCHARD)]


def test_between_single_figures_a_gap_between_columns_is_no_word_space(tmp_path: Path) -> None:
    of = [
        ("Apples", "104.6", "115.2"),
        ("Pears", "127.3", "141.8"),
        ("Plums", "66.5", "58.2"),
        ("Figs", "27.4", "33.1"),
    ]
    page = [
        *(piece for x in (60, 244) for piece in lines(*ORCHARD, x=x)),
        *rows(*of, x=(60, 140, 210), y=215),
        *rows(*of, x=(244, 320, 400), y=215),
    ]
    column = [" ".join(ORCHARD), "\n".join(" — ".join(row) for row in of)]
    assert texts(read(tmp_path / "a.pdf", page)) == column * 2


@pytest.mark.parametrize("ruled", [0, 250], ids=["bare", "ruled"])
@pytest.mark.parametrize("side", [0, 300], ids=["left", "right"])
def test_a_table_at_the_top_of_one_column_takes_in_no_text_of_the_other(tmp_path: Path, ruled: int, side: int) -> None:
    table = rows(*SALES, x=[side + x for x in (60, 140, 180, 220)], ruled=ruled and side + ruled)
    page = [*table, *lines(*PRESS, x=side + 60, y=168), *lines(*ORCHARD, x=360 - side, y=86)]
    one, other = ["\n".join(" — ".join(row) for row in SALES), " ".join(PRESS)], [" ".join(ORCHARD)]
    assert texts(read(tmp_path / "a.pdf", page)) == ([*other, *one] if side else [*one, *other])


def test_a_table_across_the_page_takes_in_no_columns_of_text_above_and_below(tmp_path: Path) -> None:
    of = [("Kept", "29", "31"), ("Sold", "47", "62"), ("Given away", "12", "15"), ("Lost", "3", "2")]
    table = rows(*of, x=(60, 180, 320), y=230, ruled=500)
    text = [*lines(*ORCHARD), *lines(*ORCHARD, x=300)]
    below = [Text(piece.x, piece.y + 230, piece.text) for piece in text]
    found = texts(read(tmp_path / "a.pdf", [*text, *table, *below]))
    assert found == [*[" ".join(ORCHARD)] * 2, "\n".join(" — ".join(row) for row in of), *[" ".join(ORCHARD)] * 2]


def test_a_table_keeps_the_column_that_explains_its_figures(tmp_path: Path) -> None:
    why = ["Fewer came to the market than in", "the year before, since it rained", "on every Saturday of the summer."]
    page = [
        piece
        for n, (name, *figures, _) in enumerate(SALES)
        for piece in (*rows((name, *figures), x=(60, 150, 200), y=80 + 50 * n), *lines(*why, x=260, y=80 + 50 * n))
    ]
    assert read(tmp_path / "a.pdf", page).text.split("\n") == [" — ".join([*row[:3], " ".join(why)]) for row in SALES]


def test_an_item_under_one_without_a_stop_is_an_item(tmp_path: Path) -> None:
    page = [
        *(Text(60, y, "\u2022") for y in (80, 119)),
        *lines("Open and inclusive", x=70),
        *(Text(74, y, "o") for y in (93, 106, 132)),
        *lines("All agencies give their views.", "None of them is left out in it.", x=84, y=93),
        *lines("Flexible", x=70, y=119),
        *lines("What there is already is used.", x=84, y=132),
    ]
    assert read(tmp_path / "a.pdf", page).text.split("\n") == [
        "- Open and inclusive",
        "  - All agencies give their views.",
        "  - None of them is left out in it.",
        "- Flexible",
        "  - What there is already is used.",
    ]


def test_a_number_in_brackets_that_begins_a_line_is_no_list(tmp_path: Path) -> None:
    page = lines(
        "The list was highlighted in the section (Chapter", "8) of the roadmap, which names the domains that", "matter."
    )
    assert read(tmp_path / "a.pdf", page).text == (
        "The list was highlighted in the section (Chapter 8) of the roadmap, which names the domains that matter."
    )


def test_numbered_items_keep_their_numbers(tmp_path: Path) -> None:
    page = [
        *lines("The board decided the following:"),
        *lines("1. First the plan is made.", "2. Then it is carried out.", x=72, y=93),
    ]
    assert texts(read(tmp_path / "a.pdf", page)) == [
        "The board decided the following:",
        "- 1. First the plan is made.\n- 2. Then it is carried out.",
    ]


def test_a_list_that_goes_on_at_the_top_of_each_page_keeps_its_bullets(tmp_path: Path) -> None:
    pages = [
        [Text(60, 80, "\u2022"), Text(72, 80, f"The {name} item of the list.")]
        for name in ("first", "second", "third", "last")
    ]
    assert read(tmp_path / "a.pdf", *pages).text.split("\n")[0] == "- The first item of the list."


def test_text_that_every_page_repeats_is_kept_when_there_is_nothing_else(tmp_path: Path) -> None:
    assert "The same words" in read(tmp_path / "a.pdf", *[lines("The same words")] * 5).text


def test_headers_of_chapters_are_dropped_where_headers_stand(tmp_path: Path) -> None:
    pages = [
        [Text(60, 40, f"Chapter {name}", 8), *lines(f"Text of page {name}.")]
        for name in ("One", "One", "One", "Two", "Two", "Two", "Three")
    ]
    assert texts(read(tmp_path / "a.pdf", *pages)) == [
        f"Text of page {name}." for name in ("One", "One", "One", "Two", "Two", "Two", "Three")
    ]


def test_a_heading_of_many_chapters_that_begins_some_pages_is_no_running_header(tmp_path: Path) -> None:
    pages = [
        [*lines(f"Chapter {n} tells what was done.", y=75), Text(60, 300, "Milestones"), *lines(f"{n} things.", y=320)]
        for n in ("One", "Two", "Three", "Four", "Five")
    ]
    pages[1:1] = [[Text(60, 75, "Milestones"), *lines(f"Step {n} was taken.", y=95)] for n in ("six", "seven", "eight")]
    assert texts(read(tmp_path / "a.pdf", *pages)).count("Milestones") == 8


def test_watermarks_and_side_tabs_that_repeat_are_dropped(tmp_path: Path) -> None:
    pdf = FPDF(unit="pt", format="A4")
    pdf.set_font("Helvetica", size=10)
    for number in (1, 2, 3):
        pdf.add_page()
        pdf.text(60, 80, f"Text of page {number} is kept.")
        with pdf.rotation(45, 300, 400):
            pdf.text(300, 400, "DRAFT")
        with pdf.rotation(90, 580, 300):
            pdf.text(580, 300, f"Chapter 7 | {number}")
    pdf.output(str(tmp_path / "a.pdf"))
    assert texts(read_pdf(tmp_path / "a.pdf")) == [f"Text of page {number} is kept." for number in (1, 2, 3)]


def test_pages_that_are_turned_are_read(tmp_path: Path) -> None:
    write_pages(tmp_path / "a.pdf", lines("The first line of the page goes", "on in a second one."))
    writer = PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.pages[0].rotate(90)
    writer.write(tmp_path / "b.pdf")
    assert read_pdf(tmp_path / "b.pdf").text == "The first line of the page goes on in a second one."


def test_text_outside_the_crop_box_is_not_part_of_the_page(tmp_path: Path) -> None:
    write_pages(tmp_path / "a.pdf", [*lines("On the page."), Text(500, 830, "printer's slug")])
    writer = PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.pages[0].cropbox.lower_left = (0, 50)
    writer.write(tmp_path / "b.pdf")
    assert read_pdf(tmp_path / "b.pdf").text == "On the page."


def test_without_labels_or_printed_numbers_the_physical_number_is_the_label(tmp_path: Path) -> None:
    extract = read(tmp_path / "a.pdf", lines("One."), lines("Two."), lines("Three."))
    assert [(page.number, page.label) for page in extract.pages] == [(1, "1"), (2, "2"), (3, "3")]


def test_contents_with_leaders(tmp_path: Path) -> None:
    entries = [
        f"{number} {name} " + ". " * 40 + str(page)
        for number, name, page in ((1, "Scope", 2), (2, "Means", 3), (3, "Outlook for 2025", 5))
    ]
    extract = read(
        tmp_path / "a.pdf", [Text(60, 60, "Contents", 14, "B"), *lines(*entries)], lines("The text itself begins here.")
    )
    assert extract.contents == (("1 Scope", "2"), ("2 Means", "3"), ("3 Outlook for 2025", "5"))
    start, end = extract.skipped[0]
    assert extract.text[start:end].split("\n") == [
        "Contents",
        "1 Scope 2",
        "2 Means 3",
        "3 Outlook for 2025 5",
    ]


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    extract = read(tmp_path / "a.pdf", lines("One."), [], [], lines("Four."), [], lines("Six."))
    assert to_document("a.pdf", "", extract).warnings == ("pages 2–3, 5 hold no text; --ocr reads what is scanned.",)
    assert [extract.text[page.start : page.end] for page in extract.pages] == ["One.", "", "", "Four.", "", "Six."]


def test_a_title_that_is_a_file_name_is_not_believed(tmp_path: Path) -> None:
    write_pages(
        tmp_path / "a.pdf",
        [Text(60, 200, "Annual Report 2031", 30), *lines("All about the year.", y=300)],
        lines("Text."),
    )
    writer = PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.add_metadata({"/Title": "Microsoft Word - AR final v3.docx"})
    writer.write(tmp_path / "b.pdf")
    assert read_pdf(tmp_path / "b.pdf").title == "Annual Report 2031"


# Files that are hostile, locked or broken


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_file_locked_with_an_empty_password_is_read(tmp_path: Path, algorithm: str) -> None:
    write_pages(tmp_path / "a.pdf", lines("Anybody may read this."))
    writer = PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.encrypt(user_password="", owner_password="owner", algorithm=algorithm)
    writer.write(tmp_path / "b.pdf")
    assert read_pdf(tmp_path / "b.pdf").text == "Anybody may read this."


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_file_locked_with_a_password_is_refused(tmp_path: Path, algorithm: str) -> None:
    write_pages(tmp_path / "a.pdf", lines("Nobody may read this."))
    writer = PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.encrypt(user_password="secret", algorithm=algorithm)
    writer.write(tmp_path / "b.pdf")
    with pytest.raises(Unreadable, match=r"^The file is locked with a password; save a copy without one.$"):
        read_pdf(tmp_path / "b.pdf")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"  \n", "The file is empty."),
        (b"PK\x03\x04 a zip file", "The file is not a PDF, whatever its name says."),
        (b"%PDF-1.7\nand then nothing", "The file is damaged: it cannot be opened as a PDF."),
    ],
)
def test_what_is_no_pdf_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(Unreadable, match=f"^{re.escape(reason)}$"):
        read_pdf(tmp_path / "a.pdf")


def test_a_file_without_text_is_refused(tmp_path: Path) -> None:
    write_pages(tmp_path / "a.pdf", [], [])
    with pytest.raises(Unreadable, match=r"^No page holds text: the document looks scanned"):
        read_pdf(tmp_path / "a.pdf")


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_pdf(tmp_path / "none.pdf")


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(pages=2), "It has 3 pages, more than the 2 that are read; --max-pages N reads more."),
        (Limits(characters=20), "It holds more than the 20 characters that are read; --max-characters N reads more."),
        (Limits(seconds=0.01), "Reading it took longer than 0.01 seconds; --max-seconds N allows more."),
        (
            Limits(memory=0.02),
            "The file is damaged, or needs more than 0.02 GiB of memory to be read; --max-memory N allows more.",
        ),
    ],
)
def test_limits_are_kept(tmp_path: Path, limits: Limits, reason: str) -> None:
    write_pages(tmp_path / "a.pdf", *[lines("Some twenty characters and more.")] * 3)
    with pytest.raises(Unreadable, match=f"^{re.escape(reason)}$"):
        read_document(tmp_path / "a.pdf", file_hash(tmp_path / "a.pdf"), reading=Reading(limits))


def test_an_outline_that_loops_does_not_hang(tmp_path: Path) -> None:
    write_pages(tmp_path / "a.pdf", lines("The text is read all the same."))
    writer = PdfWriter(clone_from=tmp_path / "a.pdf")
    item = DictionaryObject(
        {NameObject("/Title"): TextStringObject("Loop"), NameObject("/Dest"): ArrayObject([NumberObject(0)])}
    )
    reference = writer._add_object(item)
    item[NameObject("/Next")] = item[NameObject("/First")] = reference
    writer.root_object[NameObject("/Outlines")] = writer._add_object(
        DictionaryObject({NameObject("/First"): reference})
    )
    writer.write(tmp_path / "b.pdf")
    assert read_pdf(tmp_path / "b.pdf").text == "The text is read all the same."


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_read_or_refused(tmp_path: Path, share: float) -> None:
    write_pages(tmp_path / "a.pdf", *[lines(f"Page {number} has some words.") for number in range(20)])
    whole = (tmp_path / "a.pdf").read_bytes()
    (tmp_path / "b.pdf").write_bytes(whole[: int(share * len(whole))])
    with contextlib.suppress(Unreadable):
        assert "some words" in read_pdf(tmp_path / "b.pdf").text
