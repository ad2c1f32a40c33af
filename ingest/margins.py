"""Finds running headers, footers, watermarks and page numbers by their repetition, and what numbers are printed."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.glyphs import Sheet, Word
from ingest.lines import LABEL, make_lines

MARGIN = 0.13  # of the page's height: where headers and footers stand
SLOT_SHARE = 0.25  # of the pages: a place taken so often by headers holds nothing else, even if it is said once
ROWS = 4  # the first and last so many rows of a page can be a header or footer
SEGMENT_GAP = 1.5  # of the font size: what parts a header's left, middle and right
ASIDES = 3  # pages: text in another direction that so many have is no text of theirs
SAME_PLACE = 4.0  # points
NEARBY = 2  # pages: left and right pages have headers of their own
TITLE_SIZE = 1.3  # of the body's: larger text is a header only if most pages have it
ROMAN = r"(?=[ivxlc])(?:x[cl]|l?x{0,3})(?:i[xv]|v?i{0,3})"
COUNTERS = re.compile(rf"\d+|(?<![^\W_]){ROMAN}(?![^\W_])")
PAGE_NUMBER = re.compile(rf"^\W*(?:page\s+)?(\d{{1,4}}|{ROMAN})(?:\s*(?:of|/)\s*\d+)?\W*$", re.IGNORECASE)
NUMBERED_SHARE = 0.6  # of the pages: so many must print their number for it to be believed


@dataclass(frozen=True)
class Segment:
    """A piece of a header or footer: its words on one base line, and how far that is from its edge of the page."""

    page: int
    words: tuple[Word, ...]
    at_top: bool
    distance: float

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(word.text for word in self.words)

    @property
    def slot(self) -> tuple[bool, float, float]:
        """Where it stands, and how large: what the running headers of different chapters have in common."""
        return self.at_top, round(self.distance), round(self.words[0].size, 1)


def running_segments(sheets: Sequence[Sheet | None], body: float) -> list[Segment]:
    """The segments that repeat from page to page; `sheets` has one place a page, `body` is the body's font size."""
    found = [segment for page, sheet in enumerate(sheets) if sheet for segment in _segments(page, sheet)]
    alike: defaultdict[tuple[str, bool], list[Segment]] = defaultdict(list)
    for segment in found:
        if not LABEL.match(segment.text):  # a list that goes on at the top of a page has its bullet there
            alike[COUNTERS.sub("#", segment.text.casefold()), segment.at_top].append(segment)
    inside = _inside(sheets)
    running = [
        one
        for others in alike.values()
        for one in others
        if _runs(one, others, len(sheets), body) and not _is_heading(one, others, inside)
    ]
    often = Counter(segment.slot for segment in running)
    slots = {slot for slot, pages in often.items() if pages >= max(3, SLOT_SHARE * len(sheets))}
    return list({**dict.fromkeys(running), **dict.fromkeys(s for s in found if s.slot in slots)})


def without_repeated_asides(pages: Sequence[Sequence[Sheet]]) -> list[list[Sheet]]:
    """The sheets of each page, without those in another direction that repeat: watermarks, tabs at the side."""
    often = Counter(_words(sheet) for page in pages for sheet in page[1:])
    return [[s for at, s in enumerate(page) if at == 0 or often[_words(s)] < ASIDES] for page in pages]


def _words(sheet: Sheet) -> str:
    return COUNTERS.sub("#", " ".join(word.text for word in sheet.words).casefold())


def _segments(page: int, sheet: Sheet) -> list[Segment]:
    found = []
    for at_top in (True, False):
        rows = make_lines(w for w in sheet.words if _distance(w, sheet, at_top) <= MARGIN * sheet.height)
        for row in rows[:ROWS] if at_top else rows[-ROWS:]:
            found += [Segment(page, p, at_top, _distance(p[0], sheet, at_top)) for p in _pieces(row.words)]
    return found


def _pieces(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    """The words of a row, cut where more than a space is between them."""
    pieces: list[list[Word]] = []
    for word in words:
        if not pieces or word.x0 - pieces[-1][-1].x1 > SEGMENT_GAP * word.size:
            pieces.append([])
        pieces[-1].append(word)
    return [tuple(piece) for piece in pieces]


def _inside(sheets: Sequence[Sheet | None]) -> Counter[tuple[str, float]]:
    """On how many pages each piece of a row stands between the margins, in which size."""
    seen: set[tuple[int, str, float]] = set()
    for page, sheet in enumerate(sheets):
        edge = MARGIN * sheet.height if sheet else 0
        words = (
            [w for w in sheet.words if min(_distance(w, sheet, top) for top in (True, False)) > edge] if sheet else []
        )
        seen |= {(page, *_look(piece)) for row in make_lines(words) for piece in _pieces(row.words)}
    return Counter((text, size) for _, text, size in seen)


def _look(words: Sequence[Word]) -> tuple[str, float]:
    return " ".join(word.text for word in words).casefold(), round(words[0].size, 1)


def _is_heading(segment: Segment, alike: Sequence[Segment], inside: Mapping[tuple[str, float], int]) -> bool:
    """Whether these words are a heading that many chapters have, and that begins some pages: it stands inside more of them."""
    look = _look(segment.words)
    return (
        inside.get(look, 0) >= len({s.page for s in alike if _look(s.words) == look})
        and re.search(r"[^\W\d_]{2}", look[0]) is not None
    )


def _distance(word: Word, sheet: Sheet, at_top: bool) -> float:
    return word.base if at_top else sheet.height - word.base


def _runs(segment: Segment, alike: Sequence[Segment], pages: int, body: float) -> bool:
    same = [s for s in alike if abs(s.distance - segment.distance) <= SAME_PLACE and s.page != segment.page]
    on = len({s.page for s in same}) + 1
    if max(word.size for word in segment.words) > TITLE_SIZE * body:
        return on >= 3 and on > pages / 2
    return on >= 3 or (on == 2 and pages > 3 and any(abs(s.page - segment.page) <= NEARBY for s in same))


def printed_numbers(segments: Sequence[Segment], pages: int) -> dict[int, str]:
    """The page numbers that headers or footers print, by page from 0; none where they do not count up with pages."""
    arabic: set[tuple[int, int]] = set()
    roman: dict[int, str] = {}
    for segment in segments:
        for text in (segment.text, segment.words[0].text, segment.words[-1].text):
            match = PAGE_NUMBER.match(text)
            if match and match[1].isdigit():
                arabic.add((segment.page, int(match[1])))
            elif match and text == segment.text:
                roman[segment.page] = match[1]
    if not arabic:
        return {}
    offset, agreeing = Counter(page - number for page, number in arabic).most_common(1)[0]
    if agreeing < max(2, NUMBERED_SHARE * (pages - len(roman))):
        return {}
    return {page: str(page - offset) for page in range(max(0, offset + 1), pages)} | roman
