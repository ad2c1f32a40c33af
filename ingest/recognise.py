"""Reads the words of a scanned page with Tesseract, with their places; glyphs.py does so for pages that hold text."""

import os
import re
import shutil
import statistics
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from xml.etree import ElementTree

import pypdfium2 as pdfium

from ingest.glyphs import Sheet, Word

DPI = 300  # what Tesseract is trained for
MAX_SIDE = 6000  # pixels of a rendered page, so that a poster needs no more memory than a page
FEWEST_SURE = 40  # percent: words of which Tesseract is less sure are marks and pictures
FEWEST_SURE_ON_PAGE = 60  # percent, on average by letters: below, the page is a picture, not a scan of text
ALIKE = 0.15  # of the page's usual font size: measured sizes vary by so much from line to line
LINES = {"ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"}
NUMBER = r"(-?\d+(?:\.\d+)?)"
BOX = re.compile(rf"bbox {NUMBER} {NUMBER} {NUMBER} {NUMBER}")
BASELINE = re.compile(rf"baseline {NUMBER} {NUMBER}")
SIZE = re.compile(rf"x_size {NUMBER}")
SURE = re.compile(rf"x_wconf {NUMBER}")


def missing() -> str | None:
    """What is not installed that text recognition needs, with the remedy, in one sentence; None where all is there."""
    if find_spec("pytesseract") is None:
        return "--ocr needs pytesseract; install it with: pip install -c constraints.txt -e '.[ocr]'"
    if shutil.which("tesseract") is None:
        return (
            "--ocr needs Tesseract, which is not on this machine; install it with: apt-get install tesseract-ocr"
            " (Debian, Ubuntu) or brew install tesseract (macOS)."
        )
    return None


def recognise(page: pdfium.PdfPage) -> list[Sheet]:
    """The words that Tesseract reads on `page`, as one sheet; none where there is no text, or only what looks like it."""
    import pytesseract

    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # Tesseract's threads wait for each other on a busy machine
    width, height = page.get_size()
    scale = min(DPI / 72, MAX_SIDE / max(width, height, 1))
    image = page.render(scale=scale, grayscale=True).to_pil()
    hocr = pytesseract.image_to_pdf_or_hocr(image, lang="eng", extension="hocr", config=f"--dpi {round(72 * scale)}")
    found = list(_words(ElementTree.fromstring(hocr), 1 / scale))
    letters = sum(len(word.text) for word, _ in found)
    if not letters or sum(len(word.text) * sure for word, sure in found) < FEWEST_SURE_ON_PAGE * letters:
        return []
    words = _even(word for word, sure in found if sure >= FEWEST_SURE)
    return [Sheet(tuple(words), (), width, height)] if words else []


def _words(page: ElementTree.Element, scale: float) -> Iterator[tuple[Word, float]]:
    """Each word with how sure Tesseract is of it, in percent; `scale` makes points of pixels."""
    for line in page.iter():
        if line.get("class") not in LINES:
            continue
        about = line.get("title", "")
        left, _, _, bottom = _numbers(BOX, about)
        slope, offset = _numbers(BASELINE, about) or (0.0, 0.0)
        size = next(iter(_numbers(SIZE, about)), 0.0)
        for element in line.iter():
            text = "".join(element.itertext()).strip()
            if element.get("class") != "ocrx_word" or not text:
                continue
            x0, _, x1, _ = _numbers(BOX, element.get("title", ""))
            base = bottom + offset + slope * ((x0 + x1) / 2 - left)
            word = Word(text, x0 * scale, x1 * scale, base * scale, max(size * scale, 1.0), bold=False)
            yield word, next(iter(_numbers(SURE, element.get("title", ""))), 0.0)


def _numbers(pattern: re.Pattern[str], text: str) -> tuple[float, ...]:
    match = pattern.search(text)
    return tuple(map(float, match.groups())) if match else ()


def _even(words: Iterator[Word]) -> list[Word]:
    """The words, those of about the usual size in exactly that size: a line without a tall letter measures smaller."""
    all_words = list(words)
    usual = statistics.median(word.size for word in all_words) if all_words else 0.0
    return [replace(w, size=usual) if abs(w.size - usual) <= ALIKE * usual else w for w in all_words]
