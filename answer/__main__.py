"""`python -m answer QUESTION` answers in the terminal; `python -m answer verify FILE` checks receipts and saved quotes."""

import argparse
import json
import os
import signal
import sys
import textwrap
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.terminal import tame_output

if TYPE_CHECKING:
    from answer.cite import Citation
    from answer.pipeline import Answer, YearAnswer

DONE, FAILED, NOTHING_DONE = 0, 1, 2
WIDTH = 96
NEAREST = 3


@tame_output()
def main(argv: list[str] | None = None) -> int:
    """Run the command; exit code 0 (answered, or the reports do not say), 1 (a quote does not hold), 2 (wrong usage)."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        return _verify(argv[1:]) if argv[:1] == ["verify"] else _answer(argv)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return NOTHING_DONE


def _answer(argv: list[str]) -> int:
    args = _arguments(argv)
    from answer.pipeline import Assistant
    from answer.reader import NoSuchReader
    from index.embed import NoSuchModel
    from index.store import IndexProblem

    try:
        assistant = Assistant.open(args.index, args.model, args.reader)
        if args.by_year:
            by_year = assistant.ask_by_year(args.question, args.history)
            if args.receipt and not _save_receipts([found.answer for found in by_year], args.receipt, args.date):
                return NOTHING_DONE
            rows = [found.to_dict() for found in by_year]
            print(json.dumps(rows, indent=1) if args.json else describe_years(by_year))
            return DONE
        answer = assistant.ask(args.question, args.history)
    except (IndexProblem, NoSuchModel, NoSuchReader, ValueError) as problem:
        print(problem, file=sys.stderr)
        return NOTHING_DONE
    if args.receipt and not _save_receipts([answer], args.receipt, args.date):
        return NOTHING_DONE
    print(json.dumps(answer.to_dict(), indent=1) if args.json else describe(answer))
    return DONE


def _save_receipts(answers: "Sequence[Answer]", path: Path, date: str | None) -> bool:
    from answer.receipt import now, receipt, save, to_json, to_markdown

    date = date or now()
    records = [receipt(answer, date) for answer in answers]
    try:
        save(path, to_json(records) if path.suffix.lower() == ".json" else to_markdown(records))
    except OSError as error:
        print(f"The receipt cannot be written to {path}: {error.strerror}.", file=sys.stderr)
        return False
    return True


def describe(answer: "Answer") -> str:
    """An answer for the terminal: quotes with where they stand, or the refusal and the nearest passages."""
    lines = [f"Understood as: {answer.understood_as}"] if answer.understood_as else []
    lines += [f"Year asked: {', '.join(map(str, answer.years))}"] if answer.years else []
    for number, citation in enumerate(answer.citations, 1):
        lines += ["", _indented(f"“{citation.quote}”"), f"  [{number}] {_source(citation)}"]
    if answer.refusal:
        lines += ["", answer.text, answer.refusal, "", "Nearest:"]
        for hit, place in zip(answer.passages[:NEAREST], answer.places, strict=False):
            start = " ".join(hit.passage.text.split())
            lines += [
                f"  {_where(place.title, place.section, place.place)}",
                _indented(textwrap.shorten(start, 160, placeholder=" …")),
            ]
    lines.append(f"\nProbability that this answer is right: {answer.confidence:.2f}" if answer.citations else "")
    return "\n".join(lines).strip("\n")


def describe_years(answers: "Sequence[YearAnswer]") -> str:
    """For the terminal: under each year its quote and where it stands, or that nothing was found."""
    understood = answers[0].answer.understood_as if answers else None
    lines = [f"Understood as: {understood}"] if understood else []
    for found in answers:
        lines += ["", "Year unknown" if found.year is None else str(found.year)]
        lines += [] if found.answer.answered else ["  Nothing found."]
        for citation in found.answer.citations:
            lines += [_indented(f"“{citation.quote}”"), f"  {_where(citation.title, citation.section, citation.place)}"]
    return "\n".join(lines).strip("\n")


def _source(citation: "Citation") -> str:
    where = _where(citation.title, citation.section, citation.place)
    return f"{where} (an older report: the newest is on {citation.newest})" if citation.older else where


def _where(title: str, section: tuple[str, ...], place: str) -> str:
    return ", ".join(part for part in (title, " > ".join(section), place) if part)


def _indented(text: str) -> str:
    return "\n".join(
        textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="  ") for line in text.split("\n")
    )


def _verify(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m answer verify",
        description="Check every quote of a receipt, an exported conversation, a saved answer or a predictions file.",
    )
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--documents",
        action="append",
        type=Path,
        metavar="PATH",
        help="read the reports anew from this file or folder, whatever their names (repeatable); no index is needed then",
    )
    _add_index(parser)
    args = parser.parse_args(argv)
    from answer.verify import NotAnswers, check, check_readable, read_answers, read_cited
    from index.store import IndexProblem, read_documents

    try:
        rows = read_answers(args.file)
        readable = check_readable(args.file, rows)
        if args.documents:
            documents, refused = read_cited(args.documents, rows)
        else:
            documents, refused = {d.name: d for d in read_documents(args.index)}, []
    except OSError as error:
        print(f"{args.file} cannot be read: {error.strerror}.", file=sys.stderr)
        return NOTHING_DONE
    except (NotAnswers, IndexProblem) as problem:
        print(problem, file=sys.stderr)
        return NOTHING_DONE
    for file in refused:
        print(f"{file.name}: {file.reason}", file=sys.stderr)
    checked, faults = check(rows, documents)
    faults = readable + faults
    print(f"{checked} quotes of {len(rows)} answers checked, {len(faults)} do not hold")
    for fault in faults:
        print(f"{fault.answer}: {fault.reason}", file=sys.stderr)
    return FAILED if faults else DONE


def _add_index(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--index", type=Path, default=Path(os.environ.get("ISECG_INDEX") or ".index"))


def _receipt_file(value: str) -> Path:
    if Path(value).suffix.lower() not in {".json", ".md"}:
        raise argparse.ArgumentTypeError(f"{value!r} must end in .json or .md")
    return Path(value)


def _date(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is not a date: write 2026-01-31 or 2026-01-31T12:00:00Z") from None
    return value


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m answer",
        description="Answer a question in the reports' own words.",
        epilog="python -m answer verify FILE checks the quotes of a saved answer or a predictions file.",
    )
    parser.add_argument("question")
    parser.add_argument(
        "--history", action="append", default=[], metavar="TURN", help="an earlier question (repeatable)"
    )
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help="the sentence-transformers model of the index")
    parser.add_argument("--reader", default="carried", help="the reader: carried, none, or a folder")
    parser.add_argument("--by-year", action="store_true", help="one quote of each year's report, newest first")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--receipt", type=_receipt_file, metavar="FILE", help="save a receipt: FILE ends in .json or .md"
    )
    parser.add_argument("--date", type=_date, help="the date on the receipt, ISO 8601 (default: now)")
    _add_index(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends the command quietly
    sys.exit(main())
