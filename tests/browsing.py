"""The chat in a real browser, for the tests that drive it: asking, reading the panel, and keeping screenshots.

conftest.py has the tab (`page`), serving.py the chat.
"""

import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from playwright.sync_api import Download, Locator, Page, expect

from chat import words

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium was found (chromium, chromium-browser, google-chrome)"
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds: a test machine may be busy
expect.set_options(timeout=PATIENCE)
SCREENSHOTS = ROOT / "build" / "screenshots"


def ask(page: Page, question: str) -> Locator:
    """Ask as a person does; gives the turn, answered, refused, or not taken."""
    turns = page.locator(".turn")
    before = turns.count()
    page.get_by_role("textbox", name=words.QUESTION).fill(question)
    page.keyboard.press("Enter")
    turn = turns.nth(before)
    turn.locator(".cite, .verdict").first.wait_for()
    return turn


def marked(page: Page) -> str:
    """The marked words of the open panel, block by block."""
    page.locator(".panel[data-open] .text").wait_for()
    return "\n".join(page.locator(".panel mark").all_inner_texts())


def words_only(text: str) -> str:
    """Text without list markers, on one line."""
    return " ".join(re.sub(r"(?m)^ *- ", "", text).split())


def save_conversation(page: Page, kind: str) -> Download:
    """What "Save" and then "Markdown", "JSON" or "Page" in its menu give."""
    page.locator(".menu summary").click()
    with page.expect_download() as saved:
        page.locator(".menu button", has_text=kind).click()
    return saved.value


def save_receipt(page: Page, turn: Locator, folder: Path) -> Path:
    """The receipt of a turn, saved in `folder` by its button."""
    with page.expect_download() as saved:
        turn.get_by_role("button", name=words.RECEIPT).click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    return path


def keep_screenshot(page: Page, name: str) -> None:
    """A picture of the page under build/, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(300)  # pictures of pages are drawn when they have come
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
