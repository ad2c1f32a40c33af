"""The chat in a real browser, for the tests that drive it: serving, asking, reading the panel, and keeping screenshots."""

import re
import shutil
import socket
from collections.abc import Iterator

import pytest
from conftest import ROOT
from playwright.sync_api import Locator, Page, expect

from answer.pipeline import Assistant
from chat import words
from chat.page import build_page, launch
from chat.report_files import report_routes
from chat.turns import Desk

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
expect.set_options(timeout=30_000)  # a test machine may be busy
SCREENSHOTS = ROOT / "build" / "screenshots"


def serve(assistant: Assistant) -> Iterator[str]:
    """The address of a chat over `assistant`, until the generator is closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    desk = Desk(assistant)
    page = build_page(desk)
    yield launch(page, "127.0.0.1", port, report_routes(desk.pages))
    page.close(verbose=False)


def ask(page: Page, question: str) -> Locator:
    """Ask as a person does; gives the turn, answered."""
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


def keep_screenshot(page: Page, name: str) -> None:
    """A picture of the page under build/, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(300)  # pictures of pages are drawn when they have come
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
