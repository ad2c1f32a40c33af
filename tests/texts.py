"""Text reports that hypothesis makes up, from well-formed to wild, and how they become Documents."""

import re

from hypothesis import strategies as st

from ingest.document import Document
from ingest.sections import to_document
from ingest.text import extract_text

WORDS = [
    "Agency",
    "Moon",
    "group",
    "the",
    "Dr.",
    "U.S. Office",
    "(ESA)",
    "(NASA)",
    "e.g.",
    "2024",
    "Terms.",
    "ends.",
    "so:",
    "ê",
    "مرحبا",
    "*em*",
    "**",
]
ODD = st.characters(exclude_categories=["Cs"], exclude_characters="\0")

sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=25).map(" ".join)
lines = st.one_of(
    sentences,
    sentences.map(lambda words: f"## {words[:60]}"),
    st.tuples(st.sampled_from(["- ", "  - ", " - o ", "* ", "> ", "| ", "#", "• "]), sentences).map("".join),
    st.lists(st.sampled_from(["Norway", "(NOSA)", "--", ""]), min_size=1, max_size=4).map(
        lambda c: f"| {' | '.join(c)} |"
    ),
    st.sampled_from(
        ["", "", "", "Contents", "Introduction ..... 3", "| Scope | 15 |", "Scope", "1.2 Scope", "Annex I: Moon"]
    ),
    st.text(ODD, max_size=30),
)
reports = (
    st.lists(lines, min_size=1, max_size=30).map("\n".join).filter(lambda text: re.search(r"\w", text) is not None)
)


def as_document(source: str) -> Document:
    """`source` as the program reads it; raises `Unreadable` when it holds no text."""
    return to_document("made-up.txt", "0" * 64, extract_text(source))
