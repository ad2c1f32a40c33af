"""Taking an answer along in a real browser: copies, links, files that verify checks, what to ask next, each year's words."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import ask, keep_screenshot, marked, needs_chromium, words_only
from conftest import ROOT
from playwright.sync_api import BrowserContext, Page, expect
from serving import serve

from answer.__main__ import main
from answer.pipeline import Assistant
from answer.reader import CARRIED, open_reader
from chat import words
from chat.turns import Desk
from index.build import update
from index.embed import SentenceEncoder

pytestmark = needs_chromium

GOAL = "What is the goal of the Technology Working Group?"
LASAGNE = "What is the best recipe for a vegetarian lasagne?"
MEMBERS = "How many members does the harbour board have?"


@pytest.fixture(scope="module")
def chat(built_index: Path, encoder: SentenceEncoder) -> Iterator[str]:
    """The address of the chat over the real report."""
    with serve(Desk(Assistant(built_index, encoder, open_reader(CARRIED)))) as address:
        yield address


@pytest.fixture(scope="module")
def years_chat(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Iterator[str]:
    """The address of a chat over three editions of an invented report, of which one does not say."""
    folder = tmp_path_factory.mktemp("years")
    for year, says in (
        (2029, "The harbour board has 11 members."),
        (2030, "The sea was calm."),
        (2031, "The harbour board has 31 members."),
    ):
        (folder / f"harbour-{year}.md").write_text(
            f"# Harbour Annual Report {year}\n\n## The board\n\n{says}\n", "utf-8"
        )
    update(folder / "index", [folder], encoder)
    with serve(Desk(Assistant(folder / "index", encoder, open_reader(CARRIED)))) as address:
        yield address


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_an_answer_is_copied_as_markdown_and_its_link_asks_it_again(
    context: BrowserContext, page: Page, chat: str
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(chat)
    turn = ask(page, GOAL)
    quote = turn.locator("blockquote").first.inner_text()
    turn.get_by_role("button", name=words.COPY_MARKDOWN).click()
    expect(turn.get_by_role("button", name=words.COPIED)).to_be_visible()
    copied = clipboard(page)
    assert copied.startswith(f"> {quote}[^")
    assert "]: 2024 Annual Report, Annex III: ISECG Working Groups › Technology Working Group" in copied.replace(
        "\\", ""
    )
    turn.get_by_role("button", name=words.COPY_LINK).click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.includes('?q='))")
    other = context.new_page()
    other.goto(clipboard(page))
    other.locator(".turn .cite").first.wait_for()
    assert other.locator(".turn").count() == 1
    assert other.locator(".turn blockquote").first.inner_text() == quote


def test_a_link_with_anything_in_it_is_a_question_like_any_other(page: Page, chat: str) -> None:
    page.goto(f"{chat}/?q=%3Cimg+src%3Dx+onerror%3Dwindow.hacked%3D1%3E+lasagne%3F&report=no-such.pdf&report=..%2Fx")
    page.locator(".turn .verdict").wait_for()
    assert "<img src=x onerror=window.hacked=1> lasagne?" in page.locator(".turn h2").first.inner_text()
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("kind", ["Markdown", "JSON", "Page"])
def test_a_conversation_is_saved_from_the_page(
    page: Page, chat: str, built_index: Path, kind: str, tmp_path: Path
) -> None:
    page.goto(chat)
    menu = page.locator(".menu")
    expect(menu).to_be_hidden()  # there is nothing to save
    quote = ask(page, GOAL).locator("blockquote").first.inner_text()
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    with page.expect_download() as saved:
        menu.locator("button", has_text=kind).click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    expect(menu.locator("summary")).to_be_focused()
    assert file.suffix == {"Markdown": ".md", "JSON": ".json", "Page": ".html"}[kind]
    assert quote in file.read_text("utf-8")
    if kind == "JSON":
        assert main(["verify", str(file), "--index", str(built_index)]) == 0
    if kind == "Page":
        page.goto(file.as_uri())
        assert page.locator("blockquote").first.inner_text().strip() == quote
        keep_screenshot(page, "print")


def test_a_receipt_is_verified_on_another_machine_by_the_report_alone(page: Page, chat: str, tmp_path: Path) -> None:
    page.goto(chat)
    turn = ask(page, GOAL)
    with page.expect_download() as saved:
        turn.get_by_role("button", name=words.RECEIPT).click()
    receipt = tmp_path / saved.value.suggested_filename
    saved.value.save_as(receipt)
    reports = tmp_path / "reports"
    shutil.copytree(ROOT / "corpus", reports)
    assert main(["verify", str(receipt), "--documents", str(reports)]) == 0


def test_a_refusal_offers_questions_that_are_answered(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, LASAGNE)
    chips = page.get_by_role("region", name=words.ASK_INSTEAD).get_by_role("button")
    chips.first.wait_for()
    keep_screenshot(page, "refusal")
    question = chips.first.inner_text()
    chips.first.click()
    turn = page.locator(".turn").nth(1)
    turn.locator(".cite").first.wait_for()
    assert question in turn.locator("h2").first.inner_text()
    assert turn.locator("blockquote").count() > 0


def test_a_screen_reader_is_told_what_came(page: Page, chat: str) -> None:
    page.goto(chat)
    turn = ask(page, GOAL)
    said = page.locator("#said[role=status]")
    expect(said).to_contain_text(words_only(turn.locator("blockquote").first.inner_text())[:80])
    ask(page, LASAGNE)
    expect(said).to_contain_text("The reports do not say. No passage answers this")


def test_each_year_answers_in_its_own_words(page: Page, years_chat: str) -> None:
    page.goto(years_chat)
    turn = ask(page, MEMBERS)
    assert "members" in turn.locator("blockquote").first.inner_text()
    turn.get_by_role("button", name=words.BY_YEAR).click()
    years = page.locator(".turn").nth(1)
    years.locator(".year").first.wait_for()
    assert years.locator(".year").all_inner_texts() == ["2031", "2030", "2029"]
    assert [words_only(quote) for quote in years.locator("blockquote").all_inner_texts()] == [
        "The harbour board has 31 members.",
        "The harbour board has 11 members.",
    ]
    assert years.locator(".nothing").count() == 1
    assert years.locator(".cite").last.inner_text().endswith("older report, of 2029")
    keep_screenshot(page, "by-year")
    years.locator(".cite").last.click()
    assert marked(page) == "The harbour board has 11 members."
    page.locator(".menu summary").click()
    with page.expect_download() as saved:
        page.locator(".menu button", has_text="Markdown").click()
    content = Path(saved.value.path()).read_text("utf-8")
    assert f"## {MEMBERS} (2029)" in content
