"""Reads SQuAD 2.0 files and scores answers as the official script does; knows nothing of models.

Scores follow Rajpurkar et al. 2018, "Know What You Don't Know" (https://arxiv.org/abs/1806.03822), and its official
`evaluate-v2.0.py`: exact match and token F1 after normalisation, best over the gold answers; an unanswerable question
scores 1 when the answer is empty, else 0.
"""

import gzip
import json
import re
import string
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.jsonl import BadFile

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

    Raises `BadFile` when it is not SQuAD JSON or holds no question; `OSError` when it cannot be read.
    """
    raw = path.read_bytes()
    try:
        data = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)["data"]
        questions = [
            _question(article.get("title", ""), paragraph["context"], qa)
            for article in data
            for paragraph in article["paragraphs"]
            for qa in paragraph["qas"]
        ]
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        EOFError,
        RecursionError,
        gzip.BadGzipFile,
        zlib.error,
    ) as error:
        raise BadFile(f"{path} is not a SQuAD 2.0 file ({error}); it needs data/paragraphs/qas as JSON.") from error
    if not questions:
        raise BadFile(f"{path} holds no question.")
    return questions


def _question(title: str, context: str, qa: dict[str, Any]) -> SquadQuestion:
    answers = [] if qa.get("is_impossible") else [(a["text"], a["answer_start"]) for a in qa["answers"]]
    if not all(isinstance(text, str) for text in (title, context, qa["id"], qa["question"], *(t for t, _ in answers))):
        raise TypeError("title, context, id, question and answer text must be strings")
    return SquadQuestion(qa["id"], title, qa["question"], context, tuple(answers))


def normalise(text: str) -> str:
    """Lower-case, drop punctuation and articles, squeeze white space: "The  Moon, a rock!" becomes "moon rock"."""
    kept = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(ARTICLES.sub(" ", kept).split())


def exact_match(answer: str, gold: Sequence[str]) -> float:
    """1.0 if the normalised answer equals a normalised gold answer (no gold: if the answer is empty), else 0.0."""
    return float(normalise(answer) in _normalised(gold))


def token_f1(answer: str, gold: Sequence[str]) -> float:
    """Best token F1 over the gold answers: "the cold Moon" against "Moon rock" is 2 * 0.5 * 0.5 / 1 = 0.5."""
    return max(_token_f1(normalise(answer).split(), g.split()) for g in _normalised(gold))


def _normalised(gold: Sequence[str]) -> list[str]:
    return [g for g in map(normalise, gold) if g] or [""]  # the official script leaves out a gold answer such as "the"


def _token_f1(answer: list[str], gold: list[str]) -> float:
    same = sum((Counter(answer) & Counter(gold)).values())
    return 2 * same / (len(answer) + len(gold)) if answer or gold else 1.0  # = 2PR / (P + R)
