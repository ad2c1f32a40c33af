"""Compares two runs of one question set, question by question; needs their predictions files only, and no index."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.judge import is_right
from eval.metrics import mean, proportion
from eval.predictions import Prediction
from eval.questions import Question
from eval.tables import NONE, WIDTH, cell, one_line, table


@dataclass(frozen=True)
class Pair:
    """One question and what two runs, A and B, said to it."""

    question: Question
    a: Prediction
    b: Prediction

    @property
    def change(self) -> int:
        """1 where only B is right, -1 where only A is, else 0."""
        return int(is_right(self.question, self.b)) - int(is_right(self.question, self.a))


def compare(questions: Sequence[Question], a: Sequence[Prediction], b: Sequence[Prediction]) -> str:
    """The comparison as text: both runs' figures, B - A with its paired interval, and each question that changed."""
    pairs = [Pair(*three) for three in zip(questions, a, b, strict=True)]
    kinds = {
        "answerable: right answer": [p for p in pairs if p.question.answerable],
        "unanswerable: refused": [p for p in pairs if not p.question.answerable],
        "all: right": pairs,
    }
    parts = [table(["", "questions", "A", "B", "B - A"], [_row(kind, group) for kind, group in kinds.items()])]
    for title, change in (("right in A, wrong in B", -1), ("wrong in A, right in B", 1)):
        changed = [p for p in pairs if p.change == change]
        parts.append("\n\n".join([f"{title}: {len(changed)}", *map(_case, changed)]))
    parts.append("In brackets: 95 % intervals (Wilson; of the difference: paired bootstrap).")
    return "\n\n".join(parts)


def _row(kind: str, pairs: Sequence[Pair]) -> list[str]:
    right_a = proportion([is_right(p.question, p.a) for p in pairs])
    right_b = proportion([is_right(p.question, p.b) for p in pairs])
    difference = mean([p.change for p in pairs])
    signed = NONE
    if difference.value is not None:
        signed = f"{difference.value:+.2f} ({difference.low:+.2f} to {difference.high:+.2f})"
    return [kind, str(len(pairs)), cell("right", right_a), cell("right", right_b), signed]


def _case(pair: Pair) -> str:
    asked = one_line(f"{pair.question.id}  {pair.question.question}", WIDTH - 2)
    return "\n".join(
        [f"  {asked}", *(f"    {name}: {one_line(p.text, WIDTH - 7)}" for name, p in (("A", pair.a), ("B", pair.b)))]
    )
