"""Answer: citations or a refusal, with all that goes with it; YearAnswer: that of one report year. pipeline.py makes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from answer.cite import Citation
from answer.provenance import Provenance
from index.search import Hit
from ingest.document import Document

REFUSAL_TEXT = "The reports do not say."


@dataclass(frozen=True)
class Answer:
    """Citations or a refusal, never both, never neither.

    `refusal` is a sentence that says why. `understood_as` is the question made whole from earlier turns (None if it was
    whole). `confidence` is the probability that the answer is right; for a refusal, that answering would have been.
    `passages` are the ten best hits, `places` say where they stand. `seconds` is the time that answering took.
    `years` are those that the question was taken to ask about; with none, the newest reports were asked first. `history`
    are the earlier turns as given, `documents` the reports that were asked; `provenance` says what answered.
    """

    question: str
    understood_as: str | None
    citations: tuple[Citation, ...]
    refusal: str | None
    confidence: float
    passages: tuple[Hit, ...]
    places: tuple[Citation, ...]
    seconds: float
    history: tuple[str, ...]
    documents: tuple[Document, ...]
    provenance: Provenance
    years: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Hold the invariant."""
        if bool(self.citations) == bool(self.refusal):
            raise ValueError("An answer has citations or a refusal, never both, never neither.")

    @property
    def answered(self) -> bool:
        """Whether the reports say."""
        return bool(self.citations)

    @property
    def text(self) -> str:
        """What a person reads: the quotes, one a paragraph, or the refusal phrase."""
        return "\n\n".join(c.quote for c in self.citations) if self.citations else REFUSAL_TEXT

    def as_of(self, question: str, history: tuple[str, ...]) -> Answer:
        """The answer with its best quote alone, as one to `question` after the turns in `history`."""
        understood = self.understood_as or (self.question if self.question != question else None)
        return replace(self, question=question, understood_as=understood, history=history, citations=self.citations[:1])

    def to_dict(self) -> dict[str, Any]:
        """The answer as the contract's JSON object, without an id."""
        return {
            "question": self.question,
            "understood_as": self.understood_as,
            "years": list(self.years),
            "answered": self.answered,
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "refusal": self.refusal,
            "citations": [citation.to_dict() for citation in self.citations],
            "passages": [
                {
                    "document": hit.passage.document,
                    "section": list(hit.passage.section),
                    "page": place.page,
                    "page_label": place.page_label,
                    "section_page": place.section_page,
                    "start": hit.passage.start,
                    "end": hit.passage.end,
                    "text": hit.passage.text,
                    "score": round(hit.score, 4),
                }
                for hit, place in zip(self.passages, self.places, strict=True)
            ],
            "seconds": round(self.seconds, 4),
        }


@dataclass(frozen=True)
class YearAnswer:
    """What the reports on `year` say (None: the documents of which no year is known): one quote, or a refusal."""

    year: int | None
    answer: Answer

    def to_dict(self) -> dict[str, Any]:
        """As the contract's JSON object, with the year in front."""
        return {"year": self.year, **self.answer.to_dict()}
