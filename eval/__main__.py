"""`python -m eval`: scores a question set; `compare` sets two runs side by side, `reader` scores the reader alone."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

DEFAULT_QUESTIONS = Path(__file__).parent / "questions" / "dev.jsonl"
DEFAULT_INDEX = Path(os.environ.get("ISECG_INDEX", ".index"))
EVEN_ODDS = 0.0  # the score at which a span and "no answer" are equally likely to the reader


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
    return 2


def run(arguments: list[str]) -> int:
    """Score a question set on an index."""
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description="Ask a question set as the chat would, and print how good the answers are.",
        epilog="Other commands: python -m eval compare --help; python -m eval reader --help",
    )
    parser.add_argument("questions", nargs="?", type=Path, default=DEFAULT_QUESTIONS, help="JSON Lines (default: the dev questions)")
    parser.add_argument("--index", type=Path, default=DEFAULT_INDEX, metavar="DIR", help="where the index lies (default: %(default)s)")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="write every answer, one row a question")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write report.md, report.json and predictions.jsonl there")
    options = parser.parse_args(arguments)

    from answer.pipeline import Assistant
    from eval.evaluation import evaluate
    from eval.jsonl import BadFile, write_rows
    from eval.questions import check_against, read_questions
    from eval.report import Report
    from eval.scores import inexact_quotes
    from index.store import IndexProblem

    try:
        questions = read_questions(options.questions)
        for folder in (options.report, options.predictions and options.predictions.parent):
            if folder:
                folder.mkdir(parents=True, exist_ok=True)  # now, so that a bad name costs no run
        assistant = Assistant.open(options.index)
        problems = check_against(questions, assistant.documents)
        evaluation = evaluate(questions, assistant, Assistant.open(options.index, reader=None))
    except (BadFile, IndexProblem) as error:
        print(error, file=sys.stderr)
        return 2
    report = Report(str(options.questions), evaluation)
    print(report.text())
    if options.predictions:
        write_rows(options.predictions, evaluation.rows)
    if options.report:
        report.write(options.report)
        print(f"\nWritten: {options.report / 'report.md'}, report.json and predictions.jsonl beside it.")
    for id_, quote in inexact_quotes(report.judged, evaluation.documents):
        problems.append(f"{id_}: this quote is not the text of {quote.document} at {quote.start}:{quote.end}.")
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


def compare(arguments: list[str]) -> int:
    """Compare the predictions files of two runs."""
    parser = argparse.ArgumentParser(
        prog="python -m eval compare", description="Compare two runs of a question set, question by question."
    )
    parser.add_argument("a", type=Path, metavar="A", help="predictions of one run")
    parser.add_argument("b", type=Path, metavar="B", help="predictions of the other")
    parser.add_argument("--questions", type=Path, default=DEFAULT_QUESTIONS, help="what was asked (default: the dev questions)")
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
        return 2
    print(f"A: {options.a}\nB: {options.b}\n\n{compare_runs(questions, a, b)}")
    return 0


def reader(arguments: list[str]) -> int:
    """Score the reader alone on a SQuAD 2.0 file."""
    parser = argparse.ArgumentParser(prog="python -m eval reader", description="Score the reader alone on SQuAD 2.0 questions.")
    parser.add_argument("file", type=Path, metavar="FILE", help="SQuAD 2.0, .json or .json.gz")
    parser.add_argument("--predictions", type=Path, metavar="OUT", help="write the answers to OUT, no-answer scores to OUT.na")
    parser.add_argument("--threshold", type=float, default=EVEN_ODDS, help="least score of an answer (default: %(default)s)")
    options = parser.parse_args(arguments)

    from answer.onnx_reader import OnnxReader
    from answer.reader import NoSuchReader
    from eval.jsonl import BadFile
    from eval.reader import read_all, score_reader, write_predictions
    from eval.squad import read_squad

    try:
        questions = read_squad(options.file)
        answers = read_all(OnnxReader(), questions)
    except (BadFile, NoSuchReader) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{options.file}: {len(questions)} questions\n\n{score_reader(answers, options.threshold)}")
    if options.predictions:
        write_predictions(options.predictions, answers, options.threshold)
    return 0


COMMANDS = {"compare": compare, "reader": reader}

if __name__ == "__main__":
    sys.exit(main())
