"""Invented annual reports of any length as PDFs, the same for the same seed: something to measure with (speed.py)."""

import itertools
import random
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

GROUPS = "Harbour Lighthouse Ferry Tide Pilot Dredging Salvage Chart Buoy Rescue Signal Wharf".split()
BODIES = ("Working Group", "Committee", "Panel", "Task Force", "Secretariat")
DEEDS = "reviewed published revised adopted prepared discussed assessed completed proposed presented".split()
THINGS = (
    "roadmap survey handbook standard training exhibition inventory forecast agreement budget archive catalogue".split()
)
ABOUT = "icebreakers currents timber salt granite herring beacons wrecks cables pilots storms ropes kelp fog".split()
PLACES = "Tromsø Aberdeen Bergen Cork Bilbao Gdynia Turku Aarhus Porto Brest Lübeck Tallinn".split()
MONTHS = "January February March April May June July August September October November December".split()
ENDS = (
    "with {n} members taking part.",
    "and sent the result to {n} ports.",
    "after {n} meetings in {place}.",
    "which {n} members had asked for.",
    "so that the work can go on in {place} in {month}.",
)
SECTIONS = "Summary Membership Activities Results Meetings Outlook Publications Cooperation Training Finances".split()
FIRST_YEAR = 1950
LEFT, TOP, LEADING, SIZE, LINES, WIDTH = 60, 80, 15, 10, 44, 84  # points; lines of a page, characters of a line
PARAGRAPH = 5  # sentences
PARAGRAPHS = 4  # in a section


def write_report(path: Path, seed: int, pages: int) -> None:
    """Write the report of year FIRST_YEAR + `seed`: `pages` pages with headings, a running header and page numbers."""
    words = random.Random(seed)
    year = FIRST_YEAR + seed
    lines: list[tuple[str, bool]] = []  # with whether it is a heading
    for paragraph in itertools.count():
        if len(lines) >= pages * LINES:
            break
        if paragraph % PARAGRAPHS == 0:
            about = f"{words.choice(SECTIONS)} of the {words.choice(GROUPS)} {words.choice(BODIES)}"
            lines += [(f"{paragraph // PARAGRAPHS + 1} {about}", True), ("", False)]
        text = " ".join(_sentence(words, year) for _ in range(PARAGRAPH))
        lines += [(line, False) for line in (*textwrap.wrap(text, WIDTH), "")]
    _typeset(path, f"Harbour Union Annual Report {year}", lines[: pages * LINES])


def _typeset(path: Path, title: str, lines: Sequence[tuple[str, bool]]) -> None:
    from fpdf import FPDF

    pdf = FPDF(unit="pt", format="A4")
    pdf.core_fonts_encoding = "cp1252"
    pdf.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))  # the same bytes each time
    pdf.set_title(title)
    for at, (line, heading) in enumerate(lines):
        if at % LINES == 0:
            pdf.add_page()
            pdf.set_font("Helvetica", size=SIZE - 2)
            pdf.text(LEFT, TOP - 40, title)
            pdf.text(LEFT, 810, str(pdf.page_no()))
        pdf.set_font("Helvetica", "B" if heading else "", SIZE + 4 * heading)
        pdf.text(LEFT, TOP + LEADING * (at % LINES), line)
    pdf.output(str(path))


def questions(seed: int, count: int) -> Iterator[str]:
    """Questions about the report of that seed; most have an answer in it."""
    words = random.Random(f"questions {seed}")
    for _ in range(count):
        group = f"{words.choice(GROUPS)} {words.choice(BODIES)}"
        yield f"What did the {group} say about {words.choice(ABOUT)} in {FIRST_YEAR + seed}?"


def _sentence(words: random.Random, year: int) -> str:
    end = words.choice(ENDS).format(n=words.randint(2, 400), place=words.choice(PLACES), month=words.choice(MONTHS))
    return (
        f"In {words.choice(MONTHS)} {year} the {words.choice(GROUPS)} {words.choice(BODIES)} {words.choice(DEEDS)}"
        f" the {words.choice(THINGS)} of {words.choice(ABOUT)} and {words.choice(ABOUT)} in {words.choice(PLACES)}, {end}"
    )
