"""Updating an index: what counts as new, changed, gone or refused; nothing is lost, whatever happens meanwhile."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from conftest import HashEncoder

from index.build import is_stale, update
from index.embed import Progress, SentenceEncoder, Vectors
from index.report import BuildReport
from index.search import Index
from index.store import IndexProblem, current_build, read_documents
from ingest.document import Document

CATS = "Cat report 2024\n\nThe cat sat on the mat.\n\nIt was grey.\n"
DOGS = "Dog report 2024\n\nThe dog ran to the lake.\n"
COWS = "Cow report 2024\n\nThe cow ate the grass.\n"


class CountingEncoder(HashEncoder):
    """The tests' encoder, which remembers what it was asked to embed."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.texts += texts
        return super().encode(texts, progress)


class OtherEncoder(HashEncoder):
    """Another model, by its name and fingerprint."""

    name = "other"
    fingerprint = "other-64"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder of two reports."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "cats.txt").write_text(CATS)
    (tmp_path / "reports" / "dogs.md").write_text(DOGS)
    return tmp_path / "reports"


def names(folder: Path) -> list[str]:
    return [document.name for document in read_documents(folder)]


def text(folder: Path, name: str) -> str:
    return {document.name: document for document in read_documents(folder)}[name].text


def did(report: BuildReport) -> dict[str, list[str]]:
    """What an update did, without what it did not do."""
    words = ("added", "changed", "removed", "unchanged")
    return {word: found for word in words if (found := getattr(report, word))}


def refusals(report: BuildReport) -> list[tuple[str, str]]:
    return [(Path(refused.name).name, refused.reason) for refused in report.refused]


def builds(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def is_clean(folder: Path) -> bool:
    current = current_build(folder)
    return current is not None and builds(folder) == ["CURRENT", current.name, "lock"]


# What an update does


def test_added_changed_removed_unchanged(folder: Path, reports: Path) -> None:
    encoder = HashEncoder()
    first = update(folder, [reports], encoder)
    assert did(first) == {"added": ["cats.txt", "dogs.md"]}
    assert (first.documents, first.passages, first.refused) == (2, 2, [])
    assert first.embedded > 0
    assert did(update(folder, [reports], encoder)) == {"unchanged": ["cats.txt", "dogs.md"]}
    (reports / "cats.txt").write_text(CATS.replace("grey", "black"))
    (reports / "dogs.md").unlink()
    (reports / "sub").mkdir()
    (reports / "sub" / "cows.txt").write_text(COWS)
    third = update(folder, [reports], encoder)
    assert did(third) == {"added": ["cows.txt"], "changed": ["cats.txt"], "removed": ["dogs.md"]}
    assert names(folder) == ["cats.txt", "cows.txt"]
    assert text(folder, "cats.txt").endswith("It was black.")


def test_only_what_is_new_is_embedded(folder: Path, reports: Path) -> None:
    update(folder, [reports], HashEncoder())
    (reports / "cats.txt").write_text(CATS.replace("It was grey.", "It was black."))
    encoder = CountingEncoder()
    report = update(folder, [reports], encoder)
    assert sorted(encoder.texts) == [
        "Cat report 2024\n\nThe cat sat on the mat.\n\nIt was black.",
        "It was black.",
    ]
    assert report.embedded == 2
    unchanged = CountingEncoder()
    assert update(folder, [reports], unchanged).embedded == 0
    assert unchanged.texts == []


def test_an_updated_index_equals_one_built_from_nothing(folder: Path, reports: Path, tmp_path: Path) -> None:
    update(folder, [reports], HashEncoder())
    (reports / "cats.txt").write_text(COWS)
    (reports / "new.txt").write_text(CATS)
    (reports / "dogs.md").unlink()
    update(folder, [reports], HashEncoder())
    update(tmp_path / "fresh", [reports], HashEncoder())
    one, two = Index(folder, HashEncoder()), Index(tmp_path / "fresh", HashEncoder())
    assert one.fingerprint == two.fingerprint
    assert one.search("cat") == two.search("cat")


def test_an_update_that_changes_nothing_writes_nothing(folder: Path, reports: Path) -> None:
    update(folder, [reports], HashEncoder())
    before = current_build(folder)
    update(folder, [reports], HashEncoder())
    assert current_build(folder) == before


def test_reports_from_elsewhere_stay(folder: Path, reports: Path, tmp_path: Path) -> None:
    (tmp_path / "cows.txt").write_text(COWS)
    update(folder, [reports], HashEncoder())
    report = update(folder, [tmp_path / "cows.txt"], HashEncoder())
    assert did(report) == {"added": ["cows.txt"]}
    assert report.documents == 3
    assert names(folder) == ["cats.txt", "cows.txt", "dogs.md"]


def test_a_folder_whose_name_begins_alike_is_elsewhere(folder: Path, reports: Path) -> None:
    near = reports.with_name("reports-2")
    near.mkdir()
    (near / "cows.txt").write_text(COWS)
    update(folder, [near], HashEncoder())
    assert did(update(folder, [reports], HashEncoder())) == {"added": ["cats.txt", "dogs.md"]}
    assert names(folder) == ["cats.txt", "cows.txt", "dogs.md"]


def test_a_report_that_moved_to_another_folder_stays(folder: Path, reports: Path, tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    update(folder, [reports], HashEncoder())
    (reports / "cats.txt").rename(tmp_path / "archive" / "cats.txt")
    assert did(update(folder, [tmp_path / "archive"], HashEncoder())) == {"unchanged": ["cats.txt"]}
    assert not is_stale(folder, [tmp_path / "archive"])
    assert did(update(folder, [reports], HashEncoder())) == {"unchanged": ["dogs.md"]}
    assert names(folder) == ["cats.txt", "dogs.md"]


def test_rebuild_takes_nothing_from_before(folder: Path, reports: Path, tmp_path: Path) -> None:
    (tmp_path / "cows.txt").write_text(COWS)
    update(folder, [reports, tmp_path / "cows.txt"], HashEncoder())
    encoder = CountingEncoder()
    report = update(folder, [reports], encoder, rebuild=True)
    assert did(report) == {"added": ["cats.txt", "dogs.md"]}
    assert report.embedded == len(encoder.texts) > 0
    assert names(folder) == ["cats.txt", "dogs.md"]
    assert is_clean(folder)


def test_a_damaged_index_is_mended_by_the_command_that_the_error_names(folder: Path, reports: Path) -> None:
    update(folder, [reports], HashEncoder())
    build = current_build(folder)
    assert build is not None
    (build / "units.faiss").write_bytes(b"damage")
    with pytest.raises(IndexProblem, match=rf"rebuild it: python -m ingest --rebuild --index {folder}$"):
        update(folder, [reports], HashEncoder())
    update(folder, [reports], HashEncoder(), rebuild=True)
    assert Index(folder, HashEncoder()).search("cat")[0].passage.document == "cats.txt"
    assert is_clean(folder)


def test_another_model_is_refused_until_the_index_is_rebuilt(folder: Path, reports: Path) -> None:
    update(folder, [reports], HashEncoder())
    with pytest.raises(IndexProblem) as caught:
        update(folder, [reports], OtherEncoder())
    assert str(caught.value) == (
        f"The index in {folder} was made with the model 'hash', not with 'other'; use --model hash, or rebuild it:"
        f" python -m ingest --rebuild --model other --index {folder}"
    )
    assert did(update(folder, [reports], OtherEncoder(), rebuild=True)) == {"added": ["cats.txt", "dogs.md"]}
    assert Index(folder, OtherEncoder()).documents == read_documents(folder)


# What cannot be read


def test_bad_files_are_named_and_the_rest_goes_on(folder: Path, reports: Path) -> None:
    (reports / "empty.txt").write_bytes(b"")
    (reports / "garbage.md").write_bytes(bytes(range(256)))
    (reports / "latin.txt").write_bytes("Bericht über".encode("latin-1"))
    (reports / "table.csv").write_text("not,a,report")
    (reports / "README.md").write_text("about the folder")
    (reports / "bad.pdf").write_bytes(b"no pdf")
    report = update(folder, [reports, reports / "none.txt", reports / "table.csv"], HashEncoder())
    assert did(report) == {"added": ["cats.txt", "dogs.md"]}
    assert [name for name, _ in refusals(report)] == [
        "none.txt",
        "bad.pdf",
        "empty.txt",
        "garbage.md",
        "latin.txt",
        "table.csv",
    ]
    assert ("empty.txt", "The file is empty.") in refusals(report)
    assert all(reason.endswith(".") and "\n" not in reason for _, reason in refusals(report))
    assert names(folder) == ["cats.txt", "dogs.md"]


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"\0\0"])
def test_a_file_that_becomes_unreadable_keeps_its_earlier_version(folder: Path, reports: Path, raw: bytes) -> None:
    update(folder, [reports], HashEncoder())
    (reports / "cats.txt").write_bytes(raw)
    report = update(folder, [reports], HashEncoder())
    assert did(report) == {"unchanged": ["dogs.md"]}
    ((name, reason),) = refusals(report)
    assert name == "cats.txt"
    assert reason.endswith(" The version read earlier stays in the index.")
    assert text(folder, "cats.txt").endswith("It was grey.")
    (reports / "cats.txt").write_text(CATS)
    assert did(update(folder, [reports], HashEncoder())) == {"unchanged": ["cats.txt", "dogs.md"]}


def test_a_file_replaced_by_a_folder_or_a_dead_link_keeps_its_earlier_version(folder: Path, reports: Path) -> None:
    update(folder, [reports], HashEncoder())
    (reports / "cats.txt").unlink()
    (reports / "cats.txt").symlink_to("nowhere")
    report = update(folder, [reports], HashEncoder())
    assert refusals(report) == [("cats.txt", "It is not a regular file. The version read earlier stays in the index.")]
    assert names(folder) == ["cats.txt", "dogs.md"]


def test_the_same_name_twice_is_refused_and_the_first_is_kept(folder: Path, reports: Path) -> None:
    (reports / "sub").mkdir()
    (reports / "sub" / "cats.txt").write_text(COWS)
    report = update(folder, [reports], HashEncoder())
    assert refusals(report) == [
        ("cats.txt", f"Another report has the same name ({reports / 'cats.txt'}); rename one of them.")
    ]
    assert report.refused[0].name == str(reports / "sub" / "cats.txt")
    assert text(folder, "cats.txt").endswith("It was grey.")


def test_nothing_to_read_is_a_problem_and_makes_no_index(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "empty.txt").write_bytes(b"")
    with pytest.raises(IndexProblem) as caught:
        update(folder, [tmp_path / "reports"], HashEncoder())
    assert str(caught.value) == (
        f"No report could be read from {tmp_path / 'reports'}, so no index was written."
        f" {tmp_path / 'reports' / 'empty.txt'}: The file is empty. Give .txt, .md or .pdf files."
    )
    assert builds(folder) == ["lock"]


def test_the_last_reports_are_not_dropped_for_nothing(folder: Path, reports: Path) -> None:
    update(folder, [reports], HashEncoder())
    (reports / "cats.txt").unlink()
    (reports / "dogs.md").unlink()
    with pytest.raises(IndexProblem, match="No report could be read"):
        update(folder, [reports], HashEncoder())
    assert names(folder) == ["cats.txt", "dogs.md"]


def test_a_folder_that_is_not_there_drops_nothing(folder: Path, reports: Path, tmp_path: Path) -> None:
    """A drive that is not mounted is no order to forget its reports."""
    (tmp_path / "cows.txt").write_text(COWS)
    update(folder, [reports, tmp_path / "cows.txt"], HashEncoder())
    reports.rename(tmp_path / "unmounted")
    report = update(folder, [reports, tmp_path / "cows.txt"], HashEncoder())
    assert refusals(report) == [("reports", "There is no such file or folder.")]
    assert names(folder) == ["cats.txt", "cows.txt", "dogs.md"]


@contextmanager
def without_root(folder: Path) -> Iterator[None]:
    """As the owner of `folder`, and without root's right to read everything where the tests run as root."""
    user = os.geteuid()
    if user == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534)
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.skipif(os.name == "nt", reason="there are no such permissions there")
def test_a_folder_and_a_file_that_may_not_be_opened_keep_their_reports() -> None:
    with tempfile.TemporaryDirectory() as base, ExitStack() as later:
        reports, folder = Path(base, "reports"), Path(base, "index")
        (reports / "closed").mkdir(parents=True)
        (reports / "closed" / "cats.txt").write_text(CATS)
        (reports / "dogs.txt").write_text(DOGS)
        (reports / "cows.txt").write_text(COWS)
        update(folder, [reports], HashEncoder())  # as root, who may start Python wherever it lies
        (reports / "closed").chmod(0)
        (reports / "dogs.txt").chmod(0)
        later.enter_context(without_root(Path(base)))
        report = update(folder, [reports], HashEncoder())
        assert refusals(report) == [
            ("closed", "The folder cannot be opened: Permission denied."),
            (
                "dogs.txt",
                "The file cannot be opened: Permission denied. The version read earlier stays in the index.",
            ),
        ]
        assert did(report) == {"unchanged": ["cows.txt"]}
        assert names(folder) == ["cats.txt", "cows.txt", "dogs.txt"]
        (reports / "closed").chmod(0o700)
        folder.chmod(0o500)
        (reports / "cows.txt").unlink()
        with pytest.raises(IndexProblem, match=r"could not be written: Permission denied\. The old one stays\.$"):
            update(folder, [reports], HashEncoder())
        assert names(folder) == ["cats.txt", "cows.txt", "dogs.txt"]
        folder.chmod(0o700)


# Whether there is something to do


def test_stale_or_not(folder: Path, reports: Path, tmp_path: Path) -> None:
    assert is_stale(folder, [reports])
    update(folder, [reports], HashEncoder())
    assert not is_stale(folder, [reports])
    assert not is_stale(folder, [reports / "cats.txt"])
    (tmp_path / "cows.txt").write_text(COWS)
    assert is_stale(folder, [reports, tmp_path / "cows.txt"])
    (reports / "cats.txt").write_text(CATS + "\nMore.\n")
    assert is_stale(folder, [reports])
    assert not is_stale(folder, [reports / "dogs.md"])
    (reports / "cats.txt").unlink()
    assert is_stale(folder, [reports])


def test_a_damaged_index_and_a_path_that_is_not_there_are_something_to_do(folder: Path, reports: Path) -> None:
    update(folder, [reports], HashEncoder())
    assert is_stale(folder, [reports, reports / "none"])
    build = current_build(folder)
    assert build is not None
    (build / "index.sqlite").write_bytes(b"")
    assert is_stale(folder, [reports])


# Nothing is lost


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_update_that_is_stopped_leaves_the_index_as_it_was(
    folder: Path, reports: Path, error: type[BaseException]
) -> None:
    class Stopped(HashEncoder):
        def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
            raise error

    update(folder, [reports], HashEncoder())
    (reports / "cats.txt").write_text(COWS)
    with pytest.raises(error):
        update(folder, [reports], Stopped())
    assert text(folder, "cats.txt").endswith("It was grey.")
    assert is_clean(folder)
    assert did(update(folder, [reports], HashEncoder())) == {"changed": ["cats.txt"], "unchanged": ["dogs.md"]}


# The whole of it on the real report


def test_the_index_of_the_report_holds_it_all(report: Document, built_index: Path) -> None:
    assert read_documents(built_index) == (report,)


def test_vectors_are_stored_as_the_model_gave_them(built_index: Path, encoder: SentenceEncoder) -> None:
    hit = Index(built_index, encoder).search("When was the GER 2024 published?")[0]
    assert len(hit.units) == len(hit.unit_scores)
    question, units = (
        encoder.encode(["When was the GER 2024 published?"]),
        encoder.encode([hit.passage.text[u.start - hit.passage.start : u.end - hit.passage.start] for u in hit.units]),
    )
    assert np.allclose(hit.unit_scores, units @ question[0], atol=1e-4)


def test_a_report_from_elsewhere_is_not_replaced_by_one_of_the_same_name(tmp_path: Path) -> None:
    for folder, text in (("one", "The first report says this."), ("two", "The second report says that.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(f"# Head\n\n{text}\n")
    update(tmp_path / "index", [tmp_path / "one"], HashEncoder())
    report = update(tmp_path / "index", [tmp_path / "two"], HashEncoder())
    assert [refused.name for refused in report.refused] == [str(tmp_path / "two" / "a.txt")]
    assert "first report" in read_documents(tmp_path / "index")[0].text


def test_the_same_folder_by_another_way_is_the_same(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.txt").write_text(f"# Head\n\nReport {folder}.\n")
    update(tmp_path / "index", [tmp_path / "one" / ".." / "two"], HashEncoder())
    report = update(tmp_path / "index", [tmp_path / "one"], HashEncoder())
    assert (report.added, report.removed, report.refused) == (["one.txt"], [], [])
