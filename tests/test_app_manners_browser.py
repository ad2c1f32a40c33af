"""Manners of the page in a real browser: axe-core's rules in light and dark, large text, small windows, a visible focus."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import ask, keep_screenshot, needs_chromium
from playwright.sync_api import Page, expect
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
LASAGNE = "What is the best recipe for a vegetarian lasagne?"


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Iterator[str]:
    """The address of a chat over the report as a designed PDF."""
    folder = tmp_path_factory.mktemp("typeset")
    typeset_report(folder / "report.pdf")
    update(folder / "index", [folder / "report.pdf"], encoder)
    with serve(Desk(Assistant(folder / "index", encoder, open_reader(CARRIED)))) as address:
        yield address


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2 A and AA, and against good practice where it is serious."""
    found = Axe().run(page).response["violations"]
    return [
        f"{v['id']} ({v['impact']}): {node['html'][:200]} {node['failureSummary'][:300]}"
        for v in found
        for node in v["nodes"]
        if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(page: Page, chat: str, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(chat)
    page.get_by_role("heading", name=words.WELCOME).wait_for()
    keep_screenshot(page, f"welcome-{scheme}-{width}")
    assert violations(page) == []
    turn = ask(page, GOAL)
    ask(page, LASAGNE)
    page.locator(".next button").first.wait_for()
    keep_screenshot(page, f"answers-{scheme}-{width}")
    assert violations(page) == []
    turn.locator(".cite").first.click()
    page.locator(".panel .box").first.wait_for()
    keep_screenshot(page, f"open-{scheme}-{width}")
    assert violations(page) == []
    page.get_by_role("button", name=words.AS_TEXT).click()
    page.locator(".panel mark").first.wait_for()
    assert violations(page) == []


def test_with_text_at_200_percent_everything_is_still_there(page: Page, chat: str) -> None:
    page.goto(chat)
    page.add_style_tag(content="html { font-size: 200% }")
    ask(page, GOAL).locator(".cite").first.click()
    page.locator(".panel .box").first.wait_for()
    keep_screenshot(page, "text-200")
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    assert page.locator(".asked").first.evaluate("h => getComputedStyle(h).fontSize") == "38px"
    for button in page.locator(":is(.take, .tools, #top) :is(button, summary, a):visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1281
    expect(page.get_by_role("textbox", name=words.QUESTION)).to_be_in_viewport()


def test_on_a_phone_with_text_at_200_percent_nothing_lies_over_another_thing(page: Page, chat: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(chat)
    page.add_style_tag(content="html { font-size: 200% }")
    ask(page, GOAL)
    page.locator(".next button").first.wait_for()
    keep_screenshot(page, "text-200-phone")
    boxes = [b.bounding_box() for b in page.locator("#top :is(h1, .menu summary, button):visible").all()]
    assert len(boxes) == 3  # nothing can be added to this chat
    for a, b in combinations([box for box in boxes if box], 2):
        apart = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
        assert apart or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"], (a, b)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    conversation = page.locator("#log").bounding_box()
    assert conversation
    assert conversation["height"] >= 250
    expect(page.get_by_role("textbox", name=words.QUESTION)).to_be_in_viewport()


def test_zoomed_to_200_percent_nothing_is_lost(page: Page, chat: str) -> None:
    page.set_viewport_size({"width": 640, "height": 400})  # what is left of 1280 by 800
    page.goto(chat)
    ask(page, GOAL).locator(".cite").first.click()
    expect(page.locator(".panel .box").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 640
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name=words.QUESTION)).to_be_in_viewport()


def test_with_the_keyboard_alone_a_question_is_asked_opened_and_left(page: Page, chat: str) -> None:
    page.goto(chat)
    expect(page.get_by_role("textbox", name=words.QUESTION)).to_be_focused()
    page.keyboard.type(GOAL)
    page.keyboard.press("Enter")
    page.locator(".cite").first.wait_for()
    page.locator(".next button").first.wait_for()
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.cite[data-source=\"1-1\"]')"):
            break
    style = page.evaluate(
        "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))"
    )
    assert style == ["solid", "2px"]
    page.keyboard.press("Enter")
    page.locator(".panel .box").first.wait_for()
    expect(page.locator(".panel")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.panel') !== null")
    page.keyboard.press("Escape")
    expect(page.locator(".cite").first).to_be_focused()


def test_an_answer_comes_without_a_shift_of_what_is_there(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, GOAL)
    page.locator(".next button").first.wait_for()
    page.evaluate(
        "() => { window.shift = 0; new PerformanceObserver(list => { for (const e of list.getEntries())"
        " if (!e.hadRecentInput) window.shift += e.value }).observe({ type: 'layout-shift', buffered: true }) }"
    )
    page.wait_for_timeout(200)
    page.locator(".cite").first.click()
    page.locator(".panel .box").first.wait_for()
    page.wait_for_timeout(800)  # the picture has come, and no input is recent any more
    assert page.evaluate("window.shift") < 0.1  # what the Core Web Vitals call good
