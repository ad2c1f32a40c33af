"""What an update makes of files: renamed, there twice, a new edition, moved; without reading or embedding it again."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from conftest import HashEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.build import is_stale, preview, remove, update
from index.embed import Progress, Vectors
from index.report import BuildReport
from index.store import IndexProblem, read_documents, read_manifest
from ingest.corpus import Reading
from ingest.sandbox import Limits, too_long

CATS = "Cat report 2024\n\nThe cat sat on the mat.\n\nIt was grey.\n"
DOGS = "Dog report 2024\n\nThe dog ran to the lake.\n"
COWS = "Cow report 2024\n\nThe cow ate the grass.\n"


class NoEncoder(HashEncoder):
    """The tests' encoder, for an update that is to embed nothing."""

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        raise AssertionError(texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def reports(tmp_path: Path, folder: Path) -> Path:
    """A folder of two reports that are in the index."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "cats.txt").write_text(CATS)
    (tmp_path / "reports" / "dogs.txt").write_text(DOGS)
    update(folder, [tmp_path / "reports"], HashEncoder())
    return tmp_path / "reports"


def did(report: BuildReport) -> dict[str, Any]:
    """What an update did, without what it did not do and the counts; files by their names."""
    rows = {word: found for word, found in asdict(report).items() if isinstance(found, list) and found}
    if "duplicates" in rows:
        rows["duplicates"] = [(Path(d["name"]).name, d["of"]) for d in rows["duplicates"]]
    if "renamed" in rows:
        rows["renamed"] = [(r["old"], r["new"]) for r in rows["renamed"]]
    if "refused" in rows:
        rows["refused"] = [(Path(r["name"]).name, r["reason"]) for r in rows["refused"]]
    return rows


def names(folder: Path) -> list[str]:
    return [document.name for document in read_documents(folder)]


# Renamed


def test_the_same_bytes_under_a_new_name_are_renamed_and_not_embedded(folder: Path, reports: Path) -> None:
    (reports / "cats.txt").rename(reports / "felines.txt")
    assert is_stale(folder, [reports])
    report = update(folder, [reports], NoEncoder())
    assert did(report) == {"renamed": [("cats.txt", "felines.txt")], "unchanged": ["dogs.txt"]}
    assert report.embedded == 0
    assert names(folder) == ["dogs.txt", "felines.txt"]
    assert not is_stale(folder, [reports])


def test_a_renamed_report_gets_the_title_that_its_new_name_gives_it(folder: Path, reports: Path) -> None:
    text = (
        "We counted all cows of the valley and found that there were many of them, more than in the year before that.\n"
    )
    (reports / "herd-2022.txt").write_text(text)
    update(folder, [reports], HashEncoder())
    (reports / "herd-2022.txt").rename(reports / "herd-2023.txt")
    update(folder, [reports], HashEncoder())
    fresh = folder.with_name("fresh")
    update(fresh, [reports], HashEncoder())
    assert read_documents(folder) == read_documents(fresh)
    assert read_manifest(folder).fingerprint == read_manifest(fresh).fingerprint


def test_a_report_that_moved_and_was_renamed_is_renamed(folder: Path, reports: Path, tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (reports / "cats.txt").rename(tmp_path / "archive" / "old-cats.txt")
    assert did(update(folder, [tmp_path / "archive"], NoEncoder())) == {"renamed": [("cats.txt", "old-cats.txt")]}
    assert names(folder) == ["dogs.txt", "old-cats.txt"]


def test_two_names_exchanged_are_two_new_editions_and_nothing_is_embedded(folder: Path, reports: Path) -> None:
    (reports / "cats.txt").write_text(DOGS)
    (reports / "dogs.txt").write_text(CATS)
    assert did(update(folder, [reports], NoEncoder())) == {"changed": ["cats.txt", "dogs.txt"]}


def test_the_old_edition_under_a_new_name_and_a_new_one_under_the_old(folder: Path, reports: Path) -> None:
    (reports / "cats.txt").rename(reports / "cats-old.txt")
    (reports / "cats.txt").write_text(COWS)
    report = update(folder, [reports], HashEncoder())
    assert did(report) == {"added": ["cats-old.txt"], "changed": ["cats.txt"], "unchanged": ["dogs.txt"]}


def test_a_renamed_file_that_cannot_be_read_again_keeps_the_version_in_the_index(folder: Path, reports: Path) -> None:
    (reports / "cats.txt").rename(reports / "felines.txt")
    report = update(folder, [reports], NoEncoder(), reading=Reading(Limits(characters=5)))
    assert did(report) == {
        "unchanged": ["dogs.txt"],
        "refused": [("felines.txt", f"{too_long(Limits(characters=5))} The version read earlier stays in the index.")],
    }
    assert names(folder) == ["cats.txt", "dogs.txt"]


# There twice


def test_the_same_bytes_twice_are_one_report_the_one_that_was_there(folder: Path, reports: Path) -> None:
    shutil.copy(reports / "cats.txt", reports / "a-copy.txt")
    assert not is_stale(folder, [reports])
    expected = {"unchanged": ["cats.txt", "dogs.txt"], "duplicates": [("a-copy.txt", "cats.txt")]}
    assert did(update(folder, [reports], NoEncoder())) == expected
    assert did(update(folder, [reports], NoEncoder())) == expected
    assert names(folder) == ["cats.txt", "dogs.txt"]
    (reports / "cats.txt").unlink()
    assert did(update(folder, [reports], NoEncoder()))["renamed"] == [("cats.txt", "a-copy.txt")]


def test_of_two_new_copies_the_first_name_is_indexed(folder: Path, reports: Path) -> None:
    for name in ("z.txt", "m.txt"):
        (reports / name).write_text(COWS)
    report = did(update(folder, [reports], HashEncoder()))
    assert (report["added"], report["duplicates"]) == (["m.txt"], [("z.txt", "m.txt")])


def test_a_copy_elsewhere_of_a_report_that_stays_is_a_duplicate(folder: Path, reports: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "cats.txt").write_text(CATS)
    (tmp_path / "more" / "copy.txt").write_text(DOGS)
    report = did(update(folder, [tmp_path / "more"], NoEncoder()))
    assert report == {"duplicates": [("cats.txt", "cats.txt"), ("copy.txt", "dogs.txt")]}
    assert names(folder) == ["cats.txt", "dogs.txt"]


def test_a_report_overwritten_with_a_copy_of_another_is_removed_and_named(folder: Path, reports: Path) -> None:
    (reports / "dogs.txt").write_text(CATS)
    report = did(update(folder, [reports], NoEncoder()))
    assert report == {"unchanged": ["cats.txt"], "removed": ["dogs.txt"], "duplicates": [("dogs.txt", "cats.txt")]}


def test_copies_of_what_cannot_be_read_are_refused_and_nothing_is_lost(folder: Path, reports: Path) -> None:
    (reports / "a.txt").write_bytes(b"\0")
    (reports / "dogs.txt").write_bytes(b"\0")
    report = did(update(folder, [reports], NoEncoder()))
    (first, reason), (second, again) = report["refused"]
    assert (first, second) == ("a.txt", "dogs.txt")
    assert again == f"{reason} The version read earlier stays in the index."
    assert names(folder) == ["cats.txt", "dogs.txt"]


def test_the_same_bytes_under_an_ending_that_is_read_differently_are_read(folder: Path, reports: Path) -> None:
    (reports / "a.pdf").write_text(COWS)
    (reports / "b.txt").write_text(COWS)
    report = did(update(folder, [reports], HashEncoder()))
    assert report["added"] == ["b.txt"]
    assert [name for name, _ in report["refused"]] == ["a.pdf"]


# Whatever is done to the files


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "copy", "move", "delete"]),
        st.sampled_from("abc"),
        st.sampled_from("abc"),
        st.sampled_from([CATS, DOGS, COWS]),
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(before=STEPS, after=STEPS)
def test_an_update_gives_what_a_build_from_nothing_gives(
    tmp_path_factory: pytest.TempPathFactory, before: list[tuple[str, ...]], after: list[tuple[str, ...]]
) -> None:
    """Up to which of two copies is the one that counts."""
    base = tmp_path_factory.mktemp("steps")
    reports, folder = base / "reports", base / "index"
    reports.mkdir()
    (reports / "base.txt").write_text("Base report\n\nIt is always there.\n")
    for steps in (before, after):
        for step in steps:
            act(reports, *step)
        told = preview(folder, [reports], NoEncoder())
        report = update(folder, [reports], HashEncoder())
        assert did(told) == did(report)
        assert (told.embedded, told.passages, told.documents) == (report.embedded, report.passages, report.documents)
        assert not is_stale(folder, [reports])
        texts = {document.text for document in read_documents(folder)}
        update(base / "fresh", [reports], HashEncoder(), rebuild=True)
        assert texts == {document.text for document in read_documents(base / "fresh")}
        assert len(texts) == report.documents
        files = {path.name for path in reports.iterdir()}
        assert set(names(folder)) | {Path(d.name).name for d in report.duplicates} == files
        assert {r.old for r in report.renamed} | set(report.removed) | set(names(folder)) >= set(names(folder))
    shutil.rmtree(base)


def act(reports: Path, what: str, one: str, other: str, text: str) -> None:
    source, target = reports / f"{one}.txt", reports / f"{other}.txt"
    if what == "write":
        source.write_text(text)
    elif source.exists() and what == "delete":
        source.unlink()
    elif source.exists() and source != target:
        target.write_text(source.read_text())
        if what == "move":
            source.unlink()


# Seen before it is done


def test_a_preview_writes_nothing_and_embeds_nothing(folder: Path, reports: Path, tmp_path: Path) -> None:
    (reports / "cows.txt").write_text(COWS)
    (reports / "cats.txt").unlink()
    (reports / "empty.txt").touch()
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    report = preview(folder, [reports], NoEncoder())
    assert did(report) == {
        "added": ["cows.txt"],
        "removed": ["cats.txt"],
        "unchanged": ["dogs.txt"],
        "refused": [("empty.txt", "The file is empty.")],
    }
    assert (report.documents, report.embedded) == (2, 3)
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before
    nothing = preview(tmp_path / "none", [reports], NoEncoder())
    assert did(nothing)["added"] == ["cows.txt", "dogs.txt"]
    assert not (tmp_path / "none").exists()


# Removed


def test_a_report_is_taken_out_by_name_or_path_and_its_file_is_named(folder: Path, reports: Path) -> None:
    (reports / "cows.txt").write_text(COWS)
    update(folder, [reports], HashEncoder())
    told = remove(folder, ["cats.txt"], dry_run=True)
    assert names(folder) == ["cats.txt", "cows.txt", "dogs.txt"]
    report = remove(folder, ["cats.txt"])
    assert (
        did(told)
        == did(report)
        == {
            "removed": ["cats.txt"],
            "unchanged": ["cows.txt", "dogs.txt"],
            "left": [str(reports / "cats.txt")],
        }
    )
    assert (report.documents, report.passages) == (2, 2)
    assert names(folder) == ["cows.txt", "dogs.txt"]
    (reports / "cows.txt").unlink()
    assert did(remove(folder, [str(reports / "cows.txt")])) == {"removed": ["cows.txt"], "unchanged": ["dogs.txt"]}
    assert did(update(folder, [reports], HashEncoder()))["added"] == ["cats.txt"]


def test_an_index_with_one_report_less_equals_one_built_without_it(folder: Path, reports: Path) -> None:
    remove(folder, ["cats.txt"])
    (reports / "cats.txt").unlink()
    update(folder.with_name("fresh"), [reports], HashEncoder())
    assert read_manifest(folder).fingerprint == read_manifest(folder.with_name("fresh")).fingerprint


def test_what_cannot_be_removed_removes_nothing(folder: Path, reports: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexProblem) as unknown:
        remove(folder, ["cats.txt", "none.txt"])
    assert str(unknown.value) == (
        f"There is no report 'none.txt' in {folder}, so none was removed; it holds: cats.txt, dogs.txt"
    )
    with pytest.raises(IndexProblem, match="holds no other report"):
        remove(folder, ["cats.txt", "dogs.txt"])
    with pytest.raises(IndexProblem, match="There is no index in"):
        remove(tmp_path / "none", ["cats.txt"])
    assert names(folder) == ["cats.txt", "dogs.txt"]
    assert not (tmp_path / "none").exists()
