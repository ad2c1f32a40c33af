"""What lies on disk: it comes back as it was written, every alteration is found, and the message says what mends it."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, HashEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import as_document, reports

from index.database import Contents, Stored, connect, read_passages, read_stored
from index.store import (
    FILES,
    FORMAT,
    IndexProblem,
    Manifest,
    current_build,
    locked,
    open_build,
    read_build,
    read_documents,
    read_manifest,
    read_vectors,
    write,
)
from ingest.document import Document, Page, Section
from ingest.passages import Passage, split_passages
from ingest.sentences import Unit, split_units

PAGED = Document(
    name="paged.pdf",
    sha256="ab" * 32,
    title="Report – «ü» 'quoted' \"twice\"",
    year=2023,
    text="Moon\n\nThe Moon is far. It is grey.\n\nMars is red.",
    pages=(Page(1, "iv", 0, 23), Page(2, "1", 23, 49, recognised=True)),
    sections=(Section(("Moon",), 0, 6, 49, "iv–1"),),
)
PLAIN = Document("plain.txt", "cd" * 32, "Plain", None, "Only this.", (), (Section(("Plain",), 0, 0, 10),))


def contents_of(*documents: Document) -> Contents:
    passages = [passage for document in documents for passage in split_passages(document)]
    texts = {document.name: document.text for document in documents}
    units = [tuple(split_units(texts[p.document], p.start, p.end)) for p in passages]
    encoder = HashEncoder()
    return Contents(
        stored=tuple(Stored(document, f"/reports/{document.name}") for document in documents),
        passages=tuple(passages),
        passage_units=tuple(units),
        passage_vectors=encoder.encode([p.searched for p in passages]),
        unit_vectors=encoder.encode(
            [texts[p.document][u.start : u.end] for p, us in zip(passages, units, strict=True) for u in us]
        ),
    )


def put(folder: Path, *documents: Document) -> Manifest:
    with locked(folder):
        return write(folder, contents_of(*documents), "hash", "hash-64")


def build_in(folder: Path) -> Path:
    build = current_build(folder)
    assert build is not None
    return build


def problem(folder: Path) -> str:
    with pytest.raises(IndexProblem) as caught:
        read_documents(folder)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "index", PAGED, PLAIN)
    return tmp_path / "index"


# Round trips


def test_everything_comes_back_as_it_was_written(folder: Path) -> None:
    written = contents_of(PAGED, PLAIN)
    build, manifest = open_build(folder)
    database = connect(build)
    stored = read_stored(database)
    assert stored == written.stored
    assert read_passages(database, stored) == (written.passages, written.passage_units)
    database.close()
    assert np.array_equal(read_vectors(build, "passages.faiss"), written.passage_vectors)
    assert np.array_equal(read_vectors(build, "units.faiss"), written.unit_vectors)
    assert manifest == read_manifest(folder)
    assert (manifest.model, manifest.model_fingerprint) == ("hash", "hash-64")
    assert manifest.documents == {"paged.pdf": "ab" * 32, "plain.txt": "cd" * 32}
    assert manifest.files.keys() == set(FILES)
    assert read_documents(folder) == (PAGED, PLAIN)


@settings(max_examples=25, deadline=None)
@given(
    source=reports,
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    year=st.none() | st.integers(0, 9999),
)
def test_any_document_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, source: str, name: str, year: int | None
) -> None:
    made = as_document(source)
    document = Document(name, made.sha256, made.title, year, made.text, (), made.sections)
    folder = tmp_path_factory.mktemp("any")
    if split_passages(document):
        put(folder, document)
        assert read_documents(folder) == (document,)
    shutil.rmtree(folder)


def test_the_same_contents_have_the_same_fingerprint_wherever_they_lie(tmp_path: Path) -> None:
    one, two = put(tmp_path / "one", PAGED, PLAIN), put(tmp_path / "two", PAGED, PLAIN)
    assert one.fingerprint == two.fingerprint
    assert put(tmp_path / "three", PAGED).fingerprint != one.fingerprint


@pytest.mark.parametrize("name", ["with space", "100%", "a?b=c#d", "ünï", "%2e", "'quoted' \"twice\"", ";x", "file:x"])
def test_the_folder_may_be_called_anything(tmp_path: Path, name: str) -> None:
    put(tmp_path / name, PLAIN)
    assert read_documents(tmp_path / name) == (PLAIN,)


def test_a_relative_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    put(Path("rel"), PLAIN)
    assert read_documents(Path("rel")) == (PLAIN,)


def test_a_new_build_replaces_the_old_one_and_leaves_nothing_behind(folder: Path) -> None:
    before = build_in(folder)
    put(folder, PLAIN)
    assert read_documents(folder) == (PLAIN,)
    assert build_in(folder) != before
    assert sorted(path.name for path in folder.iterdir()) == ["CURRENT", build_in(folder).name, "lock"]


def test_a_build_of_the_same_contents_replaces_a_damaged_one(folder: Path) -> None:
    (build_in(folder) / "units.faiss").write_bytes(b"damaged")
    assert "units.faiss was altered" in problem(folder)
    put(folder, PAGED, PLAIN)
    assert read_documents(folder) == (PAGED, PLAIN)


def test_the_database_cannot_be_written_through(folder: Path) -> None:
    database = connect(build_in(folder))
    with pytest.raises(Exception, match="readonly"):
        database.execute("DELETE FROM documents")
    database.close()


# Damage


def ends_with_the_remedy(message: str, folder: Path) -> bool:
    return message.endswith(f"; rebuild it: python -m ingest --rebuild --index {folder}") and "\n" not in message


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_anywhere_is_found(folder: Path, name: str) -> None:
    file = build_in(folder) / name
    good = file.read_bytes()
    for at in [0, len(good) - 1, *random.Random(name).sample(range(len(good)), 20)]:
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        message = problem(folder)
        assert message.startswith(f"The index in {folder} is damaged ({name} was altered)")
        assert ends_with_the_remedy(message, folder)
    file.write_bytes(good)
    assert read_documents(folder) == (PAGED, PLAIN)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_a_truncated_file_is_found(folder: Path, name: str, left: int) -> None:
    file = build_in(folder) / name
    file.write_bytes(file.read_bytes()[:left])
    assert f"({name} was altered)" in problem(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (build_in(folder) / name).unlink()
    assert problem(folder).startswith(f"The index in {folder} is damaged ({name}: No such file or directory)")


def test_an_altered_manifest_is_found_whatever_was_altered(folder: Path) -> None:
    good = read_manifest(folder)
    file = build_in(folder) / "manifest.json"
    raw = file.read_bytes()
    for at in range(0, len(raw), 3):
        altered = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        file.write_bytes(altered)
        if b"\x0b" not in altered and altered.split() == raw.split():  # only white space, as JSON has it
            assert read_manifest(folder) == good
        else:
            assert ends_with_the_remedy(problem(folder), folder)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"1",
        b"\xff\xfe",
        b'{"format": %d}' % FORMAT,
        b'{"format": %d, "model": 1, "model_fingerprint": 1, "documents": 1, "files": []}' % FORMAT,
        b"[" * 100_000,
    ],
)
def test_a_manifest_that_is_none_is_damage(folder: Path, raw: bytes) -> None:
    (build_in(folder) / "manifest.json").write_bytes(raw)
    message = problem(folder)
    assert message.startswith(f"The index in {folder} is damaged (manifest.json ")
    assert ends_with_the_remedy(message, folder)


def test_a_missing_manifest_is_damage(folder: Path) -> None:
    (build_in(folder) / "manifest.json").unlink()
    assert ends_with_the_remedy(problem(folder), folder)


@pytest.mark.parametrize("number", [0, FORMAT + 1, 999, str(FORMAT), None])
def test_another_format_is_said_to_be_one(folder: Path, number: object) -> None:
    file = build_in(folder) / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), "format": number, "new": 1}), "utf-8")
    message = problem(folder)
    assert message.startswith(f"The index in {folder} is of another version of this program")
    assert ends_with_the_remedy(message, folder)


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"\xff\xfe", b"a\0b", b"build-none", b"..", b"../../etc", b"/etc", b"x" * 5000]
)
def test_a_pointer_to_nowhere_is_damage(folder: Path, raw: bytes) -> None:
    (folder / "CURRENT").write_bytes(raw)
    assert ends_with_the_remedy(problem(folder), folder)


def test_a_pointer_that_is_a_folder_is_damage(folder: Path) -> None:
    (folder / "CURRENT").unlink()
    (folder / "CURRENT").mkdir()
    assert ends_with_the_remedy(problem(folder), folder)


def test_the_remedy_can_be_pasted_where_the_folder_has_a_space(tmp_path: Path) -> None:
    folder = tmp_path / "my index"
    put(folder, PLAIN)
    (build_in(folder) / "units.faiss").unlink()
    assert problem(folder).endswith(f"python -m ingest --rebuild --index '{folder}'")


@pytest.mark.parametrize("kind", ["nothing", "empty", "file"])
def test_no_index_is_said_with_the_command_that_makes_one(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "index"
    if kind == "empty":
        folder.mkdir()
    if kind == "file":
        folder.write_text("a file")
    assert problem(folder) == f"There is no index in {folder}; make it with: python -m ingest --index {folder}"


# Writing


def test_only_one_may_build_at_a_time(folder: Path) -> None:
    with (
        locked(folder),
        pytest.raises(
            IndexProblem, match=f"^Process {os.getpid()} .* has been writing {re.escape(str(folder))} since .*; wait"
        ),
    ):
        locked(folder).__enter__()
    put(folder, PLAIN)


def test_the_lock_ends_with_what_held_it_however_that_ends(folder: Path) -> None:
    def fail() -> None:
        with locked(folder):
            raise PermissionError(13, "not the lock's business")

    with pytest.raises(PermissionError):
        fail()
    put(folder, PLAIN)


def test_what_a_killed_build_left_behind_is_removed(folder: Path) -> None:
    for name in ("new-1234", "build-of-old"):
        (folder / name).mkdir()
        (folder / name / "index.sqlite").write_bytes(b"half")
    (folder / "CURRENT.new").write_text("build-of-old")
    (folder / "mine.txt").write_text("not the index's")
    with locked(folder):
        pass
    assert sorted(p.name for p in folder.iterdir()) == ["CURRENT", build_in(folder).name, "lock", "mine.txt"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(IndexProblem, match=r"cannot be made: .*\. Name another folder with --index\.$"):
            locked(folder).__enter__()


FULL_DISK = """
import resource, sys
from pathlib import Path
from test_index_store import PAGED, PLAIN, put
from index.store import IndexProblem, read_documents
folder = Path(sys.argv[1])
for limit in map(int, sys.argv[2:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        put(folder, PLAIN)
    except IndexProblem as problem:
        print(problem)
    assert read_documents(folder) == (PAGED, PLAIN)
"""


def test_a_full_disk_leaves_the_old_index_and_says_so(folder: Path) -> None:
    """A limit on the size of files stands in for the full disk: the same calls fail with an error."""
    before = sorted(p.name for p in folder.iterdir())
    limits = ["1", "300", "5000", "20000"]
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(folder), *limits],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(limits)
    for line in lines:
        assert re.fullmatch(
            rf"The index in {re.escape(str(folder))} could not be written: .+\. The old one stays\.", line
        )
    assert sorted(p.name for p in folder.iterdir()) == before


# Reading while another process writes


def test_a_reader_of_a_build_that_is_swapped_out_gets_the_newer_one(folder: Path) -> None:
    seen = []

    def read(build: Path, manifest: Manifest) -> dict[str, str]:
        seen.append(build)
        if len(seen) == 1:
            put(folder, PLAIN)  # another ingest, at the worst moment
        connect(build).close()
        return manifest.documents

    assert read_build(folder, read) == {"plain.txt": "cd" * 32}
    assert len(seen) == 2


def test_readers_see_one_version_or_the_other_and_never_an_error(folder: Path) -> None:
    versions = {(PAGED, PLAIN), (PLAIN,)}
    stop = threading.Event()
    faults: list[object] = []

    def read() -> None:
        while not stop.is_set():
            try:
                found = read_documents(folder)
            except Exception as error:
                faults.append(error)
            else:
                faults.extend([found] if found not in versions else [])

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(30):
        put(folder, *((PLAIN,) if n % 2 else (PAGED, PLAIN)))
    stop.set()
    reader.join()
    assert faults == []


def test_types_are_what_the_neighbours_expect(folder: Path) -> None:
    database = connect(build_in(folder))
    passages, units = read_passages(database, read_stored(database))
    database.close()
    assert {type(p) for p in passages} == {Passage}
    assert {type(u) for us in units for u in us} == {Unit}
    assert {type(p.section) for p in passages} == {tuple}
