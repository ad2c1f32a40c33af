"""Reads the project's own training questions (train/reports.jsonl): passages of invented annual reports, each with the
questions that SQuAD has few of: paraphrases far from the wording, and near misses that share every word but the fact.
"""

from pathlib import Path

from eval.jsonl import BadFile, read_rows
from eval.squad import SquadQuestion

FILE = Path(__file__).with_name("reports.jsonl")


def read_reports(path: Path = FILE) -> list[SquadQuestion]:
    """One row a passage: {"context": headings and text, "questions": [[question, answer or null, type], ...]}.

    An answer is the first place in the context where its words stand. Raises `BadFile` naming a row that is otherwise.
    """
    questions = []
    for number, (place, row) in enumerate(read_rows(path), 1):
        try:
            for at, (asked, answer, _) in enumerate(row["questions"], 1):
                start = row["context"].index(answer) if answer is not None else 0
                answers = () if answer is None else ((answer, start),)
                questions.append(SquadQuestion(f"report{number}-{at}", "", asked, row["context"], answers))
        except (KeyError, TypeError, ValueError) as error:
            raise BadFile(f"{place}: not a passage with its questions and answers ({error}).") from error
    return questions
