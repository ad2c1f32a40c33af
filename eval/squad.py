"""Reads SQuAD 2.0 files and scores answers as the official script does; knows nothing of models.

Scores follow Rajpurkar et al. 2018, "Know What You Don't Know" (https://arxiv.org/abs/1806.03822), and its official
`evaluate-v2.0.py`: exact match and token F1 after normalisation, best over the gold answers; an unanswerable question
scores 1 when the answer is empty, else 0.
"""

import gzip
import json
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ARTICLES = re.compile(r"\b(a|an|the)\b")


@dataclass(frozen=True)
class SquadQuestion:
    """One question over one context; `answers` is a tuple of (text, start in context), empty when unanswerable."""

    id: str
    title: str
    question: str
    context: str
    answers: tuple[tuple[str, int], ...]


def read_squad(path: Path) -> list[SquadQuestion]:
    """Read a SQuAD 2.0 file, `.json` or `.json.gz`.

    Raises `ValueError`, naming the file, when it is not SQuAD JSON; `OSError` when it cannot be read.
    """
    raw = path.read_bytes()
    try:
        data = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)["data"]
        return [
            SquadQuestion(
                id=qa["id"],
                title=article.get("title", ""),
                question=qa["question"],
                context=paragraph["context"],
                answers=()
                if qa.get("is_impossible")
                else tuple((a["text"], a["answer_start"]) for a in qa["answers"]),
            )
            for article in data
            for paragraph in article["paragraphs"]
            for qa in paragraph["qas"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is not a SQuAD 2.0 file ({error}); it needs data/paragraphs/qas as JSON.") from error


def normalise(text: str) -> str:
    """Lower-case, drop punctuation and articles, squeeze white space: "The  Moon, a rock!" becomes "moon rock"."""
    kept = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(ARTICLES.sub(" ", kept).split())


def exact_match(answer: str, gold: Sequence[str]) -> float:
    """1.0 if the normalised answer equals a normalised gold answer (no gold: if the answer is empty), else 0.0."""
    return float(any(normalise(answer) == normalise(g) for g in gold or ("",)))


def token_f1(answer: str, gold: Sequence[str]) -> float:
    """Best token F1 over the gold answers: "the cold Moon" against "Moon rock" is 2 * 0.5 * 0.5 / 1 = 0.5."""
    return max(_token_f1(normalise(answer).split(), normalise(g).split()) for g in gold or ("",))


def _token_f1(answer: list[str], gold: list[str]) -> float:
    if not answer or not gold:
        return float(answer == gold)
    same = sum((Counter(answer) & Counter(gold)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(answer), same / len(gold)
    return 2 * precision * recall / (precision + recall)
