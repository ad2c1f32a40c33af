"""Scores a reader alone on SQuAD 2.0 questions: no index, no choosing of passages; squad.py has the answers' scores."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from answer.reader import Reader
from eval.metrics import Floats, auroc, mean, risk_coverage
from eval.squad import SquadQuestion, exact_match, token_f1
from eval.tables import NONE, cell, table

RISKS = (0.05, 0.10)


@dataclass(frozen=True)
class ReadAnswer:
    """The reader's best span for a question and how sure it is: logits of the span minus those of "no answer"."""

    question: SquadQuestion
    span: str
    score: float

    def at(self, threshold: float) -> str:
        """The answer where answers need a score of at least `threshold`: the span, or "" for none."""
        return self.span if self.score >= threshold else ""


def read_all(reader: Reader, questions: Sequence[SquadQuestion]) -> list[ReadAnswer]:
    """Have `reader` read each question's context."""
    answers = []
    for question in questions:
        (reading,) = reader.read(question.question, [question.context])
        answers.append(ReadAnswer(question, question.context[reading.start : reading.end], reading.score))
    return answers


def best_f1(answers: Sequence[ReadAnswer]) -> tuple[float, float]:
    """The highest mean F1 that any threshold gives, and that threshold (infinity: when refusing everything is best).

    As the official script: start from refusing all, then answer in order of score. Unlike there, equal scores come
    together, since no threshold can part them.
    """
    scores, gains = _scores(answers), []
    for answer in answers:
        gold = _gold(answer.question)
        gains.append(token_f1(answer.span, gold) - token_f1("", gold))
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    totals = sum(token_f1("", _gold(a.question)) for a in answers) + np.concatenate(
        [[0.0], np.cumsum(np.asarray(gains)[order])[ends]]
    )
    best = int(totals.argmax())
    return float(totals[best]) / len(answers), float(scores[order][ends[best - 1]]) if best else math.inf


def score_reader(answers: Sequence[ReadAnswer], threshold: float) -> str:
    """The figures at `threshold`, and those that hold for all thresholds, as text."""
    has = [a for a in answers if a.question.answers]
    none = [a for a in answers if not a.question.answers]
    groups = {"all": answers, "has answer": has, "no answer": none}
    f1, best = best_f1(answers)
    curve = risk_coverage(
        _scores(answers), [1 - token_f1(a.span, _gold(a.question)) if a.span else 1.0 for a in answers]
    )
    area = f"{auroc(_scores(has), _scores(none)):.4f}" if has and none else NONE
    rows = [
        ("best F1 of any threshold", f"{100 * f1:.2f}"),
        ("  at the threshold", f"{best:.3f}"),
        ("AUROC, has answer against none", area),
        ("AURC (mean risk, lower is better)", f"{curve.area:.4f}"),
        *((f"coverage at {risk:.0%} risk", f"{curve.answered_at(risk) / len(answers):.4f}") for risk in RISKS),
    ]
    return "\n\n".join(
        [
            f"At the threshold {threshold:.3f}: exact match (EM) and token F1 in percent (95 % intervals, bootstrap)",
            table(["", "questions", "EM", "F1"], [_row(name, group, threshold) for name, group in groups.items()]),
            table(["At all thresholds", ""], rows),
            "Risk is 1 - F1 of what is answered, surest first; an answer where there is none is wholly wrong.",
        ]
    )


def write_predictions(path: Path, answers: Sequence[ReadAnswer], threshold: float) -> None:
    """Write {id: answer, "" for none} to `path` and {id: no-answer score} to `path`.na (SQuAD 2.0 formats)."""
    given = {a.question.id: a.at(threshold) for a in answers}
    path.write_text(json.dumps(given, ensure_ascii=False, indent=0) + "\n", "utf-8")
    no_answer = {a.question.id: -a.score for a in answers}
    path.with_name(path.name + ".na").write_text(json.dumps(no_answer, indent=0) + "\n", "utf-8")


def _row(name: str, answers: Sequence[ReadAnswer], threshold: float) -> list[str]:
    exact = mean([100 * exact_match(a.at(threshold), _gold(a.question)) for a in answers])
    f1 = mean([100 * token_f1(a.at(threshold), _gold(a.question)) for a in answers])
    return [name, str(len(answers)), cell("em", exact), cell("f1", f1)]


def _scores(answers: Sequence[ReadAnswer]) -> Floats:
    return np.asarray([a.score for a in answers], float)


def _gold(question: SquadQuestion) -> list[str]:
    return [text for text, _ in question.answers]
