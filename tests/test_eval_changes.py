"""`python -m ingest --check`: which answers an update changes, from what to what; the index of a dry run stays as it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.changes import Recheck, describe
from eval.jsonl import BadFile
from index.build import update
from index.embed import SentenceEncoder
from index.store import read_manifest
from ingest.__main__ import main

OLD = """# Harbour Group Annual Report 2024

## Membership

At the end of 2024, the Harbour Group counted 31 member ports. Membership is open to every port on the northern coast.

## Lighthouses

The Lighthouse Team repaired nine lighthouses in 2024.
"""
NEW = OLD.replace("31 member", "34 member").replace(
    "The Lighthouse Team repaired nine lighthouses in 2024.", "Nothing is new here."
)
QUESTIONS = [
    {"id": "members", "question": "How many member ports did the Harbour Group count at the end of 2024?"},
    {"id": "lights", "question": "How many lighthouses did the Lighthouse Team repair in 2024?"},
    {"id": "france", "question": "What is the capital of France?"},
]
WAS_31 = "At the end of 2024, the Harbour Group counted 31 member ports."


@pytest.fixture
def corpus(tmp_path: Path, encoder: SentenceEncoder) -> Path:
    """A folder with a report that is in the index, and of which a new edition has come."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "harbour.md").write_text(OLD)
    update(tmp_path / "index", [tmp_path / "corpus"], encoder)
    (tmp_path / "corpus" / "harbour.md").write_text(NEW)
    return tmp_path / "corpus"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, QUESTIONS)))
    return path


def run(corpus: Path, questions: Path, *arguments: str) -> int:
    index = str(corpus.with_name("index"))
    return main(["--index", index, "--check", str(questions), "--reader", "none", *arguments, str(corpus)])


def changed(out: str) -> list[tuple[str, str, list[str], list[str]]]:
    rows = json.loads(out)["check"]["changed"]
    return [
        (row["id"], row["kind"], [s["quote"] for s in row["before"]], [s["quote"] for s in row["after"]])
        for row in rows
    ]


EXPECTED = [
    ("members", "other words", [WAS_31], [WAS_31.replace("31", "34")]),
    ("lights", "refused now", ["The Lighthouse Team repaired nine lighthouses in 2024."], []),
]


def test_what_changed_is_seen_before_and_after_people_see_it(
    corpus: Path, questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_manifest(corpus.with_name("index"))
    assert run(corpus, questions, "--dry-run", "--json") == 1
    dry = json.loads(capsys.readouterr().out)
    assert (dry["dry_run"], dry["changed"], dry["check"]["asked"]) == (True, ["harbour.md"], 3)
    assert read_manifest(corpus.with_name("index")) == before
    assert run(corpus, questions, "--json") == 1
    done = capsys.readouterr()
    assert changed(done.out) == EXPECTED
    assert json.loads(done.out)["check"] == dry["check"]
    assert done.err == f"2 of the answers to {questions} changed\n"
    assert run(corpus, questions) == 0
    assert capsys.readouterr().out.endswith("\n\n0 of 3 answers changed\n")


def test_the_changes_for_a_person(corpus: Path, questions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(corpus, questions) == 1
    assert capsys.readouterr().out.split("\n\n", 1)[1] == (
        "2 of 3 answers changed\n\n"
        "members How many member ports did the Harbour Group count at the end of 2024?  (other words)\n"
        f"  was: “{WAS_31}” (Harbour Group Annual Report 2024, Harbour Group Annual Report 2024 > Membership)\n"
        f"  now: “{WAS_31.replace('31', '34')}” (Harbour Group Annual Report 2024,"
        " Harbour Group Annual Report 2024 > Membership)\n\n"
        "lights How many lighthouses did the Lighthouse Team repair in 2024?  (refused now)\n"
        "  was: “The Lighthouse Team repaired nine lighthouses in 2024.” (Harbour Group Annual Report 2024,"
        " Harbour Group Annual Report 2024 > Lighthouses)\n"
        "  now: The reports do not say.\n"
    )


def test_saved_answers_are_the_old_ones(corpus: Path, tmp_path: Path, encoder: SentenceEncoder, capsys: Any) -> None:
    from answer.pipeline import Assistant

    assistant = Assistant(tmp_path / "index", encoder)
    history = [QUESTIONS[0]["question"]]
    rows = [{"id": q["id"], **assistant.ask(q["question"]).to_dict()} for q in QUESTIONS]
    rows.append({"id": "follow", **assistant.ask("And at the end of 2024?", history).to_dict(), "history": history})
    saved = tmp_path / "predictions.jsonl"
    saved.write_text("\n".join(map(json.dumps, rows)))
    assert run(corpus, saved, "--json") == 1
    assert changed(capsys.readouterr().out)[:2] == EXPECTED
    assert run(corpus, saved, "--json") == 1  # nothing is new, and still not as it was saved
    assert changed(capsys.readouterr().out)[:2] == EXPECTED


def test_without_an_index_there_is_nothing_to_compare_with(
    corpus: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["--index", str(tmp_path / "fresh"), "--check", str(questions), "--reader", "none", str(corpus)]
    assert main(argv) == 0
    assert "There was no index before" in capsys.readouterr().out


def test_a_damaged_index_is_rebuilt_though_its_answers_are_not_known(
    corpus: Path, questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (corpus.with_name("index") / "CURRENT").write_text("nowhere")
    assert run(corpus, questions) == 2
    assert capsys.readouterr().err.startswith(f"The index in {corpus.with_name('index')} is damaged")
    assert run(corpus, questions, "--rebuild") == 0
    assert capsys.readouterr().err.startswith("The old answers are not known. ")


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (None, "set.jsonl cannot be read: No such file or directory."),
        (["{"], "line 1: not JSON in UTF-8"),
        (['{"id": "a"}'], "line 1: `question` is missing."),
        (['{"id": "a", "citations": 1}'], "line 1: `answered` must be there, as bool."),
        ([json.dumps({"id": "a", "question": "x" * 501})], "a: this question cannot be asked: The question has 501"),
    ],
)
def test_a_bad_question_set_changes_nothing(
    corpus: Path, questions: Path, rows: list[str] | None, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_manifest(corpus.with_name("index"))
    questions.unlink()
    if rows:
        questions.write_text("\n".join(rows))
    assert run(corpus, questions) == 2
    done = capsys.readouterr()
    assert problem in done.err
    assert done.err.count("\n") == 1
    assert read_manifest(corpus.with_name("index")) == before


def test_the_same_words_in_another_place_and_an_answer_that_is_new(tmp_path: Path, encoder: SentenceEncoder) -> None:
    (tmp_path / "a.md").write_text(NEW)
    update(tmp_path / "index", [tmp_path / "a.md"], encoder)
    questions = tmp_path / "set.jsonl"
    questions.write_text("\n".join(map(json.dumps, QUESTIONS)))
    recheck = Recheck(questions, encoder, "none")
    recheck.ask_before(tmp_path / "index")
    (tmp_path / "a.md").write_text(OLD.replace("31 member", "34 member").replace("## Membership", "## Members"))
    update(tmp_path / "index", [tmp_path / "a.md"], encoder)
    changes = recheck.ask_after(tmp_path / "index")
    assert [(c.id, c.kind) for c in changes.changed] == [
        ("members", "the same words in another place"),
        ("lights", "answered now"),
    ]
    assert "  was: The reports do not say.\n" in describe(changes)
    with pytest.raises(BadFile):
        Recheck(tmp_path / "none", encoder, "none")
