"""Runs the chat as a user does, `python app.py` in a process of its own, and Chromium, for the tests of what survives it."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

from conftest import ROOT
from playwright.sync_api import Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@dataclass(frozen=True)
class Served:
    """A running chat and where it is."""

    address: str
    process: subprocess.Popen[str]


@contextmanager
def serve(index: Path, *options: str) -> Iterator[Served]:
    """`python app.py --index INDEX OPTIONS` on a free port, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = [sys.executable, "app.py", "--index", str(index), "--port", str(port), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            assert str(port) in said, process.stderr and process.stderr.read()
            yield Served(f"http://127.0.0.1:{port}", process)
        finally:
            process.kill()


@contextmanager
def browse(width: int = 1280, height: int = 800) -> Iterator[Page]:
    """An empty tab of Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
        context.set_default_timeout(30_000)
        yield context.new_page()
        chromium.close()
