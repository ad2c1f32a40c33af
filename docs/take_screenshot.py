"""`python docs/take_screenshot.py` takes docs/chat.png: the chat over the 2024 report, typeset as a PDF by the tests.

With --seconds it prints how long an answer takes to be seen in the browser, on this machine.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from answer.pipeline import Assistant
from answer.reader import CARRIED, open_reader
from chat import words
from index.build import update
from index.embed import SentenceEncoder

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))
from browsing import ARGUMENTS, CHROMIUM, ask, serve  # noqa: E402
from typeset import typeset_report  # noqa: E402

QUESTIONS = (
    "Why is the Science White Paper being revised?",
    "What is the goal of the Technology Working Group?",
)
TIMED = 20
COLOURS = 128  # of the picture, which makes it a third of the size


def main() -> int:
    """Take the picture, or the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", action="store_true", help="print the times of answers in place of taking the picture"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = Path(folder) / "isecg-annual-report-2024.pdf"
        typeset_report(report)
        encoder = SentenceEncoder()
        update(Path(folder) / "index", [report], encoder)
        address = next(served := serve(Assistant(Path(folder) / "index", encoder, open_reader(CARRIED))))
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        if arguments.seconds:
            _time(page)
        else:
            _picture(page)
        chromium.close()
        next(served, None)
    return 0


def _picture(page: Page) -> None:
    for question in QUESTIONS:
        turn = ask(page, question)
    page.locator(".next button").first.wait_for()
    turn.locator(".cite").first.click()
    page.locator(".panel .box").first.wait_for()
    page.locator(".panel .sheet img").evaluate("image => image.decode()")
    page.locator(".panel .sheets").evaluate("sheets => { sheets.scrollTop = 0 }")
    page.mouse.move(720, 300)
    page.wait_for_timeout(500)
    path = HERE / "chat.png"
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} KB")


def _time(page: Page) -> None:
    """From Enter until the first quote is in the page, as the browser measures it."""
    page.evaluate(
        "() => new MutationObserver(() => { if (document.querySelectorAll('.turn .cite').length > window.cites)"
        " window.seen ??= performance.now() }).observe(document.body, { childList: true, subtree: true })"
    )
    seconds = []
    for number in range(TIMED):
        page.evaluate("() => { window.seen = null; window.cites = document.querySelectorAll('.turn .cite').length }")
        page.get_by_role("textbox", name=words.QUESTION).fill(f"{QUESTIONS[number % 2]}")
        began = page.evaluate("performance.now()")
        page.keyboard.press("Enter")
        page.wait_for_function("window.seen")
        seconds.append((page.evaluate("window.seen") - began) / 1000)
        time.sleep(1)
    print(f"{TIMED} answers: median {statistics.median(seconds):.3f} s, longest {max(seconds):.3f} s")


if __name__ == "__main__":
    sys.exit(main())
