"""What ingesting costs, measured: on invented reports, from nothing, one more, and nothing new; then warm questions.

Each run is of the real `update` with the real model; only reading and embedding are timed apart, by what is passed in.
"""

import itertools
import resource
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from answer.pipeline import Assistant
from answer.reader import Reader
from eval.invented import questions, write_report
from eval.tables import table
from index.build import update
from index.embed import Encoder, Progress, Vectors
from ingest.corpus import read_document
from ingest.document import Document
from ingest.passages import split_passages

BEGINNING, ONE_MORE, ALONE, NOTHING = "all reports, from nothing", "one more report", "that one alone", "nothing new"
BYTES = 1 if sys.platform == "darwin" else 1024  # the unit of ru_maxrss
MB = 1_000_000


@dataclass(frozen=True)
class Run:
    """One update: what had to be read and embedded, and the seconds: of the clock, except for `cpu` of all processors."""

    name: str
    pages: int
    passages: int
    texts: int
    seconds: float
    cpu: float
    reading: float
    embedding: float

    @property
    def rest(self) -> float:
        """Seconds for hashing, cutting, reading the old index and writing the new one."""
        return self.seconds - self.reading - self.embedding


@dataclass(frozen=True)
class Speed:
    """Everything measured. `index_bytes` of the index of all reports; `memory` in bytes at its peak; `questions` in seconds."""

    reports: int
    pages: int
    model: str
    runs: list[Run]
    index_bytes: int
    memory: int
    questions: list[float]

    @property
    def ratio(self) -> float:
        """The cost of one more report over the cost of that report alone, in processor seconds: 1 where it is the same."""
        by_name = {run.name: run for run in self.runs}
        return by_name[ONE_MORE].cpu / by_name[ALONE].cpu

    def to_dict(self) -> dict[str, Any]:
        """The figures as a JSON object."""
        return {**asdict(self), "ratio": self.ratio}


class Clock:
    """An encoder and a way to read files that note how long they take."""

    def __init__(self, encoder: Encoder) -> None:
        """Wrap `encoder`."""
        self._encoder = encoder
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.reading = self.embedding = 0.0
        self.pages = self.passages = 0

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """As the encoder does."""
        began = time.perf_counter()
        vectors = self._encoder.encode(texts, progress)
        self.embedding += time.perf_counter() - began
        return vectors

    def read(self, path: Path, sha256: str) -> Document:
        """As `read_document` does."""
        began = time.perf_counter()
        document = read_document(path, sha256)
        self.reading += time.perf_counter() - began
        self.pages += len(document.pages)
        self.passages += len(split_passages(document))
        return document

    def would_add_to(self, document: Document) -> bool:
        """Never: nothing is scanned here."""
        return False


def measure(
    base: Path, size: tuple[int, int], encoder: Encoder, reader: Reader | None, say: Callable[[str], object]
) -> Speed:
    """Measure in the empty folder `base`, with `size` = (reports, pages of each); `say` is told what is being done."""
    reports, pages = size
    corpus, alone = base / "corpus", base / "alone"
    corpus.mkdir()
    alone.mkdir()
    say(f"writing {reports + 1} invented reports of {pages} pages")
    for seed in range(reports):
        write_report(corpus / f"report-{seed}.pdf", seed, pages)
    one = alone / "one-more.pdf"
    write_report(one, reports, pages)
    encoder.encode(["The first text takes longer."])
    say(BEGINNING)
    runs = [_run(BEGINNING, base / "index", corpus, encoder)]
    shutil.copy(one, corpus)
    for name, index, folder in ((ONE_MORE, "index", corpus), (NOTHING, "index", corpus), (ALONE, "index-alone", alone)):
        say(name)
        runs.append(_run(name, base / index, folder, encoder))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES
    say("questions")
    return Speed(
        reports=reports,
        pages=pages,
        model=encoder.name,
        runs=runs,
        index_bytes=sum(path.stat().st_size for path in (base / "index").rglob("*") if path.is_file()),
        memory=memory,
        questions=_ask(Assistant(base / "index", encoder, reader), reports),
    )


def describe(speed: Speed) -> str:
    """The figures as tables."""
    head = ["", "seconds", "CPU s", "reading", "embedding", "rest", "pages", "passages", "texts"]
    rows = [
        [
            run.name,
            *(f"{x:.2f}" for x in (run.seconds, run.cpu, run.reading, run.embedding, run.rest)),
            *(f"{n:,}" for n in (run.pages, run.passages, run.texts)),
        ]
        for run in speed.runs
    ]
    whole = next(run for run in speed.runs if run.name == BEGINNING)
    p50, p95 = (float(np.percentile(speed.questions, q)) for q in (50, 95))
    return "\n".join(
        [
            f"{speed.reports} invented reports of {speed.pages} pages, and one more; model {speed.model}",
            "",
            table(head, rows),
            "",
            f"one more report costs {speed.ratio:.2f} times what it costs alone (CPU seconds)",
            f"from nothing: {_rate(whole.pages, whole.seconds)} pages/s, {_rate(whole.passages, whole.seconds)} passages/s",
            f"reading alone: {_rate(whole.pages, whole.reading)} pages/s; embedding alone: "
            f"{_rate(whole.texts, whole.embedding)} texts/s (passages and their sentences)",
            f"index: {speed.index_bytes / MB:.1f} MB; peak memory of ingesting: {speed.memory / MB:.0f} MB",
            f"{len(speed.questions)} questions, warm: median {p50:.3f} s, 95th percentile {p95:.3f} s",
        ]
    )


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:.1f}" if seconds else "–"


def _run(name: str, folder: Path, corpus: Path, encoder: Encoder) -> Run:
    clock = Clock(encoder)
    before = _cpu()
    report = update(folder, [corpus], clock, reading=clock)
    return Run(
        name=name,
        pages=clock.pages,
        passages=clock.passages,
        texts=report.embedded,
        seconds=report.seconds,
        cpu=_cpu() - before,
        reading=clock.reading,
        embedding=clock.embedding,
    )


def _cpu() -> float:
    """Processor seconds of this process and of the children that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def _ask(assistant: Assistant, reports: int) -> list[float]:
    asked = itertools.chain.from_iterable(questions(seed, 5) for seed in range(min(reports, 10)))
    return [assistant.ask(question).seconds for question in ("Which one is first?", *asked)][1:]
