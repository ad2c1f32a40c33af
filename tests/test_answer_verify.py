"""Checking saved answers: what was answered holds; any quote, offset, hash or document that was altered does not."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answer.cite import cite
from answer.verify import Fault, NotAnswers, check, read_answers
from ingest.document import Document, Page, Section


@pytest.fixture
def documents(report: Document) -> dict[str, Document]:
    return {report.name: report}


def row_of(report: Document, *spans: tuple[int, int], **more: Any) -> dict[str, Any]:
    return {"id": "q1", "answered": True, "citations": [cite(report, *span).to_dict() for span in spans], **more}


def write(folder: Path, text: str) -> Path:
    (folder / "answers.json").write_text(text, "utf-8")
    return folder / "answers.json"


# Checking


def test_what_is_verbatim_holds(report: Document, documents: dict[str, Document]) -> None:
    assert check([row_of(report, (0, 18), (1165, 1182)), row_of(report, (5, 6))], documents) == (3, [])


def test_a_refusal_holds(documents: dict[str, Document]) -> None:
    assert check([{"id": "q1", "answered": False, "citations": []}], documents) == (0, [])


def test_an_answer_without_a_citation_does_not_hold(documents: dict[str, Document]) -> None:
    assert check([{"question": "Why?", "answered": True, "citations": []}], documents) == (
        0,
        [Fault("Why?", "It is an answer without a citation.")],
    )


def test_words_that_no_quote_holds_are_found(report: Document, documents: dict[str, Document]) -> None:
    assert (
        check([row_of(report, (0, 18), (1165, 1182), text="2024 Annual Report\n\nExecutive Summary")], documents)[1]
        == []
    )
    assert check([row_of(report, (0, 18), text="The 2024 Annual Report")], documents)[1] == [
        Fault("q1", "It shows words that none of its quotes holds: 'The'.")
    ]


ALTERED = [
    ("quote", "2024 Annual Reports", "says '2024 Annual Report' at 0:18, not '2024 Annual Reports'."),
    ("quote", "2024 annual Report", "says '2024 Annual Report' at 0:18, not '2024 annual Report'."),
    ("quote", "", "says '2024 Annual Report' at 0:18, not ''."),
    ("quote", None, "says '2024 Annual Report' at 0:18, not None."),
    ("start", 1, "says '024 Annual Report' at 1:18, not '2024 Annual Report'."),
    ("end", 19, "says '2024 Annual Report\\n' at 0:19, not '2024 Annual Report'."),
    ("start", -1, "has no text at -1:18."),
    ("start", "0", "has no text at 0:18."),
    ("start", 0.0, "has no text at 0.0:18."),
    ("start", None, "has no text at None:18."),
    ("end", 10**9, "has no text at 0:1000000000."),
    ("end", 0, "has no text at 0:0."),
    ("sha256", "0" * 64, "is not the file that was cited: its SHA-256 is b46d3f12"),
    ("sha256", None, "is not the file that was cited: its SHA-256 is b46d3f12"),
    ("document", "other.txt", "There is no document 'other.txt' at hand with the SHA-256 b46d3f12"),
    ("document", None, "There is no document None at hand"),
]


@pytest.mark.parametrize(("field", "value", "reason"), ALTERED)
def test_what_was_altered_is_named(
    report: Document, documents: dict[str, Document], field: str, value: object, reason: str
) -> None:
    row = row_of(report, (0, 18), (1165, 1182))
    row["citations"][0][field] = value
    checked, faults = check([row], documents)
    assert checked == 2
    (fault,) = faults
    assert fault.answer == "q1"
    assert reason in fault.reason


@pytest.mark.parametrize("field", ["quote", "start", "end", "sha256", "document"])
def test_a_field_that_is_missing_is_a_fault(report: Document, documents: dict[str, Document], field: str) -> None:
    row = row_of(report, (0, 18))
    del row["citations"][0][field]
    assert len(check([row], documents)[1]) == 1


@pytest.mark.parametrize("citation", [None, "text", 1, [], [1, 2]])
def test_a_citation_that_is_none_is_a_fault(documents: dict[str, Document], citation: object) -> None:
    assert check([{"id": "a", "citations": [citation]}], documents) == (
        1,
        [Fault("a", "A citation is not an object.")],
    )


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_other_offsets_or_words_hold(report: Document, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(report.text) - 2))
    end = data.draw(st.integers(start + 1, min(start + 300, len(report.text))))
    row = row_of(report, (start, end))
    documents = {report.name: report}
    assert check([row], documents)[1] == []
    altered = copy.deepcopy(row)
    citation = altered["citations"][0]
    what = data.draw(st.sampled_from(["start", "end", "letter"]))
    if what == "letter":
        at = data.draw(st.integers(0, end - start - 1))
        letter = data.draw(st.characters(exclude_categories=["Cs"]))
        citation["quote"] = citation["quote"][:at] + letter + citation["quote"][at + 1 :]
    else:
        citation[what] += data.draw(st.integers(-50, 50))
    assert (check([altered], documents)[1] == []) == (altered == row)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("page", 3, "'Two pages' does not stand on page 3 of p.pdf."),
        ("page", None, "'Two pages' does not stand on page None of p.pdf."),
        ("page_label", "2", "'Two pages' does not stand on the page of p.pdf that is numbered 2."),
        ("last_page", 1, "'Two pages' does not end on page 1 of p.pdf."),
        ("last_page_label", "i", "'Two pages' does not end on the page of p.pdf that is numbered i."),
        ("recognised", False, "'Two pages' is said not to come from text recognition; that is not so in p.pdf."),
        ("section", ["Other"], "'Two pages' does not stand in the section ['Other'] of p.pdf."),
    ],
)
def test_a_wrong_place_is_named(field: str, value: object, reason: str) -> None:
    pages = (Page(1, "i", 0, 4), Page(2, "1", 4, 9, recognised=True))
    document = Document("p.pdf", "0" * 64, "P", None, "Two pages", pages, (Section(("P",), 0, 0, 9),))
    row = row_of(document, (0, 9))
    assert check([row], {"p.pdf": document}) == (1, [])
    row["citations"][0][field] = value
    assert check([row], {"p.pdf": document})[1] == [Fault("q1", reason)]


# Reading


def test_one_answer_and_lines_of_answers_are_read(tmp_path: Path, report: Document) -> None:
    row = row_of(report, (0, 18))
    assert read_answers(write(tmp_path, json.dumps(row, indent=1))) == [row]
    assert read_answers(write(tmp_path, f"{json.dumps(row)}\n\n{json.dumps(row)}\r\n")) == [row, row]


def test_a_line_separator_inside_an_answer_ends_no_line(tmp_path: Path) -> None:
    row = {"id": "a", "question": "one\u2028two\x85three", "citations": []}
    text = json.dumps(row, ensure_ascii=False)
    assert read_answers(write(tmp_path, f"{text}\n{text}\n")) == [row, row]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "text",
        "{",
        "1",
        "null",
        "[]",
        "{}",
        '[{"citations": []}]',
        '{"citations": 1}',
        '{"citations": []}\n1',
        "[" * 100_000,
    ],
)
def test_a_file_that_holds_no_answers_is_named(tmp_path: Path, text: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(NotAnswers) as caught:
        read_answers(file)
    assert str(caught.value).startswith(f"{file} ")
    assert str(caught.value).endswith("give a receipt, a saved answer or a predictions file.")


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xfe")
    with pytest.raises(NotAnswers, match="is not UTF-8 text"):
        read_answers(tmp_path / "a")


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_answers(tmp_path / "none")
