"""Editions: which documents are one series, so that the newest of a series leads and the newest company does not."""

from dataclasses import replace
from itertools import permutations

import pytest
from pages import SMALL

from index.editions import Editions
from ingest.document import ANNUAL_REPORT, ROADMAP, Document

ISECG = {"ISECG": "International Space Exploration Coordination Group"}


def document(name: str, title: str, year: int | None, kind: str = ANNUAL_REPORT) -> Document:
    return replace(SMALL, name=name, title=title, year=year, kind=kind)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            ("isecg-annual-report-2024.txt", "2024 Annual Report"),
            ("isecg-annual-report-2023.txt", "2023 Annual Report"),
        ),
        (("isecg-annual-report-2024.txt", "2024 Annual Report"), ("x.pdf", "ISECG Annual Report 2023")),
        (("isecg-annual-report-2024.txt", "2024 Annual Report"), ("ISECG_AR_2023_final_v2.pdf", "Annual Report")),
        (("a.pdf", "ISECG Annual Report 2024"), ("b.pdf", f"{ISECG['ISECG']} Annual Report 2023")),
        (("AnnualReport2024.pdf", "Annual Report 2024"), ("AnnualReport2023.pdf", "Annual Report 2023")),
        (("shell-annual-report-2024.pdf", "Powering Progress"), ("shell-annual-report-2023.pdf", "More Energy")),
        (("a.pdf", "Norges Bank: Annual Report and Accounts 2023/24"), ("b.pdf", "Norges Bank annual report 2022/23")),
    ],
)
def test_editions_of_one_series(one: tuple[str, str], other: tuple[str, str]) -> None:
    newer, older = document(*one, 2024), document(*other, 2023)
    for documents in permutations([newer, older]):
        editions = Editions(documents, ISECG)
        assert {d.name for d in editions.series(older.name)} == {newer.name, older.name}
        assert (editions.newest(older.name), editions.newest(newer.name)) == (2024, 2024)
        assert (editions.age(older.name), editions.age(newer.name)) == (1, 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a.pdf", "Equinor Annual Report 2024"), ("b.pdf", "Telenor Annual Report 2023")),
        (("equinor-2024.pdf", "Annual Report 2024"), ("telenor-2023.pdf", "Annual Report 2023")),
        (("isecg-annual-report-2024.txt", "2024 Annual Report"), ("a.pdf", "ESA Annual Report 2023")),
    ],
)
def test_reports_of_two_organisations_are_two_series(one: tuple[str, str], other: tuple[str, str]) -> None:
    newer, older = document(*one, 2024), document(*other, 2023)
    editions = Editions([newer, older], ISECG)
    assert editions.series(older.name) == (older,)
    assert editions.age(older.name) == 0


def test_another_kind_is_another_series() -> None:
    report = document("isecg-2023.pdf", "ISECG 2023", 2023)
    roadmap = document("isecg-2024.pdf", "ISECG 2024", 2024, ROADMAP)
    assert Editions([report, roadmap], {}).age(report.name) == 0


def test_a_document_that_shares_its_title_with_one_and_its_file_name_with_another_joins_them() -> None:
    first = document("moon.pdf", "Annual Report 2022", 2022)
    second = document("luna-2023.pdf", "Moon Agency: the annual report", 2023)
    third = document("moon-report.pdf", "The Moon Agency's", 2024)
    joins = document("moon-v2.pdf", "Agency Moon", 2021)
    editions = Editions([first, second, third, joins], {})
    assert {d.name for d in editions.series("moon.pdf")} == {
        "moon.pdf",
        "moon-report.pdf",
        "moon-v2.pdf",
        "luna-2023.pdf",
    }
    assert editions.newest("moon.pdf") == 2024


def test_a_document_without_a_year_is_neither_older_nor_the_newest() -> None:
    undated, dated = document("isecg.pdf", "ISECG", None), document("isecg-2023.pdf", "ISECG", 2023)
    editions = Editions([undated, dated], {})
    assert editions.newest("isecg.pdf") == 2023
    assert (editions.age("isecg.pdf"), editions.age("isecg-2023.pdf")) == (0, 0)
    assert Editions([undated], {}).newest("isecg.pdf") is None
