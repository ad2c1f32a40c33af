"""Training examples for the reader: SQuAD-format questions, hard negatives, noisy wording, and token features.

A hard negative pairs a question with the paragraph of the same article that BM25 ranks nearest among those that do not
hold the answer's text: the right topic without the fact.
"""

import json
import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from eval.squad import SquadQuestion

MAX_TOKENS = 288  # question, title and context; 97 % of the contexts fit in one window
HELD_SEED = 1
STRIDE = 96  # tokens that two windows of a long context share
TITLE_SHARE = 0.5  # how often the title stands before the context, as a section's heading does in the product
NOISE_SHARE = 0.15  # how often a question is damaged as people damage them
BM25_K1, BM25_B = 1.2, 0.75
WORD = re.compile(r"\w+")
NAME = re.compile(r"\b(?:1\d{3}|20\d\d)\b|\b[A-Z][\w'’-]+(?: (?:of |the )*[A-Z][\w'’-]+)*")
TELEGRAM_DROPPED = frozenset(
    "a an the is are was were did do does of to in on at by for what which who when where how".split()
)


@dataclass(frozen=True)
class Feature:
    """One window: token ids, where the second segment begins, and the answer's first and last token (0, 0: none)."""

    ids: list[int]
    context_at: int
    start: int
    end: int


def hold_out(questions: Sequence[SquadQuestion], articles: int) -> tuple[set[str], set[str]]:
    """Split the titles of articles with unanswerable questions: a few for choosing a threshold, the rest to train on."""
    titles = sorted({plain_title(q.title) for q in questions if not q.answers})
    random.Random(HELD_SEED).shuffle(titles)  # the same articles whatever the seed of a run
    held = set(titles[:articles])
    return held, {plain_title(q.title) for q in questions} - held


def write_squad(questions: Sequence[SquadQuestion], path: Path) -> None:
    """Write `questions` as a SQuAD 2.0 file."""
    data = [
        {
            "title": q.title,
            "paragraphs": [
                {
                    "context": q.context,
                    "qas": [
                        {
                            "id": q.id,
                            "question": q.question,
                            "is_impossible": not q.answers,
                            "answers": [{"text": text, "answer_start": at} for text, at in q.answers],
                        }
                    ],
                }
            ],
        }
        for q in questions
    ]
    path.write_text(json.dumps({"version": "v2.0", "data": data}), "utf-8")


def hard_negatives(
    questions: Sequence[SquadQuestion], share: float, seed: int, among: Sequence[SquadQuestion] = ()
) -> list[SquadQuestion]:
    """For a `share` of the answerable questions: the same question over the nearest paragraph without the answer.

    Paragraphs of the same article are those of `questions` and of `among`.
    """
    rng = random.Random(seed)
    by_title: dict[str, list[SquadQuestion]] = defaultdict(list)
    paragraphs: dict[str, set[str]] = defaultdict(set)
    for question in questions:
        by_title[plain_title(question.title)].append(question)
    for question in (*questions, *among):
        paragraphs[plain_title(question.title)].add(question.context)
    negatives = []
    for title, group in by_title.items():
        near = _Paragraphs(sorted(paragraphs[title]))
        for question in group:
            if question.answers and rng.random() <= share and (found := near.without_answer(question)):
                negatives.append(replace(question, id=f"{question.id}-near", context=found, answers=()))
    return negatives


class _Paragraphs:
    """The paragraphs of one article, ranked by BM25."""

    def __init__(self, contexts: Sequence[str]) -> None:
        self._contexts = contexts
        self._words = [Counter(w.lower() for w in WORD.findall(c)) for c in contexts]
        self._frequency = Counter(w for counts in self._words for w in counts)
        self._mean_length = sum(c.total() for c in self._words) / len(self._words)

    def without_answer(self, question: SquadQuestion) -> str | None:
        """The nearest other paragraph that does not hold the answer's text; None where none shares a word."""
        query = {w.lower() for w in WORD.findall(question.question)}
        answer = question.answers[0][0].lower()
        scores = [
            (self._score(query, counts), context)
            for context, counts in zip(self._contexts, self._words, strict=True)
            if context != question.context and answer not in context.lower()
        ]
        score, best = max(scores, default=(0.0, ""), key=lambda pair: pair[0])
        return best if score > 0 else None

    def _score(self, query: set[str], counts: Counter[str]) -> float:
        length = BM25_K1 * (1 - BM25_B + BM25_B * counts.total() / self._mean_length)
        return sum(
            math.log(1 + (len(self._words) - self._frequency[w] + 0.5) / (self._frequency[w] + 0.5))
            * counts[w]
            * (BM25_K1 + 1)
            / (counts[w] + length)
            for w in query
            if counts[w]
        )


def swapped_names(questions: Sequence[SquadQuestion], share: float, seed: int) -> list[SquadQuestion]:
    """For a `share` of the answerable questions: the same one about another year or name, over the same paragraph.

    The new name comes from another question on the article and does not stand in the paragraph, so that the question has
    no answer there although every other word fits: the wrong agency, the wrong year.
    """
    rng = random.Random(seed)
    names: dict[str, set[str]] = defaultdict(set)
    for question in questions:
        names[plain_title(question.title)] |= {m[0] for m in NAME.finditer(question.question) if m.start()}
    negatives = []
    for question in questions:
        if not question.answers or rng.random() > share:
            continue
        found = [m for m in NAME.finditer(question.question) if m.start() and m[0] in question.context]
        if not found:
            continue
        old = rng.choice(found)
        if old[0].isdigit():
            new = str(int(old[0]) + rng.choice((-20, -10, -3, -2, -1, 1, 2, 3, 10, 20)))
        else:
            others = [n for n in names[plain_title(question.title)] if not n.isdigit() and n != old[0]]
            new = rng.choice(sorted(others)) if others else ""
        if new and new not in question.context:
            asked = question.question[: old.start()] + new + question.question[old.end() :]
            negatives.append(replace(question, id=f"{question.id}-swap", question=asked, answers=()))
    return negatives


def damage(question: str, rng: random.Random) -> str:
    """The question as a hurried person types it: no question mark, two letters swapped, or in telegram style."""
    kind = rng.choice(("bare", "typo", "typo", "telegram"))
    text = question.rstrip("?. ").lower()
    if kind == "telegram":
        kept = [w for w in text.split() if w not in TELEGRAM_DROPPED]
        return " ".join(kept) if len(kept) > 1 else text
    if kind == "typo":
        words = text.split()
        long = [i for i, w in enumerate(words) if len(w) > 4]
        if long:
            i = rng.choice(long)
            at = rng.randrange(1, len(words[i]) - 1)
            word = words[i]
            words[i] = rng.choice((word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :]))
        return " ".join(words)
    return text


def plain_title(title: str) -> str:
    """An article's title as words: "squad11|University_of_Notre_Dame" becomes "University of Notre Dame"."""
    return title.rsplit("|", 1)[-1].replace("_", " ").strip()


def features(
    questions: Sequence[SquadQuestion], tokenizer: PreTrainedTokenizerBase, seed: int, title_share: float = TITLE_SHARE
) -> Iterator[Feature]:
    """Token features, one window a question: the one that holds the answer, else a random one."""
    rng = random.Random(seed)
    for question in questions:
        asked = damage(question.question, rng) if rng.random() < NOISE_SHARE else question.question
        title = plain_title(question.title)
        prefix = f"{title}\n" if title and rng.random() < title_share else ""
        encoded = tokenizer(
            asked[:400],
            prefix + question.context,
            truncation="only_second",
            max_length=MAX_TOKENS,
            stride=STRIDE,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        windows = [_feature(encoded, i, question, len(prefix)) for i in range(len(encoded["input_ids"]))]
        holding = [w for w in windows if w.start]
        yield rng.choice(holding or windows)


def _feature(encoded: Any, window: int, question: SquadQuestion, shift: int) -> Feature:
    ids: list[int] = encoded["input_ids"][window]
    segments = encoded.sequence_ids(window)
    context_at = segments.index(1)
    start = end = 0
    if question.answers:
        text, at = question.answers[0]
        first, last = at + shift, at + shift + len(text)
        covered = [
            i
            for i, (a, b) in enumerate(encoded["offset_mapping"][window])
            if segments[i] == 1 and a < last and b > first
        ]
        offsets = encoded["offset_mapping"][window]
        if covered and offsets[covered[0]][0] <= first and offsets[covered[-1]][1] >= last:
            start, end = covered[0], covered[-1]
    return Feature(ids, context_at, start, end)


def batches(items: Sequence[Feature], tokens: int, seed: int) -> list[list[Feature]]:
    """Batches of about `tokens` tokens after padding, of windows alike in length, in a seeded random order."""
    rng = random.Random(seed)
    keyed = sorted(items, key=lambda f: (len(f.ids) // 16, rng.random()))
    made: list[list[Feature]] = []
    batch: list[Feature] = []
    longest = 0
    for item in keyed:
        longest = max(longest, len(item.ids))
        if batch and longest * (len(batch) + 1) > tokens:
            made.append(batch)
            batch, longest = [], len(item.ids)
        batch.append(item)
    made.append(batch)
    rng.shuffle(made)
    return made
