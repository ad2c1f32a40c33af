"""The chat in the browser: `python app.py`. It opens the index and serves the page of chat/; the answers come from answer/."""

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

DEFAULT_INDEX = Path(os.environ.get("ISECG_INDEX", ".index"))


def main(argv: list[str] | None = None) -> int:
    """Serve the chat until Ctrl-C. Returns 0, or 2 where the index cannot be used or the port cannot be had."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        socket.create_server((arguments.host, arguments.port), family=_family(arguments.host)).close()
    except OSError as error:
        return _fail(words.NO_PORT.format(host=arguments.host, port=arguments.port, reason=error.strerror))

    from answer.pipeline import Assistant  # after the cheap checks: it brings torch and FAISS with it
    from index.store import IndexProblem

    try:
        assistant = Assistant.open(arguments.index)
    except IndexProblem as problem:
        return _fail(str(problem))
    return _serve(assistant, arguments.host, arguments.port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python app.py", description=words.HELP)
    parser.add_argument("--index", type=Path, default=DEFAULT_INDEX, metavar="DIR", help=words.HELP_INDEX)
    parser.add_argument("--host", default="127.0.0.1", help=words.HELP_HOST)
    parser.add_argument("--port", type=_port, default=7860, help=words.HELP_PORT)
    return parser


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise argparse.ArgumentTypeError(words.NOT_A_PORT.format(value=value))
    return int(value)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


def _serve(assistant: "Assistant", host: str, port: int) -> int:
    from chat.guard import EVERY_ADDRESS
    from chat.page import build_page, launch
    from chat.turns import Desk

    page = build_page(Desk(assistant))
    try:
        launch(page, host, port)
        print(words.ADDRESS.format(host=host, port=port), flush=True)
        if host in EVERY_ADDRESS:
            print(words.OPEN_TO_ALL.format(port=port), file=sys.stderr)
        threading.Event().wait()  # until Ctrl-C
    except KeyboardInterrupt:
        print(f"\n{words.STOPPED}")
    except OSError as error:  # another program took the port in the meantime
        return _fail(words.NO_PORT.format(host=host, port=port, reason=error.strerror or error))
    finally:
        page.close(verbose=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
