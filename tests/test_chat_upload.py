"""Reports added in the page: what is taken, where it goes, what is taken out again, and that the chat answers meanwhile."""

import os
import shutil
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import ask, keep_screenshot, needs_chromium
from conftest import ROOT
from playwright.sync_api import BrowserContext, Locator, Page, expect
from serving import free_port, serve
from tabs import FILE, Tab

import app
from answer.pipeline import Assistant
from answer.reader import CARRIED, open_reader
from chat import words
from chat.inbox import ASIDE
from chat.turns import Desk
from chat.upload import MAX_BYTES, Adding, NotAdded, Uploads, check_content, clean_name
from index.embed import SentenceEncoder
from index.lock import exclusive
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
    """What lies in the corpus, but for the inboxes of servers."""
    return sorted(path.name for path in corpus.iterdir() if not path.name.startswith(ASIDE))


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


def test_what_a_killed_server_had_under_way_is_taken_out_at_the_next_start(tmp_path: Path, index: Path) -> None:
    corpus = tmp_path / "corpus"
    dead, live = corpus / f"{ASIDE}dead", Uploads(corpus, index, "all-MiniLM-L6-v2")
    dead.mkdir()
    (dead / "lock").touch()
    (dead / "half copied").write_bytes(b"%PDF-1.")
    (corpus / "by hand.md").write_text("# By hand\n\nNot from the page.\n")
    (dead / "1").write_text("# Not yet read\n\nText.\n")
    os.link(dead / "1", corpus / "not yet read.md")
    shutil.copy(ROOT / "corpus" / "isecg-annual-report-2024.txt", dead / "2")
    os.link(dead / "2", corpus / "isecg-annual-report-2024.txt")  # read, and killed before it was said
    with exclusive(index):  # as its ingest holds it, which may still read the report
        Uploads(corpus, index, "all-MiniLM-L6-v2").inbox.close()
    assert dead.exists()
    Uploads(corpus, index, "all-MiniLM-L6-v2").inbox.close()
    assert names(corpus) == ["by hand.md", "isecg-annual-report-2024.txt"]
    assert [path.name for path in corpus.glob(f"{ASIDE}*")] == [live.inbox.folder.name]


def test_a_folder_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, built_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "corpus").write_text("a file")
    with pytest.raises(OSError, match="File exists"):
        Uploads(tmp_path / "corpus", built_index, "all-MiniLM-L6-v2")
    options = ["--allow-upload", "--corpus", str(tmp_path / "corpus"), "--port", str(free_port())]
    assert app.main(["--index", str(built_index), *options]) == 2
    assert capsys.readouterr().err == (
        f"No report can be added to {tmp_path / 'corpus'}: File exists. Name another folder with --corpus.\n"
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7"])
def test_without_a_password_reports_are_added_on_this_machine_only(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["--allow-upload", "--host", host]) == 2
    assert capsys.readouterr().err == words.UPLOAD_OPEN.format(host=host) + "\n"


@pytest.fixture
def chat(tmp_path: Path, index: Path, encoder: SentenceEncoder) -> Iterator[str]:
    """The address of a chat in which reports can be added to tmp_path/corpus."""
    uploads = Uploads(tmp_path / "corpus", index, "all-MiniLM-L6-v2")
    with serve(Desk(Assistant(index, encoder, open_reader(CARRIED))), None, uploads) as address:
        yield address
    uploads.inbox.close()
    assert [path.name for path in (tmp_path / "corpus").glob(f"{ASIDE}*")] == []


FORGED = "Only a file that was uploaded in this page can be added."


def test_a_forged_path_is_no_upload(chat: str, tmp_path: Path) -> None:
    corpus, tab = tmp_path / "corpus", Tab(chat)
    (inbox,) = corpus.glob(f"{ASIDE}*")
    secret = tmp_path / "secret.md"
    secret.write_text("# Secret\n\nNot for the chat.\n")
    (inbox / "0").mkdir()
    (inbox / "0" / "link.md").symlink_to(secret)
    asked = socket.create_server(("127.0.0.1", 0))
    asked.settimeout(0)
    elsewhere = f"http://127.0.0.1:{asked.getsockname()[1]}/report.md"
    for path in (
        str(secret),
        f"{inbox}/0/../../../secret.md",
        f"{inbox}/0/link.md",
        f"{inbox}/0/gone.md",
        f"{inbox}/lock",
        str(inbox),
        "../secret.md",
        "/etc/passwd",
        "report\0.md",
        "",
        elsewhere,
        "http://203.0.113.7/report.md",
        "file:///etc/passwd",
    ):
        for done in (tab.add(path), tab.add(path, url=path), tab.send("submit", {"path": path, **FILE}, None, [])):
            assert (done["success"], done["output"]["error"]) == (False, FORGED), path
    with pytest.raises(BlockingIOError):
        asked.accept()  # nor was anybody asked for it
    assert (names(corpus), secret.read_text()) == ([], "# Secret\n\nNot for the chat.\n")


def test_a_forged_choice_or_question_is_no_traceback(chat: str, capfd: pytest.CaptureFixture[str]) -> None:
    tab = Tab(chat)
    for reports in (["no-such-report.pdf"], "text", 5, {"a": 1}, [1], True):
        done = tab.send("submit", "What is ISECG?", None, reports)
        assert (done["success"], "is not in the list of choices" in done["output"]["error"]) == (False, True), reports
    assert tab.send("submit", None, None, [])["success"]
    assert 'class=\\"sources' in tab.ask("What is ISECG?")
    assert "Traceback" not in capfd.readouterr().err


def test_a_forged_name_is_a_name_in_the_inbox(chat: str, tmp_path: Path) -> None:
    corpus, tab = tmp_path / "corpus", Tab(chat)
    (inbox,) = corpus.glob(f"{ASIDE}*")
    for name in (
        "../../x.pdf",
        "/etc/x.pdf",
        "..\\..\\x.pdf",
        "a\0b.pdf",
        "\u202efdp.exe",
        "%2e%2e%2fx.pdf",
        "x" * 400,
    ):
        answer = tab.upload(name, b"%PDF-1.7 and no more")
        assert answer.status_code == 200
        (path,) = map(Path, answer.json())
        assert (path.parent.parent, path.is_file(), path.resolve()) == (inbox, True, path)
    assert tab.upload("..", b"x").status_code == 400
    assert names(tmp_path) == ["corpus", "index"]
    assert names(corpus) == []


@needs_chromium
def test_a_report_is_added_in_the_page_while_the_chat_answers(
    context: BrowserContext, tmp_path: Path, index: Path, chat: str
) -> None:
    corpus = tmp_path / "corpus"
    hostile = "(1) [x](y) & harbour.md"  # Gradio takes out <, >, $ and the like
    (tmp_path / hostile).write_text(HARBOUR)
    (tmp_path / "program.exe").write_bytes(b"MZ")
    (tmp_path / "other.md").write_text("# Other\n\nText.\n")
    page, second = context.new_page(), context.new_page()
    for tab in (page, second):
        tab.goto(chat)
        tab.get_by_role("heading", name=words.WELCOME).wait_for()
    with exclusive(index):  # as another ingest does; so it is surely not done before the rest is tried
        said = choose(page, tmp_path / hostile)
        expect(said).to_contain_text(f"Adding {hostile}: waiting for another process that writes the index …")
        said.get_by_role("progressbar").wait_for()
        keep_screenshot(page, "upload")
        expect(choose(second, tmp_path / "other.md")).to_contain_text(
            "other.md was not added: Another report is being added."
        )
        assert "August 2024" in ask(second, PUBLISHED).locator("blockquote").first.inner_text()
    expect(said).to_contain_text(f"Added “Harbour Report 2023” ({hostile}; 2 sections).", timeout=240_000)
    keep_screenshot(page, "upload-added")
    expect(page.locator(".welcome")).to_contain_text("2 reports (2023–2024)")
    assert page.get_by_label(words.REPORTS).is_visible()
    said.get_by_role("button", name=words.DISMISS).click()
    expect(said).to_have_count(0)
    second.close()

    expect(choose(page, tmp_path / "program.exe")).to_contain_text("It is not one of the kinds that are read")
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    assert names(corpus) == [hostile]


def choose(page: Page, path: Path) -> Locator:
    """Choose a file to be added; gives what is said of it."""
    page.locator("input[type=file]").set_input_files(path)
    return page.locator(".adding")
