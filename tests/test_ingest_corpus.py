"""Finding and reading files: odd names, links, garbage and holes; one bad file never stops the rest."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.corpus import file_hash, find_files, read_document
from ingest.document import Document, Unreadable

TEXT = "A report of 2024\n\nIt says this.\n"


def put(folder: Path, *names: str, text: str = TEXT) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def found(*paths: Path) -> list[str]:
    files, refused = find_files(paths)
    assert refused == []
    return [file.name for file in files]


def refused(path: Path) -> str:
    with pytest.raises(Unreadable) as caught:
        read_document(path, file_hash(path))
    return str(caught.value)


# Finding


def test_reports_in_a_folder_and_below_in_the_order_of_their_names(tmp_path: Path) -> None:
    put(tmp_path, "b.txt", "a.md", "sub/c.PDF", "sub/deep/d.TXT", "z.csv", "noending", ".hidden.txt", ".git/e.txt")
    put(tmp_path, "README.md", "sub/readme.txt", "readme.pdf")
    assert found(tmp_path) == ["a.md", "b.txt", "readme.pdf", "c.PDF", "d.TXT"]


def test_a_file_that_is_named_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    put(tmp_path, "README.md", "z.csv", ".hidden.txt")
    assert found(tmp_path / "z.csv", tmp_path / "README.md", tmp_path / ".hidden.txt") == [
        "z.csv",
        "README.md",
        ".hidden.txt",
    ]


def test_a_file_found_twice_counts_once(tmp_path: Path) -> None:
    put(tmp_path, "a.txt")
    assert found(tmp_path, tmp_path / "a.txt", tmp_path) == ["a.txt"]


def test_paths_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "in/a.txt")
    monkeypatch.chdir(tmp_path)
    assert find_files([Path("in")])[0] == find_files([Path("in/a.txt")])[0] == [tmp_path / "in" / "a.txt"]


@pytest.mark.parametrize("name", ["nothing", "a" * 300, "no/where/at/all.txt"])
def test_a_path_that_is_not_there_is_refused_and_the_rest_goes_on(tmp_path: Path, name: str) -> None:
    put(tmp_path, "a.txt")
    files, bad = find_files([tmp_path / name, tmp_path])
    assert [file.name for file in files] == ["a.txt"]
    assert [(r.name, r.reason) for r in bad] == [(str(tmp_path / name), "There is no such file or folder.")]


def test_a_name_that_cannot_be_shown_is_shown_without_its_line_break(tmp_path: Path) -> None:
    ((refused_,),) = (find_files([tmp_path / "a\nb"])[1],)
    assert (refused_.name, refused_.reason) == (str(tmp_path / "a\ufffdb"), "There is no such file or folder.")


def test_loops_of_links_end(tmp_path: Path) -> None:
    put(tmp_path, "in/a.txt")
    (tmp_path / "in" / "back").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "self.txt").symlink_to("self.txt")
    files, _ = find_files([tmp_path / "in"])
    assert [file.name for file in files] == ["a.txt", "self.txt"]
    assert refused(tmp_path / "in" / "self.txt") == "It is not a regular file."


def test_a_link_to_a_file_is_a_report_and_a_dangling_one_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/a.txt")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "elsewhere" / "a.txt")
    (tmp_path / "in" / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    assert found(tmp_path / "in") == ["gone.txt", "link.txt"]
    assert read_document(tmp_path / "in" / "link.txt", file_hash(tmp_path / "in" / "link.txt")).name == "link.txt"
    assert refused(tmp_path / "in" / "gone.txt") == "It is not a regular file."


ODD_NAMES = [
    "ä ö.txt",
    "報告.txt",
    "a'b\"c;--.txt",
    "%s{0}$HOME.txt",
    "-rf.txt",
    "🛰.txt",
    "a" * 250 + ".txt",
    "~.txt",
    "*.txt",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_only_names(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    (file,) = find_files([tmp_path])[0]
    assert read_document(file, file_hash(file)).name == name


@pytest.mark.skipif(os.name == "nt", reason="names are characters there")
@pytest.mark.parametrize("place", ["file", "folder", "argument"])
def test_a_name_that_is_not_utf8_is_refused_in_words_that_can_be_printed(tmp_path: Path, place: str) -> None:
    put(tmp_path, "good.txt")
    bad = os.fsencode(tmp_path) + (b"/\xffdir/b.txt" if place == "folder" else b"/b\xff.txt")
    os.makedirs(os.path.dirname(bad), exist_ok=True)
    with open(bad, "w", encoding="utf-8") as file:
        file.write(TEXT)
    paths = [Path(os.fsdecode(bad)), tmp_path / "good.txt"] if place == "argument" else [tmp_path]
    files, refusals = find_files(paths)
    assert [file.name for file in files] == ["good.txt"]
    (refusal,) = refusals
    assert "\ufffd" in refusal.name
    assert refusal.name.encode("utf-8")
    assert refusal.reason == "Its name is not UTF-8; rename it."


# Reading


def test_a_document_knows_its_file(tmp_path: Path) -> None:
    put(tmp_path, "a.txt")
    document = read_document(tmp_path / "a.txt", file_hash(tmp_path / "a.txt"))
    assert document.name == "a.txt"
    assert document.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert (document.title, document.year, document.text) == ("A report of 2024", 2024, TEXT.strip())


@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [
        ("a.txt", b"", "The file is empty."),
        ("a.md", b"\xff\xfe\x00", "The file is not UTF-8 text (byte 0); save it as UTF-8."),
        ("a.txt", b"\x00\x01\x02", "The file holds binary data, not text."),
        ("a.csv", b"a,b", "Files of the kind '.csv' are not read; give one of .md, .pdf, .txt."),
        ("a", b"text", "Files without an ending are not read; give one of .md, .pdf, .txt."),
        ("a.md", b"# Only\n\n## Headings\n", "The file holds headings only, no text."),
    ],
)
def test_what_cannot_be_a_report_and_why(tmp_path: Path, name: str, raw: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(raw)
    assert refused(tmp_path / name) == reason


def test_a_folder_a_pipe_and_nothing_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    for name in ("folder.txt", "pipe.txt"):
        assert refused(tmp_path / name) == "It is not a regular file."
    assert refused(tmp_path / "nothing.txt") == "The file is gone."


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.txt")
    before = file_hash(tmp_path / "a.txt")
    put(tmp_path, "a.txt", text="Another text.")
    with pytest.raises(Unreadable, match=r"^The file changed while it was read; run the command again\.$"):
        read_document(tmp_path / "a.txt", before)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([".txt", ".md"]))
def test_any_file_becomes_a_document_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, ending: str
) -> None:
    file = tmp_path_factory.getbasetemp() / f"any{ending}"
    file.write_bytes(raw)
    try:
        document = read_document(file, file_hash(file))
    except Unreadable:
        return
    assert isinstance(document, Document)
    assert document.title
