"""`python docs/take_screenshot.py` takes docs/chat.png: the chat over the 2024 report, typeset as a PDF by the tests.

With --seconds it prints how soon an answer, and after a click the page of the report, is seen in the browser on this machine.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from answer.pipeline import Assistant
from answer.reader import CARRIED, open_reader
from chat import words
from chat.turns import Desk
from index.build import update
from index.embed import SentenceEncoder

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))
from browsing import ARGUMENTS, CHROMIUM, ask  # noqa: E402
from serving import serve  # noqa: E402
from typeset import typeset_report  # noqa: E402

QUESTIONS = (
    "Why is the Science White Paper being revised?",
    "What is the goal of the Technology Working Group?",
)
TIMED = 20
# In the browser: `began` is when a key or the mouse was pressed, `seen` when what `window.wanted` asks for was first painted.
CLOCK = """() => {
  for (const name of ["keydown", "mousedown"])
    addEventListener(name, () => { window.began = performance.now(); window.seen = null }, { capture: true });
  const look = () => {
    if (window.began && !window.seen && window.wanted?.()) {
      const now = window.began;
      setTimeout(() => { if (now === window.began) window.seen ??= performance.now() }); // after the paint that follows
    }
    requestAnimationFrame(look);
  };
  look();
}"""
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
        with serve(Desk(Assistant(Path(folder) / "index", encoder, open_reader(CARRIED)))) as address:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = chromium.new_page(viewport={"width": 1440, "height": 900})
            page.goto(address)
            if arguments.seconds:
                _time(page)
            else:
                _picture(page)
            chromium.close()
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
    """From Enter until an answer is seen, and from a click on its citation until the page with its quote boxed is."""
    ask(page, QUESTIONS[0])  # the page is warm then
    page.locator(".next button").first.wait_for()
    page.evaluate(CLOCK)
    answers, pages = [], []
    for number in range(TIMED):
        page.evaluate(
            "n => { window.wanted = () => document.querySelectorAll('.turn:has(.cite)').length > n }", number + 1
        )
        page.get_by_role("textbox", name=words.QUESTION).fill(QUESTIONS[number % len(QUESTIONS)])
        page.keyboard.press("Enter")
        answers.append(_seconds(page))
        page.locator(".next button").first.wait_for()
        turn = number + 2
        page.evaluate(
            "key => { window.wanted = () => document.querySelector(`.panel[data-open='${key}'] .box`)"
            " && document.querySelector('.panel .sheet img').complete }",
            f"{turn}-1",
        )
        page.locator(f".cite[data-source='{turn}-1']").click()
        pages.append(_seconds(page))
    first = f"; {pages[0]:.3f} s and {pages[1]:.3f} s for pages that had to be drawn first"
    for what, seconds, more in (("answer seen", answers, ""), ("page seen after a click", pages, first)):
        print(
            f"{what}: median {statistics.median(seconds):.3f} s, longest {max(seconds):.3f} s of {len(seconds)}{more}"
        )


def _seconds(page: Page) -> float:
    page.wait_for_function("window.seen")
    return float(page.evaluate("(window.seen - window.began) / 1000"))


if __name__ == "__main__":
    sys.exit(main())
