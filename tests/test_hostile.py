"""A hostile report, as text and as PDF, in the real page, in the terminal and in messages: it is shown, and does nothing."""

import io
import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import browsing
import pytest
from browsing import PATIENCE, SCREENSHOTS, needs_chromium, save_conversation, save_receipt
from conftest import ROOT, HashEncoder
from hostile import HACKS, TEXT, write_hostile_pdf
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Locator, Page, expect
from serving import serve

from answer.__main__ import main
from answer.pipeline import Assistant
from answer.weights import load
from chat import words
from chat.feedback import FeedbackFile
from chat.turns import Desk
from chat.upload import Uploads
from index.build import update
from index.store import read_documents
from ingest.terminal import UNSEEN, printable, tame_output

QUESTION = f"When did the evil committee publish its roadmap? {' '.join(HACKS)}"
NONSENSE = "lasagne \u202ednetxe ${window.hacked=9} <b>x</b>"
WIDTHS = ((1280, 800), (390, 844))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the hostile report, as text and as PDF, a harmless one, and an index of them."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "hostile.md").write_text(TEXT, "utf-8")
    write_hostile_pdf(folder / "hostile.pdf")
    (folder / "harmless.md").write_text("# Harmless Report 2030\n\n## Members\n\nThe agency has 31 members.\n", "utf-8")
    update(folder / "index", [folder], HashEncoder())  # no model: how sure an answer is does not matter here
    return folder


class Watched:
    """A page of which every request, complaint and dialog is kept."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def check(self) -> None:
        """Nothing was asked of others, no script ran, nothing became markup, nothing is wider than the window."""
        page = self.page
        own = (self.address, "data:", "blob:")
        assert [url for url in self.requests if not url.startswith(own)] == []
        assert self.complaints == []
        assert page.evaluate("window.hacked") is None
        made = page.locator(
            ":is(.log, .panel, .adding, #why) :is(script, iframe, form, object, embed, style, link, base)"
        )
        assert made.count() == 0
        assert page.locator(":is(.log, .panel) a:not([href^='report/'])").count() == 0
        assert page.locator(":is(.log, .panel) img:not([src^='report/'], [src^='data:'])").count() == 0
        assert page.locator("h1").count() == 1
        assert page.title() == words.TITLE
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") == 0
        assert (
            page.evaluate("document.querySelector('#log').scrollWidth - document.querySelector('#log').clientWidth")
            == 0
        )
        assert UNSEEN.search(page.locator("body").inner_text().replace("\r", "")) is None

    def ask(self, question: str) -> Locator:
        return browsing.ask(self.page, question)


@pytest.fixture(scope="module")
def watched(browser: Browser, folder: Path) -> Iterator[Watched]:
    bold = replace(load("embeddings"), threshold=0.1)  # answers, however little the stand-in for the model is sure
    desk = Desk(Assistant(folder / "index", HashEncoder(), weights=bold), ratable=True)
    uploads = Uploads(folder / "corpus", folder / "index", "hash")
    with serve(desk, FeedbackFile(folder / "feedback.jsonl"), uploads) as address:
        context = browser.new_context(reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        tab = context.new_page()
        watched = Watched(tab, address)
        tab.goto(address)
        tab.get_by_role("heading", name=words.WELCOME).wait_for()
        yield watched
        context.close()


@needs_chromium
@pytest.mark.parametrize(("width", "height"), WIDTHS)
@pytest.mark.parametrize("kind", ["md", "pdf"])
def test_an_answer_and_its_source_are_shown_and_do_nothing(
    watched: Watched, kind: str, width: int, height: int
) -> None:
    page = watched.page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name=words.NEW).click()
    choose_report(page, "hostile.pdf" if kind == "pdf" else "hostile.md")
    page.set_viewport_size({"width": width, "height": height})
    turn = watched.ask(QUESTION[:480])
    assert "<script>window.hacked = 1</script>" in turn.locator("h2").inner_text()
    assert turn.locator("blockquote").count() > 0
    turn.locator(".cite").first.click()
    panel = page.locator(".panel[data-open]")
    panel.wait_for()
    page.wait_for_timeout(300)
    watched.check()
    assert "window.hacked" in panel.inner_text()
    box = panel.bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= width) == (True, True)
    close = page.get_by_role("button", name=words.CLOSE)
    if close.is_visible():
        close.click()
    watched.check()


def choose_report(page: Page, name: str) -> None:
    """Ask one report only; both hostile ones have the same title, so the file name is in the choice."""
    page.get_by_label(words.REPORTS).click()
    page.get_by_role("option", name=name).click()
    page.keyboard.press("Escape")


@needs_chromium
def test_a_refusal_lists_hostile_sections_and_does_nothing(watched: Watched) -> None:
    watched.page.set_viewport_size({"width": 1280, "height": 800})
    turn = watched.ask(NONSENSE)
    turn.locator(".verdict").wait_for()
    watched.check()
    near = turn.locator(".cite")
    for number in range(near.count()):
        near.nth(number).click()
        watched.page.wait_for_timeout(200)
        watched.check()


@needs_chromium
def test_what_is_copied_is_text(watched: Watched) -> None:
    page = watched.page
    turn = watched.ask("When did the evil committee publish the roadmap?")  # "its" would lean on the question before
    buttons = turn.get_by_role("button", name=words.COPY)
    copied = []
    for number in range(buttons.count()):
        buttons.nth(number).click()
        page.wait_for_timeout(300)
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    assert any("evil committee" in text for text in copied)
    assert [text for text in copied if UNSEEN.search(text.replace("\r", ""))] == []
    watched.check()


@needs_chromium
def test_a_rating_and_an_upload_of_hostile_text_do_nothing(watched: Watched, folder: Path) -> None:
    page = watched.page
    page.locator(".turn").last.get_by_role("button", name=words.RATE_DOWN).click()
    page.get_by_label(words.COMMENT).fill("".join(HACKS))
    watched.check()
    page.get_by_role("button", name=words.SEND_RATING).click()
    page.locator(".turn").last.get_by_text(words.RATED).wait_for()
    (folder / "(1) [x](y) & program.exe").write_bytes(b"MZ")
    page.locator("input[type=file]").set_input_files(folder / "(1) [x](y) & program.exe")
    expect(page.locator(".adding")).to_contain_text(
        "(1) [x](y) & program.exe was not added: It is not one of the kinds"
    )
    watched.check()


@needs_chromium
def test_what_is_saved_holds_the_text_and_no_markup(watched: Watched, folder: Path, tmp_path: Path) -> None:
    page = watched.page
    page.set_viewport_size({"width": 1280, "height": 800})
    turn = watched.ask(QUESTION[:480])
    saved = {kind: tmp_path / kind for kind in ("Markdown", "JSON", "Page")}
    for kind, path in saved.items():
        save_conversation(page, kind).save_as(path)
    saved["Receipt"] = save_receipt(page, turn, tmp_path)
    for path in saved.values():
        content = path.read_text("utf-8")
        assert "evil" in content
        assert UNSEEN.search(content) is None
    for kind in ("JSON", "Receipt"):
        assert main(["verify", str(saved[kind]), "--index", str(folder / "index")]) == 0
    assert saved["JSON"].read_bytes().isascii()
    for kind in ("Markdown", "Receipt"):
        made = MarkdownIt("commonmark", {"html": True}).enable("table").render(saved[kind].read_text("utf-8"))
        seen = Seen(made)
        assert {tag for tag, _ in seen.tags} <= set("h1 h2 h3 p strong em blockquote ul ol li br code pre hr".split())
        assert "<script>window.hacked = 1</script>" in seen.text
    other = page.context.new_page()
    requests: list[str] = []
    other.on("request", lambda request: requests.append(request.url))
    other.on("dialog", lambda dialog: requests.append(dialog.message))
    printed = tmp_path / "printed.html"
    saved["Page"].rename(printed)
    other.goto(printed.as_uri())
    other.wait_for_timeout(500)
    assert requests == [printed.as_uri()]
    assert other.evaluate("window.hacked") is None
    assert other.locator("body :is(script, img, iframe, form, button, a, link, style, object)").count() == 0
    assert other.locator("h1").count() == 1
    assert "<script>window.hacked = 1</script>" in other.locator("body").inner_text()
    assert other.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    other.screenshot(path=SCREENSHOTS / "hostile-print.png")
    other.close()
    watched.check()


class Seen(HTMLParser):
    """The tags and the text of HTML."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, object]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


def terminal(*command: str) -> str:
    """What a terminal gets from a command, standard error too."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    got = b""
    try:
        while piece := os.read(ours, 65536):
            got += piece
    except OSError:
        pass  # Linux's way to say that the other end is closed
    os.close(ours)
    child.wait()
    return got.decode().replace("\r", "")  # a progress bar goes back to the beginning of its line


def test_a_terminal_gets_no_order_from_a_question_or_an_answer(built_index: Path) -> None:
    question = f"When was the \x1b[2JGER 2024\u202e published? {HACKS[11]}"
    shown = terminal("answer", "--index", str(built_index), question, "--history", "The evil\x1b[31m roadmap")
    assert "2024" in shown
    assert UNSEEN.search(shown) is None


@pytest.mark.parametrize("loaded", ["faiss", "libtorch", "onnxruntime"])  # how far its start has come
def test_ctrl_c_in_a_terminal_ends_it_in_a_word(built_index: Path, loaded: str) -> None:
    child, ours = pty.fork()
    if not child:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "answer", "--index", str(built_index), "What is ISECG?"])
    process = Path(f"/proc/{child}")
    while b"\0answer\0" not in (process / "cmdline").read_bytes() or loaded not in (process / "maps").read_text():
        time.sleep(0.01)
    os.write(ours, b"\x03")
    got = b""
    try:
        while piece := os.read(ours, 65536):
            got += piece
    except OSError:
        pass  # the other end is closed
    os.close(ours)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert (code, got.decode().replace("^C", "")) == (2, "Stopped.\r\n")


def test_json_stays_exact(folder: Path) -> None:
    question = "When did the evil committee publish its roadmap? \u202e\x9b31m"
    answer = Assistant(folder / "index", HashEncoder()).ask(question)
    sent = io.StringIO()
    with redirect_stdout(sent), tame_output():
        sys.stdout.write(json.dumps(answer.to_dict()))
    assert json.loads(sent.getvalue()) == json.loads(json.dumps(answer.to_dict()))
    assert json.loads(sent.getvalue())["question"] == question
    documents = {d.name: d for d in read_documents(folder / "index")}
    for place in answer.to_dict()["passages"]:
        assert documents[place["document"]].text[place["start"] : place["end"]] == place["text"]


def test_a_terminal_gets_no_order_from_the_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "red\x1b[31m.md").write_text("# Red\n\nText.\n")
    (tmp_path / "forged\n9 added.md").write_text("# Forged\n\nText.\n")
    (tmp_path / "turned\u202e.pdf").write_bytes(b"no PDF")
    (tmp_path / "good.md").write_text("# Good\n\nText.\n")
    shown = terminal("ingest", "--index", str(tmp_path / "index"), str(tmp_path), "missing\x1b[2J.md")
    assert UNSEEN.search(shown) is None
    assert "1 added" in shown
    for name in ("red�[31m.md", "forged�9 added.md", "turned�.pdf"):
        assert f"{name}: Its name holds characters that cannot be shown; rename it." in shown
    assert "missing�[2J.md: There is no such file or folder." in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b[31mb", "a�[31mb"), ("a\tb\nc é 宇宙 \U0001f680", "a\tb\nc é 宇宙 \U0001f680"), ("\u202ex\ud800", "�x�")],
)
def test_printable_keeps_what_is_seen(text: str, shown: str) -> None:
    assert printable(text) == shown
