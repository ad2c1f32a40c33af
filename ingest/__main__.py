"""`python -m ingest [PATH ...]`: brings the index up to date with the reports given; heavy imports wait until they are needed."""

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.build import BuildReport

DEFAULT_INDEX = ".index"
CORPUS = Path("corpus")
DONE, REFUSED, NOTHING_DONE = 0, 1, 2


def main(argv: list[str] | None = None) -> int:
    """Run the command; the exit code is 0 (done), 1 (done, but a file was refused) or 2 (wrong usage, nothing done)."""
    args = _arguments(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a character is no reason to stop
    try:
        return _ingest(args)
    except KeyboardInterrupt:
        print("Stopped; the index is as it was.", file=sys.stderr)
        return NOTHING_DONE


def _ingest(args: argparse.Namespace) -> int:
    paths = args.paths or [CORPUS]
    from index.build import is_stale, update
    from index.embed import NoSuchModel, SentenceEncoder
    from index.store import IndexProblem

    if args.if_stale and not is_stale(args.index, paths):
        return DONE
    try:
        report = update(args.index, paths, SentenceEncoder(args.model), args.rebuild, _progress_bar(args.json))
    except (IndexProblem, NoSuchModel) as problem:
        print(problem, file=sys.stderr)
        return NOTHING_DONE
    print(json.dumps(asdict(report), indent=1) if args.json else describe(report))
    for refused in report.refused:
        print(f"refused {refused.name}: {refused.reason}", file=sys.stderr)
    return REFUSED if report.refused else DONE


def describe(report: "BuildReport") -> str:
    """What an update did, for a person: the counts, and the names of what is not as it was."""
    lines = [
        f"{len(report.added)} added, {len(report.changed)} changed, {len(report.removed)} removed,"
        f" {len(report.unchanged)} unchanged, {len(report.refused)} refused;"
        f" {report.documents} report{'s' * (report.documents != 1)} in the index, {report.passages} passages,"
        f" {report.embedded} texts embedded; {report.seconds:.1f} s"
    ]
    for word in ("added", "changed", "removed"):
        lines += [f"  {word} {name}" for name in getattr(report, word)]
    lines += [f"  {warned.name}: {warned.text}" for warned in report.warnings]
    return "\n".join(lines)


def _progress_bar(quiet: bool) -> Callable[[int, int], None]:
    from tqdm import tqdm

    bar = tqdm(total=0, desc="Embedding", unit="text", disable=quiet or not sys.stderr.isatty(), leave=False)

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    return show


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ingest", description="Bring the index up to date with reports.")
    parser.add_argument("paths", nargs="*", type=Path, help="files and folders of .txt, .md, .pdf (default: corpus/)")
    parser.add_argument("--index", type=Path, default=Path(os.environ.get("ISECG_INDEX") or DEFAULT_INDEX))
    parser.add_argument("--rebuild", action="store_true", help="from nothing: drop what the index holds")
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help="a sentence-transformers model: name or folder")
    parser.add_argument("--if-stale", action="store_true", help="do nothing, and say nothing, when nothing has changed")
    parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")
    return parser.parse_args(argv)


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends the command quietly
    sys.exit(main())
