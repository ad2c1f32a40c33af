"""Reports added in the page: what is taken, where it goes, what is taken out again, and that the chat answers meanwhile."""

import os
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from playwright.sync_api import Page, expect
from serving import CHROMIUM, browse, serve

import app
from chat import words
from chat.upload import MAX_BYTES, Adding, NotAdded, Uploads, check_content, clean_name
from index.store import read_documents
from ingest.document import Document

HARBOUR = "# Harbour Report 2023\n\n## Members\n\nAt the end of 2023 the Harbour Group counted 31 member ports.\n"
PUBLISHED = "When was the Global Exploration Roadmap 2024 published?"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Report (2023), final.PDF", "Report (2023), final.PDF"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\report.pdf", "report.pdf"),
        ("..\\../.hidden.md", "hidden.md"),
        (" ..report.md", "report.md"),
        ("a\x00b\x1b[31m.txt", "a b [31m.txt"),
        ("line\nbreak.txt", "line break.txt"),
        ("\u202efdp.exe.txt", "fdp.exe.txt"),
        ("<img src=x onerror=alert(1)>.md", "<img src=x onerror=alert(1)>.md"),
        ("${1+1}.md", "${1+1}.md"),
        ("re\u0301sume\u0301.md", "résumé.md"),
        ("-rf.md", "-rf.md"),
    ],
)
def test_a_name_is_data_and_never_a_path(given: str, name: str) -> None:
    assert clean_name(given) == name


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("program.exe", words.UPLOAD_KIND),
        ("report.pdf.zip", words.UPLOAD_KIND),
        ("", words.UPLOAD_KIND),
        ("..", words.UPLOAD_KIND),
        (".pdf", words.UPLOAD_KIND),
        ("folder/", words.UPLOAD_KIND),
        ("ReadMe.md", words.UPLOAD_README),
        ("ü" * 80 + ".md", words.UPLOAD_LONG_NAME),
    ],
)
def test_what_is_not_the_name_of_a_report_is_refused(given: str, why: str) -> None:
    with pytest.raises(NotAdded) as refused:
        clean_name(given)
    assert str(refused.value) == why.format(kinds=".md, .pdf, .txt")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("report.md", b"", words.UPLOAD_EMPTY),
        ("report.pdf", b"<html><script>alert(1)</script>", words.UPLOAD_CONTENT),
        ("report.md", b"%PDF-1.7 ", words.UPLOAD_CONTENT),
        ("report.txt", b"MZ\x90\0\3", words.UPLOAD_CONTENT),
    ],
)
def test_content_that_is_not_what_the_name_says_is_refused(name: str, content: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(content)
    with pytest.raises(NotAdded) as refused:
        check_content(tmp_path / "upload", name)
    assert str(refused.value) == why.format(kind=Path(name).suffix)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "upload").open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # a hole, which takes no room
    with pytest.raises(NotAdded, match="at most 100 MB"):
        check_content(tmp_path / "upload", "report.pdf")


@pytest.fixture
def index(built_index: Path, tmp_path: Path) -> Path:
    """A copy of the index of the real report."""
    shutil.copytree(built_index, tmp_path / "index")
    return tmp_path / "index"


def upload(tmp_path: Path, name: str, content: str | bytes) -> Path:
    """A file as Gradio lays it down."""
    folder = tmp_path / "gradio" / uuid.uuid4().hex
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / name


def finished(adding: Adding) -> Adding:
    while not adding.ended:
        time.sleep(0.05)
    return adding


def documents(index: Path) -> dict[str, Document]:
    return {document.name: document for document in read_documents(index)}


def names(corpus: Path) -> list[str]:
    return sorted(path.name for path in corpus.iterdir())


def test_reports_are_added_one_after_the_other_and_what_cannot_be_read_goes_again(tmp_path: Path, index: Path) -> None:
    corpus = tmp_path / "new" / "corpus"
    uploads = Uploads(corpus, index, "all-MiniLM-L6-v2")
    known = documents(index).values()
    file = upload(tmp_path, "harbour.md", HARBOUR)
    adding = uploads.start(file, known)
    with pytest.raises(NotAdded, match=r"Another report is being added\."):
        uploads.start(upload(tmp_path, "other.md", HARBOUR), known)
    assert (finished(adding).problem, adding.added) == (None, True)
    assert adding.step.what == "embedding"
    assert not file.exists()
    held = documents(index)
    assert sorted(held) == ["harbour.md", "isecg-annual-report-2024.txt"]
    assert (corpus / "harbour.md").read_text() == HARBOUR

    adding = finished(uploads.start(upload(tmp_path, "bad.pdf", b"%PDF-1.7 and no more"), held.values()))
    assert adding.problem == "The file is damaged: it cannot be opened as a PDF."
    assert names(corpus) == ["harbour.md"]
    assert documents(index) == held


@pytest.mark.parametrize("name", ["harbour.md", "HARBOUR.md"])
def test_another_report_of_the_same_name_is_not_overwritten(name: str, tmp_path: Path, index: Path) -> None:
    corpus = tmp_path / "corpus"
    (corpus / "2023").mkdir(parents=True)
    (corpus / "2023" / "harbour.md").write_text("# Another\n\nText.\n")
    file = upload(tmp_path, name, HARBOUR)
    with pytest.raises(NotAdded, match=f"There is another report of the name {name}"):
        Uploads(corpus, index, "all-MiniLM-L6-v2").start(file, ())
    assert not file.exists()
    assert names(corpus) == ["2023"]
    assert (corpus / "2023" / "harbour.md").read_text() == "# Another\n\nText.\n"


def test_a_report_of_the_same_name_from_elsewhere_is_not_replaced(tmp_path: Path, index: Path) -> None:
    uploads = Uploads(tmp_path / "corpus", index, "all-MiniLM-L6-v2")
    with pytest.raises(NotAdded, match="There is another report of the name"):
        uploads.start(upload(tmp_path, "ISECG-annual-report-2024.txt", HARBOUR), documents(index).values())
    assert names(tmp_path / "corpus") == []


def test_the_same_report_under_another_name_is_not_added_twice(tmp_path: Path, index: Path) -> None:
    content = (ROOT / "corpus" / "isecg-annual-report-2024.txt").read_bytes()
    uploads = Uploads(tmp_path / "corpus", index, "all-MiniLM-L6-v2")
    with pytest.raises(NotAdded, match=r"there already, as isecg-annual-report-2024\.txt\."):
        uploads.start(upload(tmp_path, "copy.txt", content), documents(index).values())


def test_a_file_that_lay_there_unread_is_read_and_never_removed(tmp_path: Path, index: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    uploads = Uploads(corpus, index, "all-MiniLM-L6-v2")
    adding = finished(uploads.start(upload(tmp_path, "bad.pdf", b"%PDF-1.7 and no more"), ()))
    assert (adding.added, names(corpus)) == (False, ["bad.pdf"])


def test_what_a_killed_server_left_half_copied_goes_after_a_day(tmp_path: Path, index: Path) -> None:
    for name, age in (("old", 2 * 86400), ("new", 60)):
        file = tmp_path / f".upload-{name}"
        file.write_bytes(b"half")
        os.utime(file, (time.time() - age,) * 2)
    Uploads(tmp_path, index, "all-MiniLM-L6-v2")
    assert [path.name for path in tmp_path.glob(".upload-*")] == [".upload-new"]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, index: Path) -> None:
    (tmp_path / "corpus").write_text("a file")
    with pytest.raises(NotAdded, match=r"It could not be kept: File exists\."):
        Uploads(tmp_path / "corpus", index, "all-MiniLM-L6-v2").start(upload(tmp_path, "harbour.md", HARBOUR), ())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7"])
def test_without_a_password_reports_are_added_on_this_machine_only(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["--allow-upload", "--host", host]) == 2
    assert capsys.readouterr().err == words.UPLOAD_OPEN.format(host=host) + "\n"


def choose(page: Page, path: Path) -> Any:
    page.locator("input[type=file]").set_input_files(path)
    return page.locator(".adding")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found (chromium, chromium-browser, google-chrome)")
def test_a_report_is_added_in_the_page_while_the_chat_answers(tmp_path: Path, index: Path) -> None:
    corpus = tmp_path / "corpus"
    hostile = "(1) [x](y) & harbour.md"  # Gradio takes out <, >, $ and the like
    (tmp_path / hostile).write_text(HARBOUR)
    (tmp_path / "program.exe").write_bytes(b"MZ")
    secret = tmp_path / "secret.md"
    secret.write_text("# Secret\n\nNot for the chat.\n")
    options = ["--allow-upload", "--corpus", str(corpus), "--feedback", str(tmp_path / "feedback.jsonl")]
    with serve(index, *options) as chat, browse() as page:
        page.goto(chat.address)
        page.get_by_role("heading", name=words.WELCOME).wait_for()
        said = choose(page, tmp_path / hostile)
        said.get_by_role("progressbar").wait_for()
        second = page.context.new_page()
        second.goto(chat.address)
        busy = choose(second, secret)
        expect(busy).to_contain_text("secret.md was not added: Another report is being added.")
        second.get_by_role("textbox", name=words.QUESTION).fill(PUBLISHED)
        second.keyboard.press("Enter")
        assert "August 2024" in second.locator(".turn blockquote").first.inner_text()
        expect(said).to_contain_text(f"Added “Harbour Report 2023” ({hostile}; 2 sections).", timeout=240_000)
        expect(page.locator(".welcome")).to_contain_text("2 reports (2023–2024)")
        assert page.get_by_label(words.REPORTS).is_visible()
        said.get_by_role("button", name=words.DISMISS).click()
        expect(said).to_have_count(0)
        second.close()

        expect(choose(page, tmp_path / "program.exe")).to_contain_text("It is not one of the kinds that are read")
        assert page.evaluate("document.documentElement.scrollWidth") == 1280

        assert names(corpus) == [hostile]
