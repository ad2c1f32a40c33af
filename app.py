"""`python app.py`, the chat in the browser: opens the index and serves the page of chat/; answer/ gives the answers."""

import argparse
import logging
import os
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from chat import words

if TYPE_CHECKING:
    from answer.pipeline import Assistant
    from chat.feedback import FeedbackFile

DONE, NOTHING_DONE = 0, 2


def main(argv: list[str] | None = None) -> int:
    """Serve the chat until Ctrl-C. Returns 0, or 2 where the index cannot be used or the port cannot be had."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    if arguments.allow_upload and _is_open(arguments):
        return _fail(words.UPLOAD_OPEN.format(host=arguments.host))
    reason = _why_not(arguments.host, arguments.port)
    if reason:
        return _fail(words.NO_PORT.format(host=arguments.host, port=arguments.port, reason=reason))

    from answer.pipeline import Assistant  # after the cheap checks, because it brings torch and FAISS with it
    from answer.reader import NoSuchReader
    from index.embed import NoSuchModel
    from index.store import IndexProblem

    try:
        assistant = Assistant.open(arguments.index, arguments.model, arguments.reader)
    except (IndexProblem, NoSuchModel, NoSuchReader) as problem:
        return _fail(str(problem))
    return _serve(assistant, arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python app.py", description=words.HELP)
    index = Path(os.environ.get("ISECG_INDEX") or ".index")
    parser.add_argument("--index", type=Path, default=index, metavar="DIR", help=words.HELP_INDEX)
    parser.add_argument("--host", default="127.0.0.1", help=words.HELP_HOST)
    parser.add_argument("--port", type=_port, default=7860, help=words.HELP_PORT)
    parser.add_argument("--allow-upload", action="store_true", help=words.HELP_UPLOAD)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), metavar="DIR", help=words.HELP_CORPUS)
    feedback = os.environ.get("ISECG_FEEDBACK")
    parser.add_argument("--feedback", type=Path, default=feedback, metavar="FILE", help=words.HELP_FEEDBACK)
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help=words.HELP_MODEL)
    parser.add_argument("--reader", default="carried", help=words.HELP_READER)
    return parser


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise argparse.ArgumentTypeError(words.NOT_A_PORT.format(value=value))
    return int(value)


def _is_open(arguments: argparse.Namespace) -> bool:
    """Whether others than this machine's users could come in without a password."""
    from chat.guard import LOOPBACK

    return arguments.host not in LOOPBACK


def _why_not(host: str, port: int) -> str | None:
    """Why no server can listen on `host` and `port`; None if one can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return NOTHING_DONE


def _feedback_file(arguments: argparse.Namespace) -> "FeedbackFile | None":
    from chat.feedback import FeedbackFile

    path: Path = arguments.feedback or arguments.index.absolute().parent / "feedback.jsonl"
    try:
        return FeedbackFile(path)
    except OSError as error:
        print(words.NO_FEEDBACK.format(path=path, reason=error.strerror), file=sys.stderr)
        return None


def _serve(assistant: "Assistant", arguments: argparse.Namespace) -> int:
    from chat.guard import EVERY_ADDRESS
    from chat.page import build_page, launch
    from chat.report_files import report_routes
    from chat.turns import Desk
    from chat.upload import MAX_BYTES, Uploads

    host, port = arguments.host, arguments.port
    feedback = _feedback_file(arguments)
    uploads = Uploads(arguments.corpus, arguments.index, arguments.model) if arguments.allow_upload else None
    desk = Desk(assistant, ratable=feedback is not None)
    page = build_page(desk, feedback, uploads)
    try:
        address = launch(page, host, port, report_routes(desk.pages), MAX_BYTES if uploads else 0)
        print(words.ADDRESS.format(address=address), flush=True)
        if host in EVERY_ADDRESS:
            print(words.OPEN_TO_ALL.format(port=port), file=sys.stderr)
        threading.Event().wait()  # until Ctrl-C
    except KeyboardInterrupt:
        print(f"\n{words.STOPPED}")
    except OSError as error:  # another program took the port in the meantime
        return _fail(words.NO_PORT.format(host=host, port=port, reason=error.strerror or error))
    finally:
        page.close(verbose=False)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
