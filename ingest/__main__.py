"""`python -m ingest [PATH ...]`: brings the index up to date with the reports given; heavy imports wait until they are needed."""

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Never

from ingest.corpus import Reading
from ingest.sandbox import DEFAULTS, Limits
from ingest.terminal import tame_output

if TYPE_CHECKING:
    from eval.changes import Changes
    from index.report import BuildReport, Watch

DEFAULT_INDEX = ".index"
CORPUS = Path("corpus")
OCR_SECONDS = 3600.0  # text recognition takes some seconds a page
DONE, REFUSED, NOTHING_DONE = 0, 1, 2


@tame_output()
def main(argv: list[str] | None = None) -> int:
    """Run the command; the exit code is 0 (done), 1 (done, but a file was refused) or 2 (wrong usage, nothing done)."""
    args = _arguments(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        return _interruptible(args)
    except KeyboardInterrupt:
        print("Stopped; the index is as it was.", file=sys.stderr)
        return NOTHING_DONE


def _interruptible(args: argparse.Namespace) -> int:
    before = _pointer(args.index)
    try:
        return _ingest(args)
    except KeyboardInterrupt:
        if _pointer(args.index) == before:
            raise
        print("Stopped, but the index is the new one already.", file=sys.stderr)
        return REFUSED


def _ingest(args: argparse.Namespace) -> int:
    if args.ocr:
        from ingest.recognise import missing

        if problem := missing():
            print(problem, file=sys.stderr)
            return NOTHING_DONE
    from answer.reader import NoSuchReader
    from eval.jsonl import BadFile
    from index.build import is_stale
    from index.embed import NoSuchModel
    from index.store import IndexProblem

    if args.if_stale and not args.ocr and not is_stale(args.index, args.paths):
        return DONE
    try:
        report, changes = _check(args) if args.check else (_run(args, args.index), None)
    except (BadFile, IndexProblem, NoSuchModel, NoSuchReader) as problem:
        print(problem, file=sys.stderr)
        return NOTHING_DONE
    _print(args, report, changes)
    for refused in report.refused:
        print(f"refused {refused.name}: {refused.reason}", file=sys.stderr)
    changed = len(changes.changed) if changes else 0
    if changed:
        print(f"{changed} of the answers to {args.check} changed", file=sys.stderr)
    return REFUSED if report.refused or changed else DONE


def _run(args: argparse.Namespace, folder: Path) -> "BuildReport":
    """Do what was asked for to the index in `folder`."""
    from index.build import preview, remove, update
    from index.embed import LateEncoder

    watch = _watch(args)
    if args.remove:
        return remove(folder, args.remove, args.dry_run and not args.check, watch)
    do = preview if args.dry_run and not args.check else update
    return do(folder, args.paths, LateEncoder(args.model), args.rebuild, watch, _reading(args))


def _check(args: argparse.Namespace) -> "tuple[BuildReport, Changes]":
    """Do what was asked for, or with --dry-run do it to a copy, and ask the questions before and after."""
    from eval.changes import Recheck
    from index.embed import LateEncoder
    from index.old import check_model
    from index.store import IndexProblem, copy_index

    asking = None if _quiet(args) else _progress_bar("Asking", "question")
    encoder = LateEncoder(args.model)
    recheck = Recheck(args.check, encoder, args.reader)
    if not args.rebuild:
        check_model(args.index, encoder)  # now, for what a dry run is refused to do to a copy is told of the copy
    try:
        recheck.ask_before(args.index, asking)
    except IndexProblem as problem:
        if not args.rebuild:
            raise
        print(f"The old answers are not known. {problem}", file=sys.stderr)
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) if args.dry_run else args.index
        if args.dry_run:
            copy_index(args.index, folder)
        report = _run(args, folder)
        return report, recheck.ask_after(folder, asking)


def _print(args: argparse.Namespace, report: "BuildReport", changes: "Changes | None") -> None:
    if args.json:
        checked = {"check": changes.to_dict()} if changes else {}
        print(json.dumps({"dry_run": args.dry_run, **asdict(report), **checked}, indent=1))
        return
    print(describe(report, args.dry_run))
    if changes:
        from eval.changes import describe as describe_changes

        print(f"\n{describe_changes(changes)}")


def _pointer(folder: Path) -> bytes | None:
    """What names the build in use, unread; None where there is none."""
    try:
        return (folder / "CURRENT").read_bytes()
    except OSError:
        return None


def describe(report: "BuildReport", dry_run: bool = False) -> str:
    """What an update did, or would do, for a person: the counts, and the names of what is not as it was."""
    counts = [f"{len(report.added)} added", f"{len(report.changed)} changed", f"{len(report.removed)} removed"]
    counts += [f"{len(report.recognised)} recognised"] if report.recognised else []
    counts += [f"{len(report.renamed)} renamed"] if report.renamed else []
    counts += [f"{len(report.unchanged)} unchanged", f"{len(report.refused)} refused"]
    lines = [
        f"{'Dry run, nothing is written: ' if dry_run else ''}{', '.join(counts)};"
        f" {_number(report.documents, 'report')} in the index, {_number(report.passages, 'passage')},"
        f" {_number(report.embedded, 'text')} {'to embed' if dry_run else 'embedded'}; {report.seconds:.1f} s"
    ]
    lines += [f"  added {name}" for name in report.added]
    lines += [f"  changed {name}: a new edition" for name in report.changed]
    lines += [f"  corrected {name}: title, year or kind, by reports.toml" for name in report.corrected]
    lines += [f"  recognised {name}: text of scanned pages" for name in report.recognised]
    lines += [f"  renamed {renamed.old} -> {renamed.new}" for renamed in report.renamed]
    lines += [f"  removed {name}" for name in report.removed]
    lines += [f"  duplicate {copy.name}: the same bytes as {copy.of}, indexed once" for copy in report.duplicates]
    lines += [
        f"  {source} is still there: the next ingest of its folder adds it again, unless you move or delete it"
        for source in report.left
    ]
    lines += [f"  {warned.name}: {warned.text}" for warned in report.warnings]
    return "\n".join(lines)


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _watch(args: argparse.Namespace) -> "Watch":
    from index.report import Watch

    if args.progress:
        return Watch(_progress_lines("reading"), _progress_lines("embedding"), lambda holder: _tell(waiting=holder))
    quiet = _quiet(args)

    def waiting(holder: str) -> None:
        print(f"{holder}; waiting for it to end (Ctrl-C to stop waiting).", file=sys.stderr, flush=True)

    return Watch(
        reading=None if quiet else _progress_bar("Reading", "B"),
        embedding=None if quiet else _progress_bar("Embedding", "text"),
        waiting=None if args.no_wait else waiting,
    )


def _reading(args: argparse.Namespace) -> Reading:
    seconds = args.max_seconds or (OCR_SECONDS if args.ocr else DEFAULTS.seconds)
    return Reading(Limits(seconds, args.max_memory, args.max_pages, args.max_characters), args.ocr)


def _quiet(args: argparse.Namespace) -> bool:
    return args.json or not sys.stderr.isatty()


def _progress_lines(what: str) -> Callable[[int, int], None]:
    return lambda done, total: _tell(**{what: [done, total]})


def _tell(**fact: object) -> None:
    print(json.dumps(fact), file=sys.stderr, flush=True)


def _progress_bar(what: str, unit: str) -> Callable[[int, int], None]:
    """A bar with rate and time left, from the first call on that has something to do; gone when all is done."""
    from tqdm import tqdm

    bars: list[tqdm[Never]] = []

    def show(done: int, total: int) -> None:
        if total and not bars:
            bars.append(
                tqdm(total=total, desc=what, unit=unit, unit_scale=unit == "B", leave=False, file=sys.__stderr__)
            )
        for bar in bars:
            bar.update(done - bar.n)
        if bars and done == total:
            bars.pop().close()

    return show


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ingest",
        description="Bring the index up to date with reports.",
        epilog="Exit code: 0 done; 1 done, but a file was refused or an answer changed; 2 wrong usage, or nothing done.",
    )
    add = parser.add_argument
    add("paths", nargs="*", type=Path, metavar="PATH", help="files and folders of .txt, .md, .pdf (default: corpus/)")
    add("--index", type=Path, default=Path(os.environ.get("ISECG_INDEX") or DEFAULT_INDEX), metavar="DIR")
    add("--remove", action="append", default=[], metavar="NAME", help="take a report out of the index (repeatable)")
    add("--dry-run", action="store_true", help="say what would be done, and do nothing")
    add("--rebuild", action="store_true", help="from nothing: drop what the index holds")
    add("--model", default="all-MiniLM-L6-v2", help="a sentence-transformers model: name or folder")
    add("--if-stale", action="store_true", help="do nothing, and say nothing, when nothing has changed")
    add("--check", type=Path, metavar="QUESTIONS", help="list the answers that change: a question set, or predictions")
    add("--reader", default="carried", help="the reader that --check asks with: carried, none, or a folder")
    add("--no-wait", action="store_true", help="end at once, saying who it is, when another process writes the index")
    add("--ocr", action="store_true", help="recognise text on scanned pages (needs Tesseract)")
    add("--json", action="store_true", help="the report as JSON on standard output")
    add("--progress", action="store_true", help="how far it is, as JSON Lines on standard error, for another program")
    _add_limits(parser)
    args = parser.parse_args(argv)
    if args.remove and (args.paths or args.rebuild or args.if_stale):
        parser.error("--remove goes with no PATH, --rebuild or --if-stale: first remove, then ingest")
    args.paths = args.paths or [CORPUS]
    return args


def _add_limits(parser: argparse.ArgumentParser) -> None:
    limits = parser.add_argument_group("limits on each file, which is refused beyond them")
    limits.add_argument(
        "--max-seconds", type=_positive, metavar="N", help=f"{DEFAULTS.seconds:g}; {OCR_SECONDS:g} with --ocr"
    )
    limits.add_argument("--max-memory", type=_positive, default=DEFAULTS.memory, metavar="N", help="GiB (%(default)g)")
    limits.add_argument("--max-pages", type=_count, default=DEFAULTS.pages, metavar="N", help="(%(default)s)")
    limits.add_argument("--max-characters", type=_count, default=DEFAULTS.characters, metavar="N", help="(%(default)s)")


def _positive(text: str) -> float:
    with suppress(ValueError):
        if 0 < (number := float(text)) < float("inf"):
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")


def _count(text: str) -> int:
    with suppress(ValueError):
        if (number := int(text)) > 0:
            return number
    raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends the command quietly
    sys.exit(main())
