"""`kill -9` of the real server where most could be lost: no rating that was confirmed, no receipt, no report is."""

import json
import shutil
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
from serving import Served, run_app
from tabs import Tab

from answer.__main__ import main
from chat.inbox import ASIDE
from index.lock import exclusive
from index.store import read_documents

PUBLISHED = "When was the Global Exploration Roadmap 2024 published?"
HARBOUR = b"# Harbour Report 2023\n\n## Members\n\nAt the end of 2023 the Harbour Group counted 31 member ports.\n"
TURNS = 4


def names(index: Path) -> list[str]:
    return sorted(document.name for document in read_documents(index))


def files(corpus: Path) -> tuple[list[str], int]:
    """The reports in the corpus, and the number of inboxes there: each running server has one."""
    found = [path.name for path in corpus.iterdir()]
    return sorted(n for n in found if n[0] != "."), sum(n.startswith(ASIDE) for n in found)


def killed_while_rating(chat: Served, life: str, after: int, with_children: bool = True) -> list[str]:
    """The comments that were confirmed by a server which is killed as soon as `after` of them are."""
    tab = Tab(chat.address)
    for _ in range(TURNS):
        assert "August 2024" in tab.ask(PUBLISHED)
    confirmed: list[str] = []

    def rate() -> None:
        for turn in range(1, TURNS + 1):
            try:
                if tab.rate(turn, "up", f"life {life}, turn {turn}"):
                    confirmed.append(f"life {life}, turn {turn}")
            except (httpx.HTTPError, AssertionError):
                return  # it is dead

    rating = threading.Thread(target=rate)
    rating.start()
    while len(confirmed) < after and rating.is_alive():
        time.sleep(0.001)
    chat.kill(with_children)
    rating.join()
    assert len(confirmed) >= after
    return confirmed


def test_ratings_receipts_and_reports_outlive_the_server(built_index: Path, tmp_path: Path) -> None:
    index, corpus, feedback = tmp_path / "index", tmp_path / "corpus", tmp_path / "feedback.jsonl"
    shutil.copytree(built_index, index)
    before = names(index)
    feedback.write_bytes(b'{"comment": "half a ro')  # as one that was killed in the middle of it leaves it
    options = ["--allow-upload", "--corpus", str(corpus), "--feedback", str(feedback)]

    with run_app(index, *options) as chat:
        tab = Tab(chat.address)
        tab.ask(PUBLISHED)
        (tmp_path / "receipt.md").write_text(tab.receipt(1), "utf-8")
        half = half_sent(chat.address)
        with exclusive(index):  # so that the report is surely under way when the server dies, with its ingest
            adding = begin_upload(chat.address, corpus)
            confirmed = killed_while_rating(chat, "one", 1)
            adding.join()
        half.close()
    assert (files(corpus), names(index)) == ((["harbour.md"], 1), before)

    with run_app(index, *options) as chat:
        assert (files(corpus), names(index)) == (([], 1), before)  # taken out again, as if it had never been added
        adding = begin_upload(chat.address, corpus)
        confirmed += killed_while_rating(chat, "two", 3, with_children=False)  # its ingest may come to its end, or not
        adding.join()
        while is_worked_on(corpus / "harbour.md"):
            time.sleep(0.1)

    with run_app(index, *options) as chat:
        added = "harbour.md" in names(index)
        assert files(corpus) == (["harbour.md"] * added, 1)
        if not added:
            upload(chat.address)
        assert names(index) == ["harbour.md", *before]
        assert "31 member ports" in Tab(chat.address).ask("How many member ports did the Harbour Group count?")

    torn, *lines = feedback.read_text("ascii").splitlines()
    assert torn == '{"comment": "half a ro'
    assert set(confirmed) <= {json.loads(line)["comment"] for line in lines}
    assert main(["verify", str(tmp_path / "receipt.md"), "--index", str(index)]) == 0


def begin_upload(address: str, corpus: Path) -> threading.Thread:
    """A thread that adds the report; its file is in the corpus when this comes back."""
    adding = threading.Thread(target=upload, args=(address,))
    adding.start()
    while not (corpus / "harbour.md").exists():
        assert adding.is_alive()
        time.sleep(0.01)
    return adding


def half_sent(address: str) -> socket.socket:
    """An upload of which the first bytes have come, and no more will."""
    host, _, port = address.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)))
    head = '--x\r\nContent-Disposition: form-data; name="files"; filename="half.md"\r\n\r\n# Half'
    asked = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 100000\r\n"
    connection.sendall(f"{asked}Content-Type: multipart/form-data; boundary=x\r\n\r\n{head}".encode())
    return connection


def upload(address: str) -> None:
    """Add the report as the page does; silent when the server dies meanwhile."""
    with suppress(httpx.HTTPError, AssertionError):
        tab = Tab(address)
        tab.add(tab.upload("harbour.md", HARBOUR).json()[0])


def is_worked_on(file: Path) -> bool:
    """Whether a process runs that was started with `file` among its arguments."""
    found = False
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            found |= str(file).encode() in command.read_bytes()
    return found
