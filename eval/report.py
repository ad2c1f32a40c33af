"""Puts an evaluation into words: tables for the terminal; report.md, report.json and predictions.jsonl in a folder."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eval.evaluation import ALWAYS_REFUSE, ASSISTANT, FIRST_SENTENCE, Evaluation
from eval.jsonl import write_rows
from eval.judge import FAULTS, Judgement
from eval.metrics import Estimate, proportion
from eval.scores import ANSWER_LABELS, RETRIEVAL_LABELS, RISK, score_answers, score_rankings
from eval.tables import WIDTH, cell, estimates, one_line, table

SHOWN_CHARACTERS = 400  # of an answer or its evidence, in report.md
NOTES = (
    "In brackets: 95 % intervals (Wilson for shares, bootstrap for other means and AUROC).",
    "A refused question counts as wrong among the answerable. AUROC: confidence, answerable against",
    f"unanswerable. Calibration: of the answers given. Coverage at {RISK:.0%} risk: the share of all questions",
    f"that is answered, surest first, while at most {RISK:.0%} of these answers are wrong. A passage counts when",
    "it holds the evidence; one is enough, and every answerable question counts.",
)


@dataclass(frozen=True)
class Report:
    """The figures of one evaluation of the question set called `name`."""

    name: str
    evaluation: Evaluation

    @property
    def judged(self) -> list[Judgement]:
        """The assistant's judgements."""
        return self.evaluation.judged[ASSISTANT]

    @cached_property
    def answers(self) -> dict[str, dict[str, Estimate]]:
        """The answer figures of each system."""
        scores = {
            name: score_answers(judged, self.evaluation.documents) for name, judged in self.evaluation.judged.items()
        }
        for name in (FIRST_SENTENCE, ALWAYS_REFUSE):
            del scores[name]["seconds_p50"], scores[name]["seconds_p95"]
        return scores

    @cached_property
    def retrieval(self) -> dict[str, dict[str, Estimate]]:
        """The retrieval figures of each way of searching."""
        return {name: score_rankings(rankings) for name, rankings in self.evaluation.rankings.items()}

    @property
    def headline(self) -> str:
        """What was asked."""
        answerable = sum(j.question.answerable for j in self.judged)
        near = sum(j.question.near_miss for j in self.judged)
        return (
            f"{one_line(self.name, 40)}: {len(self.judged)} questions, {answerable} answerable, "
            f"{len(self.judged) - answerable} not ({near} of these near misses)"
        )

    @cached_property
    def tables(self) -> dict[str, str]:
        """The tables by their titles, as plain text."""
        return {
            "Answers": estimates(ANSWER_LABELS, self.answers),
            "Passages found": estimates(RETRIEVAL_LABELS, self.retrieval),
            "By type of question": type_table(self.judged),
            "What went wrong": fault_list(self.judged),
        }

    def text(self) -> str:
        """The report for the terminal."""
        return "\n\n".join(
            [self.headline, *(f"{title}\n\n{body}" for title, body in self.tables.items()), "\n".join(NOTES)]
        )

    def markdown(self) -> str:
        """The report as Markdown; what comes from questions and documents is indented, so that none is markup."""
        parts = ["# Evaluation", _indented(self.headline), " ".join(NOTES)]
        for title, body in self.tables.items():
            parts += [f"## {title}", _indented(body)]
        wrong = [_indented(_case(j)) for j in self.judged if not j.right]
        return "\n\n".join([*parts, "## Each wrong answer", *(wrong or ["None."])]) + "\n"

    def figures(self) -> dict[str, Any]:
        """Every figure, for report.json."""
        return {
            "questions": self.name,
            "count": len(self.judged),
            "index": self.evaluation.index_fingerprint,
            "documents": {name: document.sha256 for name, document in self.evaluation.documents.items()},
            "answers": _plain(self.answers),
            "retrieval": _plain(self.retrieval),
            "types": {
                name: {"right": asdict(proportion([j.right for j in group])), "faults": _fault_counts(group)}
                for name, group in by_type(self.judged).items()
            },
            "wrong": [{"id": j.question.id, "fault": j.fault} for j in self.judged if j.fault],
        }

    def write(self, folder: Path) -> None:
        """Write the three files into `folder`; raises `OSError` when that fails."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.md").write_text(self.markdown(), "utf-8")
        (folder / "report.json").write_text(json.dumps(self.figures(), indent=1, ensure_ascii=False) + "\n", "utf-8")
        write_rows(folder / "predictions.jsonl", self.evaluation.rows)


def by_type(judged: Sequence[Judgement]) -> dict[str, list[Judgement]]:
    """The judgements of each type of question, the types in alphabetical order."""
    return {name: [j for j in judged if j.question.type == name] for name in sorted({j.question.type for j in judged})}


def type_table(judged: Sequence[Judgement]) -> str:
    """One row a type: how many, the share right (answered or refused), recall@5, and the number of each fault."""
    rows = []
    for name, group in by_type(judged).items():
        found = proportion([any(j.relevant[:5]) for j in group if j.question.answerable])
        right = proportion([j.right for j in group])
        faults = [str(count or "") for count in _fault_counts(group).values()]
        recall = "" if found.value is None else f"{found.value:.2f}"
        rows.append([one_line(name, 15), str(len(group)), cell("right", right), recall, *faults])
    return table(["", "questions", "right", "recall@5", *FAULTS], rows)


def fault_list(judged: Sequence[Judgement]) -> str:
    """The wrong ones, one line each, under the step that failed."""
    blocks = []
    for fault, meaning in FAULTS.items():
        cases = [j for j in judged if j.fault is fault]
        lines = [f"  {one_line(f'{j.question.id}  {j.question.question}', WIDTH - 2)}" for j in cases]
        blocks += ["\n".join([f"{fault}: {len(cases)} ({meaning})", *lines])] if cases else []
    return "\n\n".join(blocks) or "Nothing."


def _fault_counts(judged: Sequence[Judgement]) -> dict[str, int]:
    return {str(fault): sum(j.fault is fault for j in judged) for fault in FAULTS}


def _case(judgement: Judgement) -> str:
    question, prediction = judgement.question, judgement.prediction
    wanted = question.evidence or [f"{name}, page {number}" for name, number in question.pages] or ["a refusal"]
    said = [
        *(("before", turn) for turn in question.history),
        ("asked", question.question),
        ("answered", prediction.text),
        *(("wanted", text) for text in wanted),
    ]
    head = f"{question.id} · {question.type} · {judgement.fault} · confidence {prediction.confidence:.2f}"
    return "\n".join([one_line(head), *(f"  {name:9} {one_line(text, SHOWN_CHARACTERS)}" for name, text in said)])


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))


def _plain(systems: dict[str, dict[str, Estimate]]) -> dict[str, dict[str, Any]]:
    return {name: {key: asdict(estimate) for key, estimate in scores.items()} for name, scores in systems.items()}
