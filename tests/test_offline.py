"""Nothing leaves the machine: reading, embedding and answering try no connection and no look-up outside loopback."""

import os
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

GUARD = """
import ipaddress, os, sys

def watch(event, arguments):
    if event == "socket.connect" or event == "socket.sendto":
        host = arguments[1][0] if isinstance(arguments[1], tuple) else "127.0.0.1"  # a path is a Unix socket
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0] or "127.0.0.1"
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host)
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        with open(os.environ["OUTSIDE"], "a") as file:
            file.write(f"{event} {host}\\n")
        raise PermissionError(f"{event} {host}")

sys.addaudithook(watch)
"""
RUN = """
import sys
from pathlib import Path
from answer.__main__ import main as answer
from ingest.__main__ import main as ingest
folder, reports, *questions = sys.argv[1:]
codes = [ingest(["--index", folder, reports])]
codes += [answer(["--index", folder, question]) for question in questions]
codes.append(ingest(["--index", folder, "--model", "nobody/no-such-model", reports]))
print(codes)
"""


def run(folder: Path, code: str, *arguments: str) -> tuple[str, list[str]]:
    """Run `code` under the guard, which its child processes inherit: its output, and each attempt to get outside."""
    (folder / "sitecustomize.py").write_text(GUARD)
    (folder / "outside").touch()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))},
            "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
            "OUTSIDE": str(folder / "outside"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, (folder / "outside").read_text().splitlines()


def test_the_guard_sees_what_goes_outside_and_only_that(tmp_path: Path) -> None:
    code = """
import socket, subprocess, sys
for attempt in (
    lambda: socket.create_connection(("192.0.2.1", 80), 0.1),
    lambda: socket.getaddrinfo("example.org", 443),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.2", 53)),
    lambda: socket.create_connection(("127.0.0.1", 9), 0.1),
    lambda: socket.getaddrinfo("localhost", 80),
):
    try:
        attempt()
    except OSError:
        pass
if len(sys.argv) < 2:
    subprocess.run([sys.executable, "-c", "import socket; socket.gethostbyname('child.example')"], stderr=-3)
"""
    assert run(tmp_path, code)[1] == [
        "socket.getaddrinfo 192.0.2.1",
        "socket.getaddrinfo example.org",
        "socket.sendto 192.0.2.2",
        "socket.gethostbyname child.example",
    ]


def test_reading_embedding_and_answering_stay_on_this_machine(tmp_path: Path) -> None:
    output, outside = run(
        tmp_path,
        RUN,
        str(tmp_path / "index"),
        str(ROOT / "corpus"),
        "When was the GER 2024 published?",
        "What is the best recipe for pancakes?",
    )
    assert outside == []
    assert output.splitlines()[-1] == "[0, 0, 0, 2]"
