"""`python app.py`, the chat in the browser: opens the index and serves the page of chat/; answer/ gives the answers.

The same answers go to other programs: over HTTP beside the page (chat/api.py) and, with --mcp, over standard input and output.
"""

import argparse
import ctypes
import logging
import os
import socket
import sys
import threading
from getpass import getpass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from chat import words

if TYPE_CHECKING:
    from answer.pipeline import Assistant
    from chat.feedback import FeedbackFile
    from chat.logins import Logins
    from chat.turns import Desk

DONE, NOTHING_DONE = 0, 2
M_MMAP_THRESHOLD, LARGE = -3, 256 * 1024  # of glibc's malloc.h; bytes
RATE = 60  # questions a minute and client, where others than this machine are served


def main(argv: list[str] | None = None) -> int:
    """Serve the chat until Ctrl-C. Returns 0, or 2 where the index cannot be used or the port cannot be had."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    if arguments.add_login is not None and arguments.auth_file is None:
        parser.error(words.LOGIN_NEEDS_FILE)
    if arguments.read_only and arguments.allow_upload:
        parser.error(words.READ_ONLY_UPLOAD)
    try:
        if arguments.add_login is not None:
            return _add_login(arguments.auth_file, arguments.add_login)
        return _mcp(arguments) if arguments.mcp else _chat(arguments)
    except KeyboardInterrupt:  # while it loads its models
        print(f"\n{words.STOPPED}", file=sys.stderr if arguments.mcp else sys.stdout)
        return DONE


def _chat(arguments: argparse.Namespace) -> int:
    from chat.logins import BadLogins, Logins, read

    if arguments.allow_upload and _is_open(arguments):
        return _fail(words.UPLOAD_OPEN.format(host=arguments.host))
    reason = _why_not(arguments.host, arguments.port)
    if reason:
        return _fail(words.NO_PORT.format(host=arguments.host, port=arguments.port, reason=reason))
    try:
        logins = Logins(read(arguments.auth_file)) if arguments.auth_file else None
    except BadLogins as problem:
        return _fail(str(problem))
    _return_large_blocks()
    assistant = _open(arguments)
    return NOTHING_DONE if assistant is None else _serve(assistant, arguments, logins)


def _return_large_blocks() -> None:
    """Give memory of LARGE bytes and more back to the system when it is freed, so that the memory in use stays level.

    Else glibc raises that bound to what was freed last, and the blocks of the models tear its heap into ever more gaps.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:  # other C libraries have no such setting, or no need of it
        mallopt(M_MMAP_THRESHOLD, LARGE)


def _mcp(arguments: argparse.Namespace) -> int:
    if find_spec("mcp") is None:
        return _fail(words.NO_MCP)
    from chat.mcp import serve
    from index.store import IndexProblem, read_manifest

    try:
        read_manifest(arguments.index)
    except IndexProblem as problem:
        return _fail(str(problem))

    def open_desk() -> "Desk":
        from answer.pipeline import Assistant
        from chat.turns import Desk

        return Desk(Assistant.open(arguments.index, arguments.model, arguments.reader))

    serve(open_desk)
    return DONE


def _open(arguments: argparse.Namespace) -> "Assistant | None":
    """The assistant; None, and the reason on standard error, where it cannot be had."""
    from answer.pipeline import Assistant  # after the cheap checks, because it brings torch and FAISS with it
    from answer.reader import NoSuchReader
    from index.embed import NoSuchModel
    from index.store import IndexProblem

    try:
        return Assistant.open(arguments.index, arguments.model, arguments.reader)
    except (IndexProblem, NoSuchModel, NoSuchReader) as problem:
        print(problem, file=sys.stderr)
        return None


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
    parser.add_argument("--auth-file", type=Path, metavar="FILE", help=words.HELP_AUTH)
    parser.add_argument("--add-login", metavar="NAME", help=words.HELP_ADD_LOGIN)
    parser.add_argument("--rate", type=_rate, metavar="N", help=words.HELP_RATE)
    parser.add_argument("--read-only", action="store_true", help=words.HELP_READ_ONLY)
    parser.add_argument("--mcp", action="store_true", help=words.HELP_MCP)
    parser.add_argument("--model", default="all-MiniLM-L6-v2", help=words.HELP_MODEL)
    parser.add_argument("--reader", default="carried", help=words.HELP_READER)
    return parser


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise argparse.ArgumentTypeError(words.NOT_A_PORT.format(value=value))
    return int(value)


def _is_open(arguments: argparse.Namespace) -> bool:
    """Whether others than this machine's users could come in without a password."""
    from chat.guard import is_loopback

    return arguments.auth_file is None and not is_loopback(arguments.host)


def _rate(value: str) -> int:
    if not (value.isascii() and value.isdecimal()):
        raise argparse.ArgumentTypeError(words.NOT_A_RATE.format(value=value))
    return int(value)


def _add_login(path: Path, name: str) -> int:
    from chat.logins import BadLogins, add

    if sys.stdin.isatty():
        password = getpass(words.PASSWORD.format(name=name))
        if getpass(words.PASSWORD_AGAIN) != password:
            return _fail(words.PASSWORDS_DIFFER)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    try:
        add(path, name, password)
    except BadLogins as problem:
        return _fail(str(problem))
    except OSError as error:
        return _fail(words.LOGIN_NOT_WRITTEN.format(path=path, reason=error.strerror))
    print(words.LOGIN_ADDED.format(name=name, path=path))
    return DONE


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


def _serve(assistant: "Assistant", arguments: argparse.Namespace, logins: "Logins | None") -> int:
    from chat.api import Api
    from chat.guard import is_loopback
    from chat.limits import Limits
    from chat.page import build_page, launch
    from chat.report_files import report_routes
    from chat.turns import Desk
    from chat.upload import MAX_BYTES, Uploads

    host, port, local = arguments.host, arguments.port, is_loopback(arguments.host)
    feedback = None if arguments.read_only else _feedback_file(arguments)
    rate = arguments.rate if arguments.rate is not None else 0 if local else RATE
    try:
        uploads = Uploads(arguments.corpus, arguments.index, arguments.model) if arguments.allow_upload else None
    except OSError as error:
        return _fail(words.NO_UPLOAD.format(path=arguments.corpus, reason=error.strerror or error))
    desk = Desk(assistant, ratable=feedback is not None, limits=Limits(rate))
    page = build_page(desk, feedback, uploads)
    try:
        routes = [*Api(desk).routes, *report_routes(desk.pages)]
        address = launch(page, host, port, routes, MAX_BYTES if uploads else 0, logins)
        if _is_open(arguments):
            print(words.OPEN_TO_ALL.format(port=port), file=sys.stderr)
        print(words.ADDRESS.format(address=address), flush=True)
        threading.Event().wait()  # until Ctrl-C
    except KeyboardInterrupt:
        print(f"\n{words.STOPPED}")
    except OSError as error:  # another program took the port in the meantime
        return _fail(words.NO_PORT.format(host=host, port=port, reason=error.strerror or error))
    finally:
        page.close(verbose=False)
        if uploads:
            uploads.inbox.close()
    return DONE


if __name__ == "__main__":
    sys.exit(main())
