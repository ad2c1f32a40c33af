"""The chat in a real browser (Chromium, by Playwright): asking, opening sources, and what must never happen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import ask, marked, needs_chromium, words_only
from playwright.sync_api import BrowserContext, Page, expect
from serving import serve

from answer.pipeline import Assistant
from answer.reader import CARRIED, open_reader
from chat import words
from chat.turns import Desk
from index.build import update
from index.embed import SentenceEncoder

pytestmark = needs_chromium

PUBLISHED = "When was the Global Exploration Roadmap 2024 published?"
THEMES = "What common exploration themes and benefits does the GES identify?"
LASAGNE = "What is the best recipe for a vegetarian lasagne?"


@pytest.fixture(scope="module")
def chat(built_index: Path, encoder: SentenceEncoder) -> Iterator[str]:
    """The address of the chat over the real report."""
    with serve(Desk(Assistant(built_index, encoder, open_reader(CARRIED)))) as address:
        yield address


@pytest.fixture(scope="module")
def two_reports_chat(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Iterator[str]:
    """The address of a chat over two invented reports."""
    folder = tmp_path_factory.mktemp("two")
    (folder / "harbour.md").write_text(
        "# Harbour Report 2031\n\n## The board\n\nThe harbour committee published its roadmap in May 2031.\n", "utf-8"
    )
    (folder / "agency.md").write_text("# Agency Report 2030\n\n## Members\n\nThe agency has 31 members.\n", "utf-8")
    update(folder / "index", [folder / "harbour.md", folder / "agency.md"], encoder)
    with serve(Desk(Assistant(folder / "index", encoder, open_reader(CARRIED)))) as address:
        yield address


def test_a_click_on_a_citation_opens_the_quote_in_its_place(page: Page, chat: str) -> None:
    page.goto(chat)
    turn = ask(page, THEMES)
    quote = turn.locator("blockquote").first.inner_text()
    assert "Inspiration and education" in quote
    turn.locator(".cite").first.click()
    assert words_only(marked(page)) == words_only(quote)
    panel = page.get_by_role("region", name=words.SOURCE, exact=True)
    assert panel.locator("h2").inner_text() == "2024 Annual Report"
    assert panel.locator(".path").inner_text() == "Annex IV: ISECG at a Glance › Background"
    assert panel.locator(".place").inner_text() == "section from p. 15"
    assert panel.locator("mark").first.is_visible()
    assert panel.locator("li mark").count() == 5
    assert turn.locator(".cite").first.get_attribute("aria-current") == "true"


def test_the_keyboard_opens_a_source_and_comes_back(page: Page, chat: str) -> None:
    page.goto(chat)
    citation = ask(page, PUBLISHED).locator(".cite").first
    citation.focus()
    page.keyboard.press("Enter")
    assert "August 2024" in marked(page)
    expect(page.locator(".panel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(citation).to_be_focused()


def test_a_suggested_question_is_asked_by_a_click(page: Page, chat: str) -> None:
    page.goto(chat)
    page.get_by_role("button", name=PUBLISHED).click()
    assert "August 2024" in page.locator(".turn blockquote").first.inner_text()
    assert page.locator(".turn h2").inner_text().endswith(PUBLISHED)


def test_a_refusal_says_why_and_its_nearest_sections_open(page: Page, chat: str) -> None:
    page.goto(chat)
    turn = ask(page, LASAGNE)
    assert turn.locator(".verdict").inner_text() == "The reports do not say."
    assert turn.locator(".verdict + p").inner_text() != ""
    assert turn.locator(".cite").count() == 3
    turn.locator(".cite").nth(1).click()
    assert marked(page) == ""
    assert page.locator(".panel .foot").inner_text().startswith(words.NEAR_NOTE)


def test_a_follow_up_shows_what_it_was_taken_to_mean(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, "Was the Critical Technology List updated?")
    turn = ask(page, "In which chapter of the roadmap is it?")
    understood = turn.locator(".understood").inner_text()
    assert understood.startswith("Understood as:")
    assert "Critical Technology List" in understood


def test_copy_puts_the_answer_and_its_place_on_the_clipboard(context: BrowserContext, page: Page, chat: str) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(chat)
    turn = ask(page, THEMES)
    turn.get_by_role("button", name=words.COPY, exact=True).click()
    turn.get_by_role("button", name=words.COPIED).wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("\n— 2024 Annual Report, Annex IV: ISECG at a Glance › Background, section from p. 15")
    assert "\n- Inspiration and education”" in copied


def test_a_new_conversation_forgets_the_old_one(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, PUBLISHED).locator(".cite").first.click()
    marked(page)
    page.get_by_role("button", name=words.NEW).click()
    page.get_by_role("heading", name=words.WELCOME).wait_for()
    assert page.locator(".turn").count() == 0
    page.get_by_role("heading", name=words.SOURCE_EMPTY).wait_for()


def test_tabs_do_not_see_each_other(context: BrowserContext, chat: str) -> None:
    first, second = context.new_page(), context.new_page()
    first.goto(chat)
    second.goto(chat)
    ask(first, PUBLISHED)
    turn = ask(second, THEMES)
    assert second.locator(".turn").count() == 1
    turn.locator(".cite").first.click()
    assert "Inspiration and education" in marked(second)


def test_a_number_that_the_browser_makes_up_opens_nothing(page: Page, chat: str) -> None:
    page.goto(chat)
    citation = ask(page, PUBLISHED).locator(".cite").first
    citation.evaluate("button => { button.dataset.source = '1-99' }")
    citation.click()
    page.get_by_role("heading", name=words.SOURCE_GONE).wait_for()
    assert page.locator(".panel mark").count() == 0


def test_a_question_too_long_is_refused_in_a_sentence(page: Page, chat: str) -> None:
    page.goto(chat)
    assert "at most 500 are read" in ask(page, "why " * 200).locator(".verdict").inner_text()


def test_on_a_phone_the_source_comes_into_view_and_goes_again(page: Page, chat: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(chat)
    turn = ask(page, THEMES)
    assert not page.locator(".panel").is_visible()
    turn.locator(".cite").first.click()
    expect(page.locator(".panel mark").first).to_be_in_viewport()
    page.get_by_role("button", name=words.CLOSE).click()
    expect(page.locator(".panel")).to_be_hidden()
    expect(turn.locator(".cite").first).to_be_focused()
    turn.locator(".cite").first.click()  # the same source once more
    expect(page.locator(".panel mark").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_nothing_is_asked_of_any_other_machine(page: Page, chat: str) -> None:
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(chat)
    ask(page, PUBLISHED).locator(".cite").first.click()
    marked(page)
    assert len(requests) > 10
    assert [url for url in requests if not url.startswith((chat, "data:"))] == []
    assert complaints == []  # nor did the page try to, and was stopped by its own policy


def test_the_filter_shows_with_two_reports_and_limits_the_answer(page: Page, two_reports_chat: str) -> None:
    page.goto(two_reports_chat)
    page.get_by_label(words.REPORTS).click()
    page.get_by_role("option", name="Agency Report 2030").click()
    turn = ask(page, "When did the committee publish its roadmap?")
    places = turn.locator(".cite").all_inner_texts()
    assert places
    assert all("Agency Report 2030" in place for place in places)


def test_one_report_needs_no_filter(page: Page, chat: str) -> None:
    page.goto(chat)
    page.get_by_role("heading", name=words.WELCOME).wait_for()
    assert page.locator("#reports").count() == 0 or not page.locator("#reports").is_visible()
