"""Odd and hostile files in one folder with good ones: each is one clear line, and the rest goes on."""

import os
import threading
import zlib
from pathlib import Path

import pytest
from conftest import HashEncoder
from pdfs import lines, write_pages
from pypdf import PdfWriter

from index.build import update
from index.store import read_documents
from ingest.__main__ import main
from ingest.corpus import Reading, file_hash, read_document
from ingest.document import Unreadable
from ingest.sandbox import Limits

SENTENCE = "The board met three times in the year."
EMPTY = "The file is empty."
NO_FILE = "It is not a regular file."


def write_text(path: Path, text: str = f"Minutes\n\n{SENTENCE}\n") -> None:
    path.write_text(text, "utf-8")


def write_locked(path: Path, password: str) -> None:
    write_pages(path, lines(SENTENCE))
    writer = PdfWriter(clone_from=path)
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    writer.write(path)


def write_without_pages(path: Path) -> None:
    PdfWriter().write(path)


def write_bomb(path: Path) -> None:
    """A page whose content is 700 MB of text operators, in two megabytes."""
    compressor = zlib.compressobj(9)
    block = b"BT /F1 9 Tf 10 10 Td (bomb) Tj ET " * 32768
    packed = b"".join(compressor.compress(block) for _ in range(600)) + compressor.flush()
    write_pages(path, lines("x"))
    plain = path.read_bytes()
    begin, end = plain.index(b"stream\n") + 7, plain.index(b"\nendstream")
    length = b"/Length %d" % (end - begin)
    assert length in plain
    path.write_bytes(plain[:begin].replace(length, b"/Length %d" % len(packed)) + packed + plain[end:])


def refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read_document(path, file_hash(path), reading=Reading(limits or Limits()))
    assert "\n" not in str(caught.value)
    return str(caught.value)


# One defect each


def test_a_file_locked_with_an_empty_password_is_read(tmp_path: Path) -> None:
    write_locked(tmp_path / "a.pdf", "")
    assert read_document(tmp_path / "a.pdf", file_hash(tmp_path / "a.pdf")).text == SENTENCE


def test_a_file_locked_with_a_password_says_so(tmp_path: Path) -> None:
    write_locked(tmp_path / "a.pdf", "secret")
    assert refusal(tmp_path / "a.pdf") == "The file is locked with a password; save a copy without one."


def test_a_pdf_without_pages_says_so(tmp_path: Path) -> None:
    write_without_pages(tmp_path / "a.pdf")
    assert refusal(tmp_path / "a.pdf") in {
        "The document has no pages.",
        "The file is damaged: it cannot be opened as a PDF.",  # as pdfium sees one whose page tree is empty
    }


def test_a_pdf_called_txt_and_a_text_called_pdf_say_what_they_are(tmp_path: Path) -> None:
    write_pages(tmp_path / "really.txt", lines(SENTENCE))
    write_text(tmp_path / "text.pdf")
    assert refusal(tmp_path / "really.txt") == "The file is a PDF, whatever its name says; give it the ending .pdf."
    assert refusal(tmp_path / "text.pdf") == "The file is not a PDF, whatever its name says."


def test_a_bomb_ends_within_its_limits(tmp_path: Path) -> None:
    write_bomb(tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").stat().st_size < 10_000_000
    reason = refusal(tmp_path / "a.pdf", Limits(seconds=20, memory=0.5))
    assert reason.split("; ")[-1] in {"--max-memory N allows more.", "--max-seconds N allows more."}


def test_a_quarter_gigabyte_of_nothing_and_a_line_of_fifty_megabytes_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "zeros.txt").open("wb") as file:
        file.truncate(1 << 28)
    (tmp_path / "line.txt").write_bytes(b"word " * 10_000_000)
    assert refusal(tmp_path / "zeros.txt") == "The file holds binary data, not text."
    assert refusal(tmp_path / "line.txt") == (
        "It holds more than the 10,000,000 characters that are read; --max-characters N reads more."
    )


def test_text_that_takes_too_long_is_stopped_too(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "A Block\n\n" * 500_000)
    assert refusal(tmp_path / "a.txt", Limits(seconds=1)).startswith("Reading it took longer than 1 seconds;")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    write_text(tmp_path / "good.txt")
    growing, done = tmp_path / "growing.txt", threading.Event()
    write_text(growing, "The log begins here.\n")

    def grow() -> None:
        while not done.wait(0.002):
            with growing.open("a") as file:
                file.write("And it goes on.\n")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        report = update(tmp_path / "index", [tmp_path], HashEncoder())
    finally:
        done.set()
        writer.join()
    assert [r.reason for r in report.refused] == ["The file changed while it was read; run the command again."]
    assert report.added == ["good.txt"]


def test_names_that_would_pass_for_lines_or_turn_them_are_refused_in_one_line_and_odd_ones_read(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    names = ["a\nrefused b.txt", "\u202etxt.live.txt", "\x1b[31mred.txt", "🛰.txt", "a" * 250 + ".txt"]
    for number, name in enumerate(names):
        write_text(reports / name, f"Minutes {number}\n\n{SENTENCE}\n")
    report = update(tmp_path / "index", [reports], HashEncoder())
    assert sorted(report.added) == sorted(["🛰.txt", "a" * 250 + ".txt"])
    assert [r.reason for r in report.refused] == ["Its name holds characters that cannot be shown; rename it."] * 3
    assert all(r.name.isprintable() for r in report.refused)


# All at once


def test_one_line_each_and_the_rest_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    write_text(folder / "good.txt")
    write_pages(folder / "good.pdf", lines(SENTENCE))
    write_locked(folder / "open.pdf", "")
    write_locked(folder / "locked.pdf", "secret")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + os.urandom(4000))
    (folder / "zip.pdf").write_bytes(b"PK\x03\x04" + bytes(2000))
    (folder / "empty.pdf").touch()
    (folder / "binary.txt").write_bytes(b"ab\0cd")
    (folder / "loop.txt").symlink_to("loop.txt")
    (folder / "around").symlink_to(folder)
    (folder / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    os.mkfifo(folder / "pipe.txt")
    assert main(["--index", str(tmp_path / "index"), str(folder)]) == 1
    done = capsys.readouterr()
    assert dict(line.removeprefix(f"refused {folder}/").split(": ", 1) for line in done.err.splitlines()) == {
        "locked.pdf": "The file is locked with a password; save a copy without one.",
        "broken.pdf": "The file is damaged: it cannot be opened as a PDF.",
        "zip.pdf": "The file is not a PDF, whatever its name says.",
        "empty.pdf": EMPTY,
        "binary.txt": "The file holds binary data, not text.",
        "loop.txt": NO_FILE,
        "gone.txt": NO_FILE,
        "pipe.txt": NO_FILE,
    }
    assert [d.name for d in read_documents(tmp_path / "index")] == ["good.pdf", "good.txt", "open.pdf"]
