"""`python -m eval`: scores a question set; `compare`, `reader`, `calibrate` and the others do what their help says."""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.terminal import tame_output

DONE, FAILED, NOTHING_DONE = 0, 1, 2
QUESTIONS = Path(__file__).parent / "questions"
DEFAULT_QUESTIONS = QUESTIONS / "dev.jsonl"
INVENTED = QUESTIONS / "invented"  # reports of other kinds, with their questions
REAL = QUESTIONS / "real"  # real reports, typeset as PDFs, with their questions
DEFAULT_INDEX = Path(os.environ.get("ISECG_INDEX") or ".index")


@tame_output()
def main(argv: list[str] | None = None) -> int:
    """Run the command that `argv` (default: the process's arguments) names; returns the exit code.

    0: done; 1: done, but a quote is not exact or the question set does not fit the documents; 2: nothing could be done.
    """
    arguments = sys.argv[1:] if argv is None else argv
    command: Callable[[list[str]], int] = run
    if arguments and arguments[0] in COMMANDS:
        command, arguments = COMMANDS[arguments[0]], arguments[1:]
    try:
        return command(arguments)
    except OSError as error:
        print(f"{error.filename or 'Output'}: {error.strerror}.", file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return NOTHING_DONE


def run(arguments: list[str]) -> int:
    """Score a question set on an index."""
    options = _run_options(arguments)
    if find_spec("ir_measures") is None:
        print("Scoring needs ir-measures; install it with: pip install -e '.[dev]'", file=sys.stderr)
        return NOTHING_DONE

    from answer.pipeline import Assistant
    from answer.reader import NONE, NoSuchReader
    from eval.evaluation import evaluate
    from eval.jsonl import BadFile, write_rows
    from eval.questions import check_against, read_questions
    from eval.report import Report
    from eval.scores import inexact_quotes
    from index.embed import NoSuchModel
    from index.store import IndexProblem

    try:
        questions = read_questions(options.questions)
        for folder in filter(None, (options.report, options.predictions and options.predictions.parent)):
            folder.mkdir(parents=True, exist_ok=True)  # now, so that a bad name costs no run
        assistant = Assistant.open(options.index, options.model, options.reader)
        plain = None if options.reader == NONE else Assistant.open(options.index, options.model, NONE)
        problems = check_against(questions, assistant.documents)
        evaluation = evaluate(questions, assistant, plain)
    except (BadFile, IndexProblem, NoSuchModel, NoSuchReader) as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    report = Report(options.questions.name, evaluation)
    if options.predictions:
        write_rows(options.predictions, evaluation.rows)
    if options.report:
        report.write(options.report)
    print(report.text())
    if options.report:
        print(f"\nWritten: {options.report / 'report.md'}, report.json and predictions.jsonl beside it.")
    for id_, quote in inexact_quotes(report.judged, evaluation.documents):
        problems.append(f"{id_}: this quote is not the text of {quote.document} at {quote.start}:{quote.end}.")
    for problem in problems:
        print(problem, file=sys.stderr)
    return FAILED if problems else DONE


def _run_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description="Ask a question set as the chat would, and print how good the answers are.",
        epilog="Other commands: compare, reader, calibrate, speed, load, pages, import-feedback (each with --help)",
    )
    add = parser.add_argument
    add("questions", nargs="?", type=Path, default=DEFAULT_QUESTIONS, help="JSON Lines (default: the dev questions)")
    add("--index", type=Path, default=DEFAULT_INDEX, metavar="DIR", help="where the index lies (default: %(default)s)")
    add("--predictions", type=Path, metavar="FILE", help="write every answer, one row a question")
    add("--report", type=Path, metavar="DIR", help="write report.md, report.json and predictions.jsonl there")
    add("--model", default="all-MiniLM-L6-v2", help="the sentence-transformers model of the index")
    add("--reader", default="carried", help="the reader: carried, none, or a folder (default: %(default)s)")
    return parser.parse_args(arguments)


def compare(arguments: list[str]) -> int:
    """Compare the predictions files of two runs."""
    parser = argparse.ArgumentParser(
        prog="python -m eval compare", description="Compare two runs of a question set, question by question."
    )
    parser.add_argument("a", type=Path, metavar="A", help="predictions of one run")
    parser.add_argument("b", type=Path, metavar="B", help="predictions of the other")
    parser.add_argument(
        "--questions", type=Path, default=DEFAULT_QUESTIONS, help="what was asked (default: the dev questions)"
    )
    options = parser.parse_args(arguments)

    from eval.compare import compare as compare_runs
    from eval.jsonl import BadFile
    from eval.predictions import read_predictions
    from eval.questions import read_questions

    try:
        questions = read_questions(options.questions)
        a, b = (read_predictions(path, questions) for path in (options.a, options.b))
    except BadFile as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    print(f"A: {options.a}\nB: {options.b}\n\n{compare_runs(questions, a, b)}")
    return DONE


def reader(arguments: list[str]) -> int:
    """Score the reader alone on a SQuAD 2.0 file."""
    parser = argparse.ArgumentParser(
        prog="python -m eval reader", description="Score the reader alone on SQuAD 2.0 questions."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="SQuAD 2.0, .json or .json.gz")
    parser.add_argument(
        "--predictions", type=Path, metavar="OUT", help="write the answers to OUT, no-answer scores to OUT.na"
    )
    parser.add_argument("--threshold", type=float, help="least score of an answer (default: the reader's own)")
    parser.add_argument("--reader", default="carried", help="the reader: carried, or a folder (default: %(default)s)")
    options = parser.parse_args(arguments)

    from answer.reader import NoSuchReader, open_reader
    from eval.jsonl import BadFile
    from eval.reader import read_all, score_reader, write_predictions
    from eval.squad import read_squad

    try:
        questions = read_squad(options.file)
        if options.predictions:
            options.predictions.parent.mkdir(parents=True, exist_ok=True)
        opened = open_reader(options.reader)
        if opened is None:
            raise NoSuchReader("There is nothing to score without a reader; name one with --reader.")
        answers = read_all(opened, questions)
    except (BadFile, NoSuchReader) as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    threshold = opened.threshold if options.threshold is None else options.threshold
    if options.predictions:
        write_predictions(options.predictions, answers, threshold)
    print(f"{options.file}: {len(questions)} questions\n\n{score_reader(answers, threshold)}")
    return DONE


def calibrate(arguments: list[str]) -> int:
    """Learn the weights of evidence from question sets and write them to answer/weights.json."""
    parser = argparse.ArgumentParser(
        prog="python -m eval calibrate",
        description="Learn answer/weights.json from eval/questions/calibration.jsonl and eval/questions/invented/, choose"
        " the threshold on the dev questions, and print how these are answered.",
    )
    parser.add_argument("--index", type=Path, default=DEFAULT_INDEX, metavar="DIR", help="of the 2024 report")
    options = parser.parse_args(arguments)

    from answer.pipeline import Assistant
    from answer.reader import CARRIED, NONE, NoSuchReader, open_reader
    from answer.weights import NO_WEIGHTS, save, setting
    from eval.calibration import calibrate as learn
    from eval.calibration import look_up_all
    from eval.jsonl import BadFile
    from eval.questions import read_questions
    from index.build import update
    from index.embed import NoSuchModel, SentenceEncoder
    from index.store import IndexProblem

    try:
        encoder = SentenceEncoder()
        with tempfile.TemporaryDirectory() as other:
            update(Path(other), [INVENTED], encoder)
            for name in (NONE, CARRIED):
                opened = open_reader(name)
                report, invented = (Assistant(f, encoder, opened, NO_WEIGHTS) for f in (options.index, Path(other)))
                cases = look_up_all(read_questions(QUESTIONS / "calibration.jsonl"), report)
                cases += look_up_all(read_questions(INVENTED / "questions.jsonl"), invented)
                learned = learn(cases, look_up_all(read_questions(DEFAULT_QUESTIONS), report))
                save(setting(opened), learned.weights)
                figures = "\n".join(f"  {value:6.3f}  {what}" for what, value in learned.figures.items())
                print(f"{setting(opened)}: threshold {learned.weights.threshold:.3f}; on the dev questions:\n{figures}")
    except (BadFile, IndexProblem, NoSuchModel, NoSuchReader) as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    return DONE


def speed(arguments: list[str]) -> int:
    """Measure what ingesting and asking cost."""
    parser = argparse.ArgumentParser(
        prog="python -m eval speed",
        description="Measure what ingesting costs, from nothing and for one more report, on invented reports.",
    )
    parser.add_argument("--reports", type=_count, default=50, help="how many there are before one more (default: 50)")
    parser.add_argument("--pages", type=_count, default=4, help="of each report (default: 4)")
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help="a sentence-transformers model: name or folder")
    parser.add_argument("--reader", default="carried", help="the reader: carried, none, or a folder")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    options = parser.parse_args(arguments)
    if find_spec("fpdf") is None:
        print("Typesetting reports needs fpdf2; install it with: pip install -e '.[dev]'", file=sys.stderr)
        return NOTHING_DONE

    from answer.reader import NoSuchReader, open_reader
    from eval.speed import describe, measure
    from index.embed import NoSuchModel, SentenceEncoder

    def say(what: str) -> None:
        if sys.stderr.isatty():
            print(f"… {what}", file=sys.stderr)

    try:
        with TemporaryDirectory() as folder:
            models = SentenceEncoder(options.model), open_reader(options.reader)
            measured = measure(Path(folder), (options.reports, options.pages), *models, say)
    except (NoSuchModel, NoSuchReader) as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    print(json.dumps(measured.to_dict(), indent=1) if options.json else describe(measured))
    return DONE


def load(arguments: list[str]) -> int:
    """Let many people ask a real server at once."""
    parser = argparse.ArgumentParser(
        prog="python -m eval load",
        description="Start the chat and let many people ask it at once, on this machine, as its page does.",
    )
    parser.add_argument("questions", nargs="?", type=Path, default=DEFAULT_QUESTIONS)
    parser.add_argument("--people", type=_count, default=20, help="how many ask at once (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=5.0, help="for how long (default: %(default)g)")
    parser.add_argument(
        "--pause", type=float, default=0.0, help="seconds from an answer to the next question (default: none)"
    )
    parser.add_argument("--index", type=Path, default=DEFAULT_INDEX, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    options = parser.parse_args(arguments)

    from eval.jsonl import BadFile
    from eval.load import NotStarted, describe, measure
    from eval.questions import read_questions

    try:
        questions = [question.question for question in read_questions(options.questions)]
        seen = measure(options.index, questions, options.people, options.minutes * 60, options.pause)
    except (BadFile, NotStarted) as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    print(json.dumps(seen.to_dict(), indent=1) if options.json else describe(seen.to_dict()))
    return FAILED if seen.errors else DONE


def pages(arguments: list[str]) -> int:
    """Measure on PDFs how often the right page is found."""
    parser = argparse.ArgumentParser(
        prog="python -m eval pages",
        description="Ingest the PDFs of a folder into a temporary index and count how often the right page is among those of"
        " the first passages found, against 1,000-character chunks with the same embedding model.",
    )
    parser.add_argument("folder", nargs="?", type=Path, default=REAL, metavar="FOLDER", help="(default: real reports)")
    parser.add_argument("questions", nargs="?", type=Path, help="JSON Lines (default: questions.jsonl in FOLDER)")
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help="a sentence-transformers model: name or folder")
    parser.add_argument("--half", choices=("odd", "even"), help="only questions whose id ends in an odd or even digit")
    parser.add_argument("--json", action="store_true", help="the figures and each outcome as JSON on standard output")
    options = parser.parse_args(arguments)

    from pypdf.errors import PyPdfError

    from eval.jsonl import BadFile
    from eval.pages import compare as compare_pages
    from eval.pages import describe
    from eval.questions import read_questions
    from index.embed import NoSuchModel, SentenceEncoder
    from index.store import IndexProblem

    try:
        files = sorted(options.folder.glob("*.pdf"))
        if not files:
            raise BadFile(f"There are no PDFs in {options.folder}.")
        questions = read_questions(options.questions or options.folder / "questions.jsonl")
        if options.half:
            digits = "13579" if options.half == "odd" else "02468"
            questions = [question for question in questions if question.id[-1] in digits]
        with TemporaryDirectory() as folder:
            measured = compare_pages(files, questions, SentenceEncoder(options.model), Path(folder))
    except (BadFile, IndexProblem, NoSuchModel, PyPdfError) as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    print(json.dumps(measured.to_dict(), indent=1) if options.json else describe(measured))
    for id_ in measured.missing:
        print(f"{id_}: its evidence is on no page of the PDFs, so that it counts as not found.", file=sys.stderr)
    return FAILED if measured.missing else DONE


def _count(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a number from 1 on")
    return int(value)


def import_feedback(arguments: list[str]) -> int:
    """Turn the chat's feedback into candidate questions."""
    parser = argparse.ArgumentParser(
        prog="python -m eval import-feedback",
        description="Turn the chat's feedback into candidate questions, each of which a person must check.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the chat's feedback.jsonl")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT", help="the question set to write (a new file)")
    options = parser.parse_args(arguments)

    from eval.feedback import read_feedback, to_candidates
    from eval.jsonl import BadFile, write_rows

    try:
        said, problems = read_feedback(options.file)
    except BadFile as error:
        print(error, file=sys.stderr)
        return NOTHING_DONE
    if options.out.exists():
        print(f"{options.out} is there already, perhaps with your changes; name another with --out.", file=sys.stderr)
        return NOTHING_DONE
    candidates = to_candidates(said)
    write_rows(options.out, candidates)
    known = sum(bool(row["evidence"]) for row in candidates)
    print(f"{len(said)} ratings, {len(candidates)} candidate questions ({known} with evidence) in {options.out}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return FAILED if problems else DONE


COMMANDS = {
    "compare": compare,
    "reader": reader,
    "calibrate": calibrate,
    "speed": speed,
    "load": load,
    "pages": pages,
    "import-feedback": import_feedback,
}

if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends the command quietly
    sys.exit(main())
