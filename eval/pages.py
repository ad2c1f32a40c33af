"""Page hits on the PDFs of a folder: the product's own search against plain chunks with the same embedding model.

What is compared is the whole way from file to passage: reading, cutting and ranking. The baseline is what anyone has in an
hour: pypdf's text of each page, cut every CHUNK characters, and the cosine to the question. On which page an answer stands is
found in pypdf's text, so that neither the product's reading nor its page numbers are taken for granted.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pypdf

from eval.metrics import Estimate, mean, proportion, ratio
from eval.questions import Question
from eval.tables import cell, table
from index.build import update
from index.embed import Encoder
from index.search import Index

CHUNK = 1000  # characters
SHOWN = 5  # passages or chunks
BUDGET = CHUNK * SHOWN  # characters: as much as the baseline shows; passages are shorter than chunks
LEAST = 12  # letters and digits of a quote that must stand on each side of a page break
PRODUCT, ACROSS, INSIDE = "product", "chunks across pages", "chunks inside pages"

Place = tuple[str, int]  # file name, physical page from 1
Texts = Mapping[str, Sequence[str]]  # of each file, the text of each page


@dataclass(frozen=True)
class Piece:
    """What one system shows at one rank: the pages that it lies on, and its length in characters."""

    places: frozenset[Place]
    characters: int


@dataclass(frozen=True)
class Outcome:
    """What one system found for one question; `rank`: of the first piece that lies on a right page, from 1, else None.

    `pages` and `characters` are those of the first SHOWN pieces; `within`: whether a right page is among the first BUDGET
    characters, only whole pieces counted.
    """

    id: str
    rank: int | None
    pages: int
    characters: int
    within: bool


def read_pages(files: Sequence[Path]) -> dict[str, list[str]]:
    """The text of each page as pypdf gives it; raises `pypdf.errors.PyPdfError` for a file that it cannot read."""
    return {file.name: [page.extract_text() for page in pypdf.PdfReader(file).pages] for file in files}


def places_of(quote: str, texts: Texts) -> frozenset[Place]:
    """Where `quote` stands: each page that holds it, or, where none does, both pages of the page break that it goes over."""
    wanted = _squeeze(quote)
    squeezed = {name: [_squeeze(text) for text in pages] for name, pages in texts.items()}
    whole = frozenset(
        (name, n) for name, pages in squeezed.items() for n, text in enumerate(pages, 1) if wanted in text
    )
    if whole:
        return whole
    parts = [(wanted[:at], wanted[at:]) for at in range(LEAST, len(wanted) - LEAST + 1)]
    broken: set[Place] = set()
    for name, pages in squeezed.items():
        for n, (before, after) in enumerate(pairwise(pages), 1):
            if any(first in before and second in after for first, second in parts):
                broken |= {(name, n), (name, n + 1)}
    return frozenset(broken)


def _squeeze(text: str) -> str:
    """Letters and digits only: line ends, hyphens, ligatures and quotation marks differ from reader to reader."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def chunks(texts: Texts, across: bool) -> list[tuple[str, Piece]]:
    """Each file's text in pieces of CHUNK characters with the pages they lie on; `across`: a piece may go over a page break."""
    pieces = []
    for name, pages in texts.items():
        if across:
            owner = np.repeat(
                np.arange(1, len(pages) + 1), [len(text) + 1 for text in pages]
            )  # + 1: the line end between
            runs = [("".join(text + "\n" for text in pages), owner)]
        else:
            runs = [(text, np.full(len(text), n)) for n, text in enumerate(pages, 1)]
        for text, owner in runs:
            for start in range(0, len(text), CHUNK):
                piece = text[start : start + CHUNK]
                if piece.strip():
                    on = frozenset((name, int(n)) for n in np.unique(owner[start : start + CHUNK]))
                    pieces.append((piece, Piece(on, len(piece))))
    return pieces


def by_chunks(questions: Sequence[str], texts: Texts, encoder: Encoder, across: bool) -> list[list[Piece]]:
    """The SHOWN chunks nearest to each question by cosine, best first."""
    pieces = chunks(texts, across)
    nearness = encoder.encode(questions) @ encoder.encode([text for text, _ in pieces]).T
    best = np.argsort(-nearness, axis=1, kind="stable")[:, :SHOWN]
    return [[pieces[i][1] for i in row] for row in best]


def by_search(questions: Sequence[str], files: Sequence[Path], encoder: Encoder, folder: Path) -> list[list[Piece]]:
    """What the product finds, best first: `files` are ingested into an index in `folder` and its fused search is asked."""
    update(folder, files, encoder)
    index = Index(folder, encoder)
    shown = []
    for question in questions:
        passages = [hit.passage for hit in index.search(question, 4 * SHOWN)]  # enough for BUDGET
        spans = [(p, index.document(p.document).pages_of(p.start, p.end)) for p in passages]
        shown.append([Piece(frozenset((p.document, page.number) for page in pages), len(p.text)) for p, pages in spans])
    return shown


def judge(question: Question, right: frozenset[Place], shown: Sequence[Piece]) -> Outcome:
    """Compare what was shown with the right pages."""
    rank = next((n for n, piece in enumerate(shown, 1) if piece.places & right), None)
    pages = frozenset[Place]().union(*(piece.places for piece in shown[:SHOWN]))
    lengths = list(accumulate(piece.characters for piece in shown))
    within = rank is not None and lengths[rank - 1] <= BUDGET
    return Outcome(question.id, rank, len(pages), lengths[min(SHOWN, len(shown)) - 1], within)


@dataclass(frozen=True)
class Comparison:
    """Each system's outcomes in the order of the questions; `missing`: questions whose evidence stands on no page."""

    files: int
    pages: int
    outcomes: dict[str, list[Outcome]]
    missing: list[str]

    def hits(self, system: str, k: int = SHOWN) -> list[bool]:
        """For each question, whether a right page is among those of the system's first `k` pieces."""
        return [outcome.rank is not None and outcome.rank <= k for outcome in self.outcomes[system]]

    @property
    def baseline(self) -> str:
        """The chunks that hit more often among the first SHOWN."""
        return max((ACROSS, INSIDE), key=lambda system: sum(self.hits(system)))

    @property
    def ratio(self) -> Estimate:
        """hit@5 of the product over that of the baseline."""
        return ratio(self.hits(PRODUCT), self.hits(self.baseline))

    def figures(self, system: str) -> dict[str, Estimate]:
        """hit@1, hit@5, MRR@5 and the hits within BUDGET of one system."""
        reciprocal = [1 / o.rank if o.rank and o.rank <= SHOWN else 0.0 for o in self.outcomes[system]]
        return {
            "page hit@1": proportion(self.hits(system, 1)),
            f"page hit@{SHOWN}": proportion(self.hits(system)),
            f"page MRR@{SHOWN}": mean(reciprocal),
            f"page hit in {BUDGET:,} characters": proportion([o.within for o in self.outcomes[system]]),
        }

    def to_dict(self) -> dict[str, Any]:
        """The figures and each outcome as a JSON object."""
        return {
            "files": self.files,
            "pages": self.pages,
            "baseline": self.baseline,
            "ratio": asdict(self.ratio),
            "figures": {s: {k: asdict(e) for k, e in self.figures(s).items()} for s in self.outcomes},
            "outcomes": {s: [asdict(o) for o in of] for s, of in self.outcomes.items()},
        }


def compare(files: Sequence[Path], questions: Sequence[Question], encoder: Encoder, folder: Path) -> Comparison:
    """Ask `questions` of the PDFs `files` in each way; the index is made in `folder`. Questions without evidence are left out."""
    texts = read_pages(files)
    asked = [q for q in questions if q.evidence]
    right = [frozenset[Place]().union(*(places_of(quote, texts) for quote in q.evidence)) for q in asked]
    wording = [q.question for q in asked]
    systems = {
        PRODUCT: by_search(wording, files, encoder, folder),
        ACROSS: by_chunks(wording, texts, encoder, across=True),
        INSIDE: by_chunks(wording, texts, encoder, across=False),
    }
    outcomes = {s: [judge(*three) for three in zip(asked, right, shown, strict=True)] for s, shown in systems.items()}
    missing = [q.id for q, places in zip(asked, right, strict=True) if not places]
    return Comparison(len(texts), sum(map(len, texts.values())), outcomes, missing)


def describe(comparison: Comparison) -> str:
    """The comparison as a table for a person."""
    systems = comparison.outcomes
    figures = {system: comparison.figures(system) for system in systems}
    rows = [[label, *(cell(label, figures[s][label]) for s in systems)] for label in figures[PRODUCT]]
    rows.append(["distinct pages shown, median", *(f"{median(o.pages for o in of):.0f}" for of in systems.values())])
    rows.append(["characters shown, median", *(f"{median(o.characters for o in of):,.0f}" for of in systems.values())])
    asked = len(systems[PRODUCT])
    return (
        f"{comparison.files} PDFs, {comparison.pages} pages, {asked} questions\n\n{table(['', *systems], rows)}\n\n"
        f"page hit@{SHOWN}, product over the stronger baseline ({comparison.baseline}): {cell('', comparison.ratio)}\n"
        "In brackets: 95 % intervals (Wilson; of MRR and the ratio: bootstrap, questions redrawn)."
    )
