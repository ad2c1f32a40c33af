"""Pages of the indexed PDFs as images, with the places of their letters, each rendered in a child process with limits.

pdfium is not thread-safe and knows no limits of its own, and a report may be hostile: so it never runs in the server.
"""

import base64
import ctypes
import hashlib
import io
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Semaphore
from typing import Any

from chat.place import Box, Letter
from ingest.document import Unreadable
from ingest.sandbox import Limits, run_limited

WIDTH = 1500  # pixels of an image: sharp at twice the panel's width
MAX_PIXELS = 4_000_000  # of an image; a page of an odd shape gets fewer pixels across
MAX_LETTERS = 60_000  # a page; one with more is shown without a box
QUALITY = 82  # of the JPEG
GRID = 100_000  # steps across a page, in which pdfium gives places
NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)
DESCENT = 0.22  # of a font's size: how far letters reach below the line
LIMITS = Limits(seconds=20, memory=1.5)
KEPT = 48  # images in memory, of about half a MB
AT_ONCE = 2  # child processes
CHANGED = "The file is not the one that was read: its bytes have changed since."
GONE = "The file is no longer where it was read."
UNKNOWN = "This report is not in the index any more."


@dataclass(frozen=True)
class PageImage:
    """A page as a JPEG of `width` by `height` pixels, and its letters, read twice.

    `readings` are the letters in the order of the file, and in the order in which ingest reads the page, which is another
    where a file has the columns of a page line by line; there all letters of a word have the word's box.
    """

    jpeg: bytes
    width: int
    height: int
    readings: tuple[tuple[Letter, ...], ...]


class Pages:
    """The pages of the PDFs that `sources` names (SHA-256 to path, asked anew each time); the last ones stay in memory.

    A file is shown only while its bytes are those that were read. May be used from several threads.
    """

    def __init__(self, sources: Callable[[], Mapping[str, Path]]) -> None:
        """Nothing is read before it is asked for."""
        self._sources = sources
        self._kept: OrderedDict[tuple[str, int], PageImage] = OrderedDict()
        self._drawing: dict[tuple[str, int], Lock] = {}
        self._lock = Lock()
        self._turn = Semaphore(AT_ONCE)

    def image(self, sha256: str, number: int) -> PageImage:
        """Physical page `number`, from 1, of the PDF with that hash; raises `Unreadable` with the reason why not."""
        path, key = self._path(sha256), (sha256, number)
        _checked(path, sha256)
        with self._lock:
            drawing = self._drawing.setdefault(key, Lock())
        with drawing:  # so that two who want the same page wait for one child
            try:
                image = self._kept.get(key) or self._draw(path, sha256, number)
            finally:
                with self._lock:
                    self._drawing.pop(key, None)
            with self._lock:
                self._kept[key] = image
                self._kept.move_to_end(key)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return image

    def _draw(self, path: Path, sha256: str, number: int) -> PageImage:
        with self._turn:
            row = run_limited("chat.page_image:render", path, LIMITS, sha256=sha256, number=number)
        readings = tuple(tuple(Letter(text, tuple(box)) for text, box in reading) for reading in row["readings"])
        return PageImage(base64.b64decode(row["jpeg"]), row["width"], row["height"], readings)

    def file(self, sha256: str) -> tuple[str, bytes]:
        """The name and the bytes of the PDF with that hash; raises `Unreadable`."""
        path = self._path(sha256)
        return path.name, _checked(path, sha256)

    def _path(self, sha256: str) -> Path:
        path = self._sources().get(sha256)
        if path is None or path.suffix.lower() != ".pdf":
            raise Unreadable(UNKNOWN)
        return path


def _checked(path: Path, sha256: str) -> bytes:
    """The bytes of a file, which must have that hash; raises `Unreadable`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(GONE) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Unreadable(CHANGED)
    return content


def render(path: Path, limits: Limits, sha256: str, number: int) -> dict[str, Any]:
    """What the child process runs: the fields of a PageImage as JSON, of the very bytes whose hash was checked."""
    import pypdfium2 as pdfium

    content = _checked(path, sha256)
    try:
        with pdfium.PdfDocument(content) as document:
            if not 1 <= number <= len(document):
                raise Unreadable(f"The document has no page {number}.")
            page = document[number - 1]
            width, height = page.get_size()
            scale = min(WIDTH / width, math.sqrt(MAX_PIXELS / (width * height)))
            bitmap = page.render(scale=scale)
            picture = io.BytesIO()
            bitmap.to_pil().convert("RGB").save(picture, "JPEG", quality=QUALITY)
            return {
                "jpeg": base64.b64encode(picture.getvalue()).decode("ascii"),
                "width": bitmap.width,
                "height": bitmap.height,
                "readings": [_in_file_order(page), _in_reading_order(page)],
            }
    except (pdfium.PdfiumError, ZeroDivisionError, ValueError, OSError) as error:
        raise Unreadable(f"Page {number} cannot be drawn.") from error


def _in_file_order(page: Any) -> list[tuple[str, Box]]:
    """The characters of a page in file order, with their boxes."""
    from pypdfium2 import raw

    text = page.get_textpage()
    count = raw.FPDFText_CountChars(text.raw)
    if count > MAX_LETTERS:
        return []
    letters: list[tuple[str, Box]] = []
    rectangle = raw.FS_RECTF()
    for at in range(count):
        known = raw.FPDFText_GetLooseCharBox(text.raw, at, rectangle)
        corners = [(x, y) for x in (rectangle.left, rectangle.right) for y in (rectangle.top, rectangle.bottom)]
        letters.append((chr(raw.FPDFText_GetUnicode(text.raw, at)), _shown(page, corners) if known else NOWHERE))
    return letters


def _shown(page: Any, corners: list[tuple[float, float]]) -> Box:
    """A box given by its corners in the page's own places, as shares of the page as it is shown: cropped and turned."""
    from pypdfium2 import raw

    x, y = ctypes.c_int(), ctypes.c_int()
    places = []
    for corner in corners:
        raw.FPDF_PageToDevice(page.raw, 0, 0, GRID, GRID, 0, *corner, x, y)
        places.append((x.value / GRID, y.value / GRID))
    across, down = [p[0] for p in places], [p[1] for p in places]
    return min(across), min(down), max(across), max(down)


def _in_reading_order(page: Any) -> list[tuple[str, Box]]:
    """The words of a page as ingest orders them, but for tables; none of a page that is turned, whose places differ."""
    from ingest.glyphs import read_sheets
    from ingest.layout import read_order

    letters: list[tuple[str, Box]] = []
    for sheet in read_sheets(page):
        if page.get_rotation() or sheet.angle:
            continue
        for word in (w for flow in read_order(sheet.words, sheet.rules) for line in flow.lines for w in line.words):
            top, bottom = word.top, word.base + DESCENT * word.size
            box = (word.x0 / sheet.width, top / sheet.height, word.x1 / sheet.width, bottom / sheet.height)
            letters += [(" ", NOWHERE)] * (not word.glued) + [(character, box) for character in word.text]
    return letters
