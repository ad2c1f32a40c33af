"""The chat's command: what it says when it cannot start, where it is, and how it stops."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from subprocess import PIPE

import pytest
from conftest import ROOT

import app
from answer.pipeline import Assistant
from chat.page import build_page, launch
from chat.turns import Desk


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_help_is_given_without_loading_torch_or_gradio() -> None:
    code = "import app\ntry:\n app.main(['--help'])\nexcept SystemExit as end:\n import sys\n"
    code += " print(end.code, {'torch', 'faiss', 'gradio'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 set()"
    assert "--index DIR" in done.stdout


def test_a_port_in_use_is_one_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert app.main(["--port", str(port)]) == 2
    assert capsys.readouterr().err == (
        f"The chat cannot listen on 127.0.0.1, port {port}: Address already in use."
        " Name another with --host or --port.\n"
    )


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "²"])
def test_what_is_not_a_port_is_wrong_usage(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        app.main([f"--port={port}"])
    assert end.value.code == 2
    assert f"{port!r} is not a port" in capsys.readouterr().err


def test_a_missing_index_gives_the_command_that_makes_it(
    tmp_path: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["--index", str(tmp_path / "none"), "--port", str(free_port)]) == 2
    assert capsys.readouterr().err.endswith(f"make it with: python -m ingest --index {tmp_path / 'none'}\n")


def test_a_damaged_index_gives_the_command_that_mends_it(
    tmp_path: Path, built_index: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "index"
    shutil.copytree(built_index, folder)
    (vectors,) = folder.glob("build-*/passages.faiss")
    vectors.write_bytes(vectors.read_bytes()[:-1] + b"\x7f")
    assert app.main(["--index", str(folder), "--port", str(free_port)]) == 2
    error = capsys.readouterr().err
    assert "damaged (passages.faiss was altered)" in error
    assert "python -m ingest --rebuild" in error


def test_the_chat_says_where_it_is_and_ctrl_c_stops_it(built_index: Path, free_port: int) -> None:
    command = [sys.executable, "app.py", "--index", str(built_index), "--port", str(free_port)]
    proxied = os.environ | {"HTTP_PROXY": "http://127.0.0.1:9"}  # a proxy for the world is not asked for this machine
    with subprocess.Popen(command, cwd=ROOT, env=proxied, stdout=PIPE, stderr=PIPE, text=True) as chat:
        assert chat.stdout is not None
        address = f"http://127.0.0.1:{free_port}"
        assert chat.stdout.readline() == f"The chat is at {address} (stop it with Ctrl-C).\n"
        with urllib.request.urlopen(address) as page:
            assert page.status == 200
        chat.send_signal(signal.SIGINT)
        try:
            out, err = chat.communicate(timeout=60)
        finally:
            chat.kill()  # one that does not stop must not keep the tests waiting
    assert (chat.returncode, out.strip(), err) == (0, "The chat has stopped.", "")


def test_the_page_is_served_on_an_ipv6_address(built_index: Path) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
            port = server.getsockname()[1]
    except OSError:
        pytest.skip("this machine has no IPv6")
    page = build_page(Desk(Assistant.open(built_index)))
    address = launch(page, "::1", port)
    with urllib.request.urlopen(address) as response:
        assert (address, response.status) == (f"http://[::1]:{port}", 200)
    page.close(verbose=False)


@pytest.mark.skipif(not Path("/lib64/ld-linux-x86-64.so.2").exists(), reason="only glibc on Linux is set so")
def test_large_blocks_go_back_to_the_system_whatever_was_freed_before() -> None:
    """In a process of its own: the setting is the process's. Without it, the last block lies in the heap: False."""
    code = (
        "import sys, ctypes, app\n"
        "libc = ctypes.CDLL(None)\n"
        "libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]\n"
        "class Heap(ctypes.Structure):\n"
        "    _fields_ = [(name, ctypes.c_size_t) for name in 'arena ordblks smblks hblks hblkhd a b c d e'.split()]\n"
        "libc.mallinfo2.restype = Heap\n"
        "if sys.argv[1] == 'set': app._return_large_blocks()\n"
        "libc.free(libc.malloc(16 * 2**20))\n"
        "before = libc.mallinfo2().hblkhd\n"
        "libc.malloc(2 * 2**20)\n"
        "print(libc.mallinfo2().hblkhd - before >= 2 * 2**20)\n"
    )
    said = [
        subprocess.run([sys.executable, "-c", code, way], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for way in ("set", "left")
    ]
    assert said == ["True\n", "False\n"]


def test_gradio_keeps_few_statistics_of_events(built_index: Path) -> None:
    queue = build_page(Desk(Assistant.open(built_index)))._queue
    assert (queue.ANALYTICS_MAX_EVENTS, queue.ANAYLTICS_CACHE_FREQUENCY) == (100, 10**9)
