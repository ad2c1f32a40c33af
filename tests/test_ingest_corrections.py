"""reports.toml: what it says of a report holds from the next ingest on, and what is wrong in it is one clear sentence."""

import json
import os
from pathlib import Path

import pytest
from conftest import HashEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.build import is_stale, update
from index.store import read_documents
from ingest.corrections import Correction, read_corrections
from ingest.facts import Facts

REPORT = "ISECG Annual Report 2023\n\nThe cat sat on the mat.\n\nA dog lay by the river.\n"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "one.txt").write_text(REPORT, "utf-8")
    (folder / "two.txt").write_text("Minutes\n\nNothing was said.\n", "utf-8")
    update(tmp_path / "index", [folder], HashEncoder())
    return folder


def correct(reports: Path, toml: str) -> None:
    (reports / "reports.toml").write_text(toml, "utf-8")


def facts(reports: Path) -> list[tuple[str, int | None, str]]:
    return [(d.title, d.year, d.kind) for d in read_documents(reports.with_name("index"))]


ONE, TWO = ("ISECG Annual Report 2023", 2023, "annual report"), ("Minutes", None, "other")


def test_a_correction_holds_from_the_next_ingest_on_and_embeds_its_title_only(reports: Path) -> None:
    index = reports.with_name("index")
    assert facts(reports) == [ONE, TWO]
    correct(reports, '["two.txt"]\ntitle = "Minutes of the GER"\nyear = 2018\nkind = "roadmap"\n')
    assert is_stale(index, [reports])
    report = update(index, [reports], HashEncoder())
    assert (report.corrected, report.unchanged, report.changed, report.refused) == (["two.txt"], ["one.txt"], [], [])
    assert report.embedded == 1  # the one passage of two.txt, above which the title stands
    assert facts(reports) == [ONE, ("Minutes of the GER", 2018, "roadmap")]
    assert not is_stale(index, [reports])
    assert update(index, [reports], HashEncoder()).corrected == []


def test_what_was_found_comes_back_when_its_correction_goes(reports: Path) -> None:
    index = reports.with_name("index")
    correct(reports, '["one.txt"]\nyear = 2022\n')
    assert update(index, [reports], HashEncoder()).embedded == 0
    assert facts(reports)[0] == (ONE[0], 2022, ONE[2])
    (reports / "reports.toml").unlink()
    assert is_stale(index, [reports])
    assert update(index, [reports], HashEncoder()).corrected == ["one.txt"]
    assert facts(reports) == [ONE, TWO]


def test_a_file_that_cannot_be_understood_leaves_what_was_corrected_as_it_was(reports: Path) -> None:
    index = reports.with_name("index")
    correct(reports, '["one.txt"]\nyear = 2022\n["two.txt"]\nyear = 2021\n')
    update(index, [reports], HashEncoder())
    for broken in ('["one.txt"\nyear = ', '["one.txt"]\nyear = "2020"\n["two.txt"]\nyear = 2021\n'):
        correct(reports, broken)
        assert is_stale(index, [reports])
        report = update(index, [reports], HashEncoder())
        assert [r.name for r in report.refused] == [str(reports / "reports.toml")]
        assert [year for _, year, _ in facts(reports)] == [2022, 2021]


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ('["one.txt"]\nyear = "2023"', "The year of 'one.txt' is '2023'; give a number from 1900 to 2099."),
        ('["one.txt"]\nyear = true', "The year of 'one.txt' is True; give a number from 1900 to 2099."),
        ('["one.txt"]\nyear = 23', "The year of 'one.txt' is 23; give a number from 1900 to 2099."),
        ('["one.txt"]\ntitle = " "', "The title of 'one.txt' is ' '; give text."),
        (
            '["one.txt"]\nkind = "book"',
            "The kind of 'one.txt' is 'book'; give one of 'annual report', 'roadmap', 'white paper', 'other'.",
        ),
        ('["one.txt"]\nyaer = 2023', "'one.txt' has the key 'yaer'; only title, year and kind can be corrected."),
        (
            '["three.txt"]\nyear = 2023',
            "There is no file 'three.txt' beside it; name one that is, in quotation marks: [\"report.pdf\"].",
        ),
        (
            "[one.txt]\nyear = 2023",
            "There is no file 'one' beside it; name one that is, in quotation marks: [\"report.pdf\"].",
        ),
        (
            '["../one.txt"]\nyear = 2023',
            "There is no file '../one.txt' beside it; name one that is, in quotation marks: [\"report.pdf\"].",
        ),
        ('"one.txt" = 2023', "'one.txt' is no table; write [\"one.txt\"] on a line, and title, year or kind under it."),
    ],
)
def test_what_is_wrong_is_one_sentence(reports: Path, toml: str, reason: str) -> None:
    correct(reports, toml)
    found = read_corrections([reports / "one.txt", reports / "two.txt"])
    assert [(r.name, r.reason) for r in found.refused] == [(str(reports / "reports.toml"), reason)]
    assert found.by_file == {}


@pytest.mark.parametrize("toml", [b"[", b"\xff", b'["one.txt"]\nyear = 1\nyear = 2\n'])
def test_what_is_not_toml_is_said(reports: Path, toml: bytes) -> None:
    (reports / "reports.toml").write_bytes(toml)
    (refused,) = read_corrections([reports / "one.txt"]).refused
    assert refused.reason.startswith("It is not TOML (")
    assert refused.reason.endswith("); mend it: its corrections stay as they were.")


def test_the_right_entries_hold_beside_a_wrong_one(reports: Path) -> None:
    correct(reports, '["one.txt"]\nyear = 1\n["two.txt"]\nyear = 2019\n')
    assert read_corrections([reports / "one.txt"]).by_file == {reports / "two.txt": Correction(year=2019)}


def test_each_folder_has_its_own(reports: Path) -> None:
    inner = reports / "inner"
    inner.mkdir()
    (inner / "three.txt").write_text("Three\n\nThere were three.\n", "utf-8")
    (inner / "reports.toml").write_text('["three.txt"]\nyear = 2003\n', "utf-8")
    found = read_corrections([reports / "one.txt", inner / "three.txt"])
    assert found.by_file == {inner / "three.txt": Correction(year=2003)}
    assert found.refused == []


def test_a_correction_changes_what_it_names_only() -> None:
    found = Facts("Title", 2023, "other")
    assert Correction().apply(found) == found
    assert Correction(year=2022).apply(found) == Facts("Title", 2022, "other")
    assert Correction("T", 2022, "roadmap").apply(found) == Facts("T", 2022, "roadmap")


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=8),
        st.dictionaries(
            st.sampled_from(["title", "year", "kind", "x"]),
            st.integers() | st.text(max_size=9) | st.booleans(),
            max_size=3,
        ),
        max_size=3,
    )
)
def test_any_table_is_taken_or_refused(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    lines = [
        f"[{json.dumps(name)}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in entry.items())
        for name, entry in table.items()
    ]
    (folder / "reports.toml").write_text("".join(lines).encode("utf-8", "replace").decode(), "utf-8")
    found = read_corrections([folder / "one.txt"])
    assert len(found.refused) + len(found.by_file) in {len(table), 1}
    assert all(os.path.lexists(file) for file in found.by_file)
