"""What is taken along: footnotes that stay apart, files that verify reads, and nothing of a report becoming markup."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pages import Page

from answer.__main__ import main
from answer.pipeline import Assistant
from chat import words
from chat.export import conversation_file, footnoted, link, receipt_file
from chat.turns import Desk, Turn

DATE = "2031-05-06T07:08:09Z"
THEMES = "What common exploration themes and benefits does the GES identify?"
LASAGNE = "What is the best recipe for a vegetarian lasagne?"


@pytest.fixture(scope="module")
def turns(built_index: Path) -> list[Turn]:
    desk = Desk(Assistant.open(built_index))
    return [desk.ask(THEMES), desk.ask(LASAGNE), Turn("x", problem="too long")]


def test_markdown_has_each_quote_with_its_footnote(turns: list[Turn]) -> None:
    file = conversation_file(turns, "markdown", DATE)
    assert file is not None
    assert (file.name, file.media_type) == ("isecg-answers-2031-05-06.md", "text/markdown")
    quotes, notes = (
        re.findall(r"(?m)^>.*\[\^([\w-]+)\]$", file.content),
        re.findall(r"(?m)^\[\^([\w-]+)\]: ", file.content),
    )
    assert quotes == notes != []
    assert "> - Inspiration and education" in file.content
    assert "2024 Annual Report, Annex IV: ISECG at a Glance › Background, section from p. 15" in file.content
    assert f"## {LASAGNE}\n\nThe reports do not say. No passage answers this" in file.content
    assert turns[0].sources[0].document.sha256 in file.content
    assert "too long" not in file.content


@pytest.mark.parametrize("kind", ["json", "receipt"])
def test_what_is_saved_is_checked_by_verify(
    turns: list[Turn], kind: str, tmp_path: Path, built_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = receipt_file(turns[0], DATE) if kind == "receipt" else conversation_file(turns, kind, DATE)
    assert file is not None
    path = tmp_path / file.name
    path.write_text(file.content, "utf-8")
    assert main(["verify", str(path), "--index", str(built_index)]) == 0
    assert ", 0 do not hold" in capsys.readouterr().out
    path.write_text(file.content.replace("Inspiration and education", "Inspiration and cake"), "utf-8")
    assert main(["verify", str(path), "--index", str(built_index)]) == 1


def test_json_holds_every_answer_and_refusal(turns: list[Turn]) -> None:
    file = conversation_file(turns, "json", DATE)
    assert file is not None
    assert [row["question"] for row in json.loads(file.content)["answers"]] == [THEMES, LASAGNE]


def test_the_page_to_print_shows_the_quotes_and_loads_nothing(turns: list[Turn]) -> None:
    hostile = replace(turns[1], question="<script>alert(1)</script> \u202eevil")
    file = conversation_file([turns[0], hostile], "page", DATE)
    assert file is not None
    page = Page(
        file.content.replace("<!doctype html>", "")
        .replace('<meta charset="utf-8">', "")
        .split("</style>")[1]
        .removesuffix("</html>\n")
    )
    assert "Inspiration and education" in page.text
    assert "<script>alert(1)</script> evil" in page.text
    assert {tag for tag, _ in page.tags} <= set("h1 p h2 blockquote ul li br table tr td".split())
    assert not re.search(r"(?:src|href)=|url\(|@import", file.content)


def test_there_is_nothing_to_save_of_nothing_or_of_an_unknown_kind(turns: list[Turn]) -> None:
    assert conversation_file([], "markdown", DATE) is None
    assert conversation_file(turns[2:], "json", DATE) is None
    assert receipt_file(turns[2], DATE) is None
    for kind in ("exe", None, 1, ["json"]):
        assert conversation_file(turns, kind, DATE) is None


def test_a_footnote_keeps_its_name_and_differs_from_others(turns: list[Turn]) -> None:
    citation = turns[0].sources[0].citation
    text = footnoted([citation])
    assert text == footnoted([citation])
    assert text.endswith(f"]: {words.reference(citation)}")
    assert text.count("[^") == 2


def test_a_link_carries_question_and_reports_whatever_is_in_them() -> None:
    assert link("What is R&D = 50 %?", ["a b.pdf", "é&q=x.txt"]) == (
        "?q=What+is+R%26D+%3D+50+%25%3F&report=a+b.pdf&report=%C3%A9%26q%3Dx.txt"
    )
