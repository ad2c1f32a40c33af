"""Serves the chat: in this process over a desk that the test makes, or as a user does, `python app.py` in one of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

from conftest import ROOT

from chat.api import Api
from chat.feedback import FeedbackFile
from chat.page import build_page, launch
from chat.report_files import report_routes
from chat.turns import Desk
from chat.upload import MAX_BYTES, Uploads


@dataclass(frozen=True)
class Served:
    """A running `python app.py` and where it is."""

    address: str
    process: subprocess.Popen[str]

    def kill(self, with_children: bool = False) -> None:
        """`kill -9`, and wait until it is gone; what it has started goes on, unless `with_children`."""
        if with_children:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serve(desk: Desk, feedback: FeedbackFile | None = None, uploads: Uploads | None = None) -> Iterator[str]:
    """The address of a chat over `desk`, served by this process until the block ends."""
    page = build_page(desk, feedback, uploads)
    try:
        routes = [*Api(desk).routes, *report_routes(desk.pages)]
        yield launch(page, "127.0.0.1", free_port(), routes, MAX_BYTES if uploads else 0)
    finally:
        page.close(verbose=False)


@contextmanager
def run_app(index: Path, *options: str) -> Iterator[Served]:
    """`python app.py --index INDEX OPTIONS` on a free port, until the block ends."""
    port = free_port()
    command = [sys.executable, "app.py", "--index", str(index), "--port", str(port), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            assert str(port) in said, process.stderr and process.stderr.read()
            yield Served(f"http://127.0.0.1:{port}", process)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
