"""The one path from a question to an Answer; the chat, the terminal and eval all call `Assistant.ask`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from answer.cite import Citation
from index.search import Hit

REFUSAL_TEXT = "The reports do not say."


@dataclass(frozen=True)
class Answer:
    """Citations or a refusal, never both, never neither.

    `refusal` is a sentence that says why. `understood_as` is the question made whole from earlier turns (None if it was
    whole). `confidence` is the probability that the answer is right; for a refusal, that answering would have been.
    `passages` are the ten best hits. `seconds` is the time that answering took.
    """

    question: str
    understood_as: str | None
    citations: tuple[Citation, ...]
    refusal: str | None
    confidence: float
    passages: tuple[Hit, ...]
    seconds: float

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

    def to_dict(self) -> dict[str, Any]:
        """The answer as the contract's JSON object, without an id."""
        raise NotImplementedError


class Assistant:
    """Answers questions over one open index; `open` picks the parts, `ask` uses them."""

    def ask(self, question: str, history: Sequence[str] = (), documents: Collection[str] | None = None) -> Answer:
        """Answer `question`; `history` holds the user's earlier turns, oldest first; `documents` limits the reports asked.

        Raises `ValueError` for an empty question or one of more than MAX_QUESTION characters.
        """
        raise NotImplementedError
