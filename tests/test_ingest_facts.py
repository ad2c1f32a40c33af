"""Title, year and kind of a document: the year is the one that it reports on, whatever else its cover says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.document import ANNUAL_REPORT, KINDS, OTHER, ROADMAP, WHITE_PAPER, Document
from ingest.facts import find_facts

AR = ANNUAL_REPORT


@pytest.mark.parametrize(
    ("title", "name", "text", "year", "kind"),
    [
        # the group's own, and how people name its files
        ("2024 Annual Report", "isecg-annual-report-2024.txt", "2024 Annual Report\n\nMay 2025", 2024, AR),
        ("ISECG Annual Report 2024", "a.pdf", "Published in May 2025", 2024, AR),
        ("Annual Report", "ISECG_AR_2023_final_v2.pdf", "Annual Report\n\nMay 2024\n\nISECG", 2023, AR),
        ("", "ISECG_AR_2023_final_v2.pdf", "nothing said", 2023, AR),
        ("", "AnnualReport2022.pdf", "May 2023", 2022, AR),
        ("Global Exploration Roadmap", "GER.pdf", "Global Exploration Roadmap\n\nAugust 2024", 2024, ROADMAP),
        ("The Global Exploration Roadmap, January 2018", "ger.pdf", "", 2018, ROADMAP),
        ("Science White Paper", "swp-2018.pdf", "An ISECG product; see the annual report.", 2018, WHITE_PAPER),
        # companies and agencies
        ("Annual Report for the year ended 31 December 2023", "report-2024.pdf", "Published in March 2024", 2023, AR),
        ("Annual report and accounts 2023/24", "hc-123.pdf", "Presented to Parliament, 17 July 2024", 2024, AR),
        ("Annual Report 2023-24", "ar.pdf", "", 2024, AR),
        ("Annual Report 2022–2023", "ar.pdf", "", 2023, AR),
        ("Annual Report and Form 20-F 2023", "ar.pdf", "", 2023, AR),
        ("2023 NASA Annual Performance Report", "a.pdf", "", 2023, AR),
        ("FY 2023 Annual Performance Report", "apr.pdf", "released on 11 March 2024", 2023, AR),
        ("Agency Financial Report FY23", "afr.pdf", "", 2023, OTHER),
        ("Strategy 2030: Annual Report 2023", "ar.pdf", "", 2023, AR),
        ("Integrated Report 2023", "ir.pdf", "", 2023, AR),
        ("Form 10-K", "aapl-20230930.pdf", "For the fiscal year ended September 30, 2023\n\nof", 2023, AR),
        ("Annual Report", "10k.pdf", "For the Fiscal Year Ended\nJune 30, 2024", 2024, AR),
        ("Annual Report", "published-2025-05-12.pdf", "In 2024, " * 9 + "In 2023.", 2024, AR),
        ("Annual Report", "r.pdf", "May 2025\n\nIn 2024 and 2023 we grew.", None, AR),
        ("Annual Report, May 2025", "isecg-2024.pdf", "", 2024, AR),
        ("Powering progress", "shell-annual-report-2023.pdf", "Shell plc\n\nAnnual Report and Accounts 2023", 2023, AR),
        ("", "20240315_annual_report_2023.pdf", "", 2023, AR),
        ("", "report.pdf", "This annual report covers the year to 30 June 2022.", 2022, AR),
        # no annual report
        ("Minutes of the meeting", "minutes.pdf", "Cologne, 12 December 2024", None, OTHER),
        ("Form 120240", "12024x.txt", "no year", None, OTHER),
        ("A Report", "r.txt", "In 2019 it began.", None, OTHER),
        ("Maintenance in 2011-12-01", "m.txt", "", None, OTHER),
    ],
)
def test_year_and_kind(title: str, name: str, text: str, year: int | None, kind: str) -> None:
    facts = find_facts(title, name, text)
    assert (facts.year, facts.kind) == (year, kind)


def test_a_document_that_does_not_call_itself_anything_is_called_by_its_file() -> None:
    assert find_facts("", "a.b.txt", "").title == "a.b"
    assert find_facts("The title", "a.b.txt", "").title == "The title"


def test_the_report(report: Document) -> None:
    assert (report.title, report.year, report.kind) == ("2024 Annual Report", 2024, ANNUAL_REPORT)


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=400))
def test_anything_has_facts(title: str, name: str, text: str) -> None:
    facts = find_facts(title, name, text)
    assert facts.kind in KINDS
    assert facts.year is None or 1900 <= facts.year < 2100


@pytest.mark.parametrize(
    "text", ["year ended " * 2000, "annual " * 3000, "2024 " * 4000, "annual a b c " * 1500, "jan " * 5000]
)
def test_long_texts_take_no_endless_time(text: str) -> None:
    find_facts(text, text, text)
