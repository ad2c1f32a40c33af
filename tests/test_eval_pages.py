"""`python -m eval pages`: how often the right page is found, on two tiny PDFs and on the real reports' questions."""

import json
from pathlib import Path

import pytest
from conftest import ROOT, HashEncoder
from pdfs import lines, write_pages

from eval.__main__ import main
from eval.metrics import Estimate, ratio
from eval.pages import ACROSS, INSIDE, PRODUCT, Outcome, Piece, chunks, compare, describe, judge, places_of, read_pages
from eval.questions import Question, read_questions

REAL = ROOT / "eval" / "questions" / "real"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two reports: of three pages, with a sentence over the last break, and of one."""
    write_pages(
        tmp_path / "harbour.pdf",
        lines("The harbour has nine cranes."),
        lines("Salaries rose by four percent.", "The new ferry sails", "from the northern"),
        lines("pier to the island of Orvane.", "Trees were planted."),
    )
    write_pages(tmp_path / "library.pdf", lines("The library lends bicycles and telescopes to its members."))
    return tmp_path


QUESTIONS = [
    Question("t1", "How many cranes has the harbour?", evidence=("The harbour has nine cranes.",)),
    Question("t2", "What does the library lend to members?", evidence=("lends bicycles and telescopes",)),
    Question(
        "t3", "Where does the ferry sail?", evidence=("The new ferry sails from the northern pier to the island",)
    ),
    Question("t4", "Who painted the mural?", evidence=("painted by nobody in these reports",)),
    Question("t5", "Is there a tram?"),
]


def test_a_quote_is_found_on_its_page_and_over_a_page_break(folder: Path) -> None:
    texts = read_pages(sorted(folder.glob("*.pdf")))
    assert places_of("Salaries  rose by FOUR per-\ncent", texts) == {("harbour.pdf", 2)}
    assert places_of(QUESTIONS[2].evidence[0], texts) == {("harbour.pdf", 2), ("harbour.pdf", 3)}
    assert places_of("nowhere", texts) == frozenset()
    whole = "about a hundred, said the board"
    assert places_of(whole, {"a": ["about a hundred others", f"{whole}."]}) == {("a", 2)}
    assert places_of("same line", {"a": ["same line", "x", "same line"]}) == {("a", 1), ("a", 3)}


def test_chunks_cover_the_text_and_know_their_pages() -> None:
    texts = {"a.pdf": ["x" * 1500, "", "y" * 600]}
    assert [(len(text), sorted(piece.places), piece.characters) for text, piece in chunks(texts, across=False)] == [
        (1000, [("a.pdf", 1)], 1000),
        (500, [("a.pdf", 1)], 500),
        (600, [("a.pdf", 3)], 600),
    ]
    across = chunks(texts, across=True)
    assert "".join(text for text, _ in across) == "x" * 1500 + "\n\n" + "y" * 600 + "\n"
    assert [piece.places for _, piece in across] == [
        {("a.pdf", 1)},
        {("a.pdf", 1), ("a.pdf", 2), ("a.pdf", 3)},
        {("a.pdf", 3)},
    ]


def test_the_rank_is_that_of_the_first_piece_on_a_right_page() -> None:
    shown = [Piece(frozenset({("a", 1), ("a", 2)}), 40), Piece(frozenset({("a", 2), ("a", 3)}), 50)]
    assert judge(QUESTIONS[0], frozenset({("a", 3)}), shown) == Outcome("t1", 2, 3, 90, True)
    assert judge(QUESTIONS[0], frozenset({("b", 3)}), shown) == Outcome("t1", None, 3, 90, False)


def test_what_is_beyond_the_first_five_counts_within_the_same_number_of_characters() -> None:
    shown = [Piece(frozenset({("a", n)}), 800) for n in range(1, 9)]
    assert judge(QUESTIONS[0], frozenset({("a", 6)}), shown) == Outcome("t1", 6, 5, 4000, True)  # 4,800 characters
    assert judge(QUESTIONS[0], frozenset({("a", 7)}), shown) == Outcome("t1", 7, 5, 4000, False)


def test_the_figures_of_a_tiny_comparison(folder: Path, tmp_path: Path, hash_encoder: HashEncoder) -> None:
    files = sorted(folder.glob("*.pdf"))
    measured = compare(files, QUESTIONS, hash_encoder, tmp_path / "index")
    assert (measured.files, measured.pages, measured.missing) == (2, 4, ["t4"])  # t5 has no evidence and is not asked
    for system in (PRODUCT, ACROSS, INSIDE):  # so few pieces that all are shown: found but for the one that is nowhere
        assert measured.hits(system) == [True, True, True, False]
        assert measured.figures(system)["page hit@5"].value == 0.75
    assert [o.pages for o in measured.outcomes[INSIDE]] == [4, 4, 4, 4]
    assert measured.outcomes[INSIDE][0].characters == sum(len(t) for of in read_pages(files).values() for t in of)
    assert measured.hits(INSIDE, 1)[:2] == [True, True]
    assert measured.ratio == Estimate(1.0, 4, 1.0, 1.0)
    assert measured.baseline == ACROSS
    assert "2 PDFs, 4 pages, 4 questions" in describe(measured)
    assert json.loads(json.dumps(measured.to_dict()))["ratio"]["value"] == 1.0


def test_a_ratio_of_pairs() -> None:
    two = ratio([1, 1, 0], [1, 0, 0])
    assert (two.value, two.n) == (2.0, 3)
    assert two.low is not None
    assert two.low >= 1.0  # drawn in pairs: never less than the other
    assert ratio([1, 0], [0, 0]) == Estimate(None, 2)


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"id": q.id, "question": q.question, "evidence": list(q.evidence)} for q in QUESTIONS[:4]]
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert main(["pages", str(folder), "--json"]) == 1
    said = capsys.readouterr()
    assert [o["id"] for o in json.loads(said.out)["outcomes"][PRODUCT]] == ["t1", "t2", "t3", "t4"]
    assert said.err.startswith("t4: its evidence is on no page")
    assert main(["pages", str(folder), "--half", "even"]) == 1
    assert "2 PDFs, 4 pages, 2 questions" in capsys.readouterr().out


def test_a_folder_without_pdfs_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pages", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"There are no PDFs in {tmp_path}.\n"


def test_the_evidence_of_every_real_question_is_on_a_page() -> None:
    texts = read_pages(sorted(REAL.glob("*.pdf")))
    assert (len(texts), sum(map(len, texts.values()))) == (5, 170)
    questions = read_questions(REAL / "questions.jsonl")
    assert len(questions) == 95
    for question in questions:
        assert any(places_of(quote, texts) for quote in question.evidence), question.id
