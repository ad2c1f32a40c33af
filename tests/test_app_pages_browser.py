"""The page of a PDF in a real browser: the quote boxed on it, its neighbours, zoom, keys, and a file that changed."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import ask, keep_screenshot, marked, needs_chromium, words_only
from playwright.sync_api import Page, Route, expect
from serving import serve
from typeset import typeset_report

from answer.pipeline import Assistant
from answer.reader import CARRIED, open_reader
from chat import words
from chat.turns import Desk
from index.build import update
from index.embed import SentenceEncoder

pytestmark = needs_chromium

GOAL = "What is the goal of the Technology Working Group?"
THEMES = "What common exploration themes and benefits does the GES identify?"


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("typeset") / "isecg report 2024.pdf"
    typeset_report(path)
    return path


@pytest.fixture(scope="module")
def chat(report_file: Path, encoder: SentenceEncoder) -> Iterator[str]:
    """The address of a chat over the report as a designed PDF."""
    update(report_file.parent / "index", [report_file], encoder)
    with serve(Desk(Assistant(report_file.parent / "index", encoder, open_reader(CARRIED)))) as address:
        yield address


def open_first(page: Page, question: str) -> None:
    ask(page, question).locator(".cite").first.click()
    page.locator(".panel .sheet img").first.wait_for()


def test_the_quote_is_boxed_on_its_page_and_in_view(page: Page, chat: str) -> None:
    page.goto(chat)
    open_first(page, GOAL)
    expect(page.locator(".panel .box").first).to_be_in_viewport()
    assert page.locator(".panel .box:not(.key)").count() == 5  # lines, in a column
    assert page.locator(".panel .box.key").count() == 2
    picture = page.locator(".panel .sheet img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1500
    assert (picture.get_attribute("alt") or "").startswith(
        "Page 7 of ISECG Annual Report 2024, with a box around the quote: The goal of the Technology Working Group is"
    )
    assert page.locator(".panel .place").inner_text() == "p. 7 (PDF 9)"
    assert page.locator(".panel .turning").inner_text().split() == ["‹", "9", "of", "10", "›"]
    keep_screenshot(page, "page-light")
    page.emulate_media(color_scheme="dark")
    keep_screenshot(page, "page-dark")


def test_the_pages_beside_it_are_a_click_or_a_key_away_and_hold_no_box(page: Page, chat: str) -> None:
    page.goto(chat)
    open_first(page, GOAL)
    page.get_by_role("button", name=words.NEXT_PAGE).click()
    expect(page.locator(".panel .turning")).to_contain_text("10 of 10")
    expect(page.get_by_role("button", name=words.NEXT_PAGE)).to_be_disabled()
    assert page.locator(".panel .box").count() == 0
    assert page.locator(".panel .foot span").inner_text() == words.ELSEWHERE_NOTE
    page.get_by_role("button", name=words.PREVIOUS_PAGE).click()
    page.locator(".panel .box").first.wait_for()
    expect(page.get_by_role("button", name=words.PREVIOUS_PAGE)).to_be_focused()  # to be pressed again
    page.locator(".panel .sheets").focus()
    page.locator(".panel .sheets").evaluate("sheets => { sheets.scrollTop = sheets.scrollHeight }")
    page.keyboard.press("PageDown")
    expect(page.locator(".panel .turning")).to_contain_text("10 of 10")


def test_zoom_makes_the_page_larger_and_keeps_for_the_next(page: Page, chat: str) -> None:
    page.goto(chat)
    open_first(page, GOAL)
    width = page.locator(".panel .sheet").evaluate("sheet => sheet.clientWidth")
    page.keyboard.press("+")
    page.get_by_role("button", name=words.LARGER).click()
    assert page.locator(".panel .sheet").evaluate("sheet => sheet.clientWidth") == pytest.approx(1.5 * width, abs=2)
    page.get_by_role("button", name=words.NEXT_PAGE).click()
    expect(page.locator(".panel .turning")).to_contain_text("10 of 10")
    assert page.locator(".panel .sheet").evaluate("sheet => sheet.clientWidth") == pytest.approx(1.5 * width, abs=2)
    assert page.evaluate("document.documentElement.scrollWidth") == 1280


def test_the_text_is_there_too_and_the_choice_is_kept(page: Page, chat: str) -> None:
    page.goto(chat)
    turn = ask(page, GOAL)
    quote = turn.locator("blockquote").first.inner_text()
    turn.locator(".cite").first.click()
    page.get_by_role("button", name=words.AS_TEXT).click()
    assert words_only(marked(page)) == words_only(quote)
    ask(page, THEMES).locator(".cite").first.click()
    page.locator(".panel[data-open='2-1'] .text").wait_for()
    page.get_by_role("button", name=words.AS_PAGE).click()
    page.locator(".panel .box").first.wait_for()


def test_keys_step_through_all_citations_and_escape_returns_to_the_one_shown(page: Page, chat: str) -> None:
    page.goto(chat)
    first = ask(page, GOAL)
    count = first.locator(".cite").count()
    second = ask(page, THEMES)
    first.locator(".cite").first.focus()
    page.keyboard.press("Enter")
    for number in range(2, count + 1):
        page.locator(f".panel[data-open='1-{number - 1}']").wait_for()
        page.keyboard.press("n")
    page.locator(f".panel[data-open='1-{count}']").wait_for()
    page.keyboard.press("n")
    page.locator(".panel[data-open='2-1']").wait_for()
    expect(second.locator(".cite").first).to_be_in_viewport()
    page.keyboard.press("p")
    page.locator(f".panel[data-open='1-{count}']").wait_for()
    page.keyboard.press("Escape")
    expect(first.locator(".cite").last).to_be_focused()


def test_the_pdf_opens_at_the_page_and_nothing_else_is_served(page: Page, chat: str, report_file: Path) -> None:
    page.goto(chat)
    open_first(page, GOAL)
    link = page.get_by_role("link", name=words.OPEN_PDF).get_attribute("href") or ""
    assert re.fullmatch(r"report/[0-9a-f]{64}\.pdf#page=9", link)
    answer = page.request.get(f"{chat}/{link}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.body() == report_file.read_bytes()
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''isecg%20report%202024.pdf"
    sha256 = link[7:71]
    for other in (
        f"report/{'0' * 64}.pdf",
        f"report/{sha256}/999.jpg",
        "report/..%2f..%2fapp.py.pdf",
        f"report/{sha256}",
    ):
        assert page.request.get(f"{chat}/{other}").status == 404


def test_on_a_phone_the_page_fits_and_comes_into_view(page: Page, chat: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(chat)
    open_first(page, GOAL)
    expect(page.locator(".panel .box").first).to_be_in_viewport()
    keep_screenshot(page, "page-phone")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name=words.CLOSE).click()
    expect(page.locator(".panel")).to_be_hidden()


def slowly(route: Route) -> None:
    time.sleep(0.5)
    route.continue_()


def test_the_picture_comes_without_a_shift_of_the_layout(page: Page, chat: str) -> None:
    page.goto(chat)
    turn = ask(page, GOAL)
    page.route("**/*.jpg", slowly)
    turn.locator(".cite").first.click()
    sheet = page.locator(".panel .sheet")
    sheet.wait_for()
    before = sheet.bounding_box()
    sheet.locator("img").evaluate("image => image.decode()")
    assert sheet.bounding_box() == before


def test_a_file_that_changed_is_not_shown_and_the_text_is(tmp_path: Path, page: Page, encoder: SentenceEncoder) -> None:
    path = tmp_path / "report.pdf"
    typeset_report(path)
    update(tmp_path / "index", [path], encoder)
    with serve(Desk(Assistant(tmp_path / "index", encoder, open_reader(CARRIED)))) as address:
        page.goto(address)
        turn = ask(page, GOAL)
        path.write_bytes(path.read_bytes() + b"\n")
        turn.locator(".cite").first.click()
        assert words_only(marked(page)) == words_only(turn.locator("blockquote").first.inner_text())
        assert "its bytes have changed since" in page.locator(".panel .note").first.inner_text()
        assert page.locator(".panel .tools").count() == 0
