"""What a person sees who asks too much, or faster than answers come, in a real browser; and a quote over a page break."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import ask, keep_screenshot, needs_chromium, words_only
from pdfs import lines, write_pages
from playwright.sync_api import Page, expect
from serving import serve

from answer.pipeline import Assistant
from answer.reader import CARRIED, open_reader
from chat import words
from chat.limits import Limits
from chat.turns import Desk
from index.build import update
from index.embed import SentenceEncoder

pytestmark = needs_chromium

PUBLISHED = "When was the Global Exploration Roadmap 2024 published?"
GOAL = "What is the goal of the Technology Working Group?"
THEMES = "What common exploration themes and benefits does the GES identify?"
IN_VIEW = """box => { const [a, b] = [box, box.closest(".sheets")].map(e => e.getBoundingClientRect());
  return b.top <= a.top && a.bottom <= b.bottom }"""


@pytest.fixture(scope="module")
def assistant(built_index: Path, encoder: SentenceEncoder) -> Assistant:
    return Assistant(built_index, encoder, open_reader(CARRIED))


def test_when_too_many_ask_it_says_so_and_takes_the_next(page: Page, assistant: Assistant) -> None:
    desk = Desk(assistant, limits=Limits(waiting=1))
    with serve(desk) as address:
        page.goto(address)
        with desk.limits.admitted("somebody else"):
            busy = ask(page, PUBLISHED)
            assert busy.locator(".verdict").inner_text() == words.BUSY
            expect(page.locator("#said")).to_have_text(words.BUSY)
            keep_screenshot(page, "busy")
        busy.get_by_role("button", name=words.ASK_AGAIN).click()
        expect(page.locator(".turn").nth(1).locator("blockquote").first).to_contain_text("August 2024")


def test_who_asks_too_often_is_told_when_to_go_on(page: Page, assistant: Assistant) -> None:
    with serve(Desk(assistant, limits=Limits(rate=1))) as address:
        page.goto(address)
        assert ask(page, PUBLISHED).locator("blockquote").count() > 0
        said = ask(page, GOAL).locator(".verdict").inner_text()
        assert said.startswith("You have asked 1 question in a minute, the most that is taken. Go on in ")
        keep_screenshot(page, "too-often")


def test_questions_asked_faster_than_they_are_answered_are_all_answered_in_order(
    page: Page, assistant: Assistant
) -> None:
    with serve(Desk(assistant)) as address:
        page.goto(address)
        box = page.get_by_role("textbox", name=words.QUESTION)
        for question in (PUBLISHED, GOAL, THEMES):
            box.fill(question)
            page.keyboard.press("Enter")
            expect(box).to_have_value("")
        expect(page.locator(".turn:has(.cite)")).to_have_count(3)
        asked = page.locator(".turn h2").all_inner_texts()
        assert [text.splitlines()[-1].removeprefix("You asked: ") for text in asked] == [PUBLISHED, GOAL, THEMES]


@pytest.fixture(scope="module")
def broken_chat(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Iterator[str]:
    """The address of a chat over a report with a sentence that begins on its first page and ends on its second."""
    folder = tmp_path_factory.mktemp("broken")
    filler = [
        f"The harbour has a quay of stone and a crane of iron, which was painted in the year {1900 + n}."
        for n in range(52)
    ]
    write_pages(
        folder / "harbour-2031.pdf",
        lines(*filler, "In May 2031 the harbour board decided that the northern pier, which was"),
        lines(
            "built of oak in 1931, is to be rebuilt in concrete by the year 2040.", "The sea was calm in the spring."
        ),
    )
    update(folder / "index", [folder / "harbour-2031.pdf"], encoder)
    with serve(Desk(Assistant(folder / "index", encoder, open_reader(CARRIED)))) as address:
        yield address


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_quote_over_a_page_break_is_boxed_on_both_pages(
    page: Page, broken_chat: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(broken_chat)
    turn = ask(page, "What did the harbour board decide about the northern pier in May 2031?")
    assert words_only(turn.locator("blockquote").first.inner_text()).endswith(
        "northern pier, which was built of oak in 1931, is to be rebuilt in concrete by the year 2040."
    )
    assert turn.locator(".cite").first.inner_text().endswith("pp. 1–2")
    turn.locator(".cite").first.click()
    sheets = page.locator(".panel .sheet")
    expect(sheets).to_have_count(2)
    assert page.locator(".panel .turning").inner_text().split() == ["‹", "1–2", "of", "2", "›"]
    assert page.locator(".panel .place").inner_text() == "pp. 1–2"
    assert page.locator(".panel .foot span").inner_text() == words.BOXED_NOTE
    for number in range(2):
        assert sheets.nth(number).locator(".box:not(.key)").count() == 1
    expect(sheets.nth(0).locator(".box").first).to_be_in_viewport()
    page.locator(".panel .sheets").focus()
    second = sheets.nth(1).locator(".box").first
    for _ in range(4):  # where both do not fit, the keys lead on
        if second.evaluate(IN_VIEW):
            break
        page.keyboard.press("PageDown")
        page.wait_for_timeout(200)
    expect(second).to_be_in_viewport()
    keep_screenshot(page, f"page-break-{width}")
