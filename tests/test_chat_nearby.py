"""Questions to ask next: made from the reports' sentences, and only those that the assistant answers from there."""

from pathlib import Path

import pytest
from conftest import HashEncoder

from answer.pipeline import Answer, Assistant
from chat.limits import Limits
from chat.nearby import SHOWN, TRIED, Nearby, candidates
from chat.turns import Desk
from index.build import update
from ingest.document import Document, Section


def document(text: str) -> Document:
    return Document("a.txt", "0" * 64, "Report", 2031, text, (), (Section(("Report",), 0, 0, len(text)),))


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        (
            "The goal of the Technology Working Group is to identify gaps.",
            "What is the goal of the Technology Working Group?",
        ),
        ("The objectives of the SCWG are to provide news.", "What are the objectives of the SCWG?"),
        (
            "The Global Exploration Roadmap was published in August 2024.",
            "When was the Global Exploration Roadmap published?",
        ),
        ("The Space Group (SG) is a forum of agencies.", "What is the Space Group?"),
        ("The ERWG leads the roadmap.", "What does the ERWG lead?"),
        ("NASA aims to land.", "What does NASA aim to do?"),
        ("The IAWG will continue its work.", "What will the IAWG do?"),
        ("It introduces a model.", None),
        ("The roadmap was published.", None),
        ("The Report will be published.", None),
        ("Members of the group met.", None),
    ],
)
def test_a_sentence_becomes_the_question_that_it_answers(sentence: str, question: str | None) -> None:
    found = [c.question for c in candidates(document(sentence), 0, len(sentence))]
    assert found == ([question] if question else [])


@pytest.fixture(scope="module")
def desk(built_index: Path) -> Desk:
    return Desk(Assistant.open(built_index))


@pytest.mark.parametrize(
    "question",
    ["What is the best recipe for a vegetarian lasagne?", "What is the goal of the Technology Working Group?"],
)
def test_every_question_shown_is_answered_and_is_not_the_one_asked(desk: Desk, question: str) -> None:
    turn = desk.ask(question)
    shown = desk.nearby([turn])
    assert 0 < len(shown) <= SHOWN
    assert question not in shown
    for nearby in shown:
        answer = desk.ask(nearby).answer
        assert answer is not None
        assert answer.answered


def test_a_report_without_known_questions_gets_its_own_to_begin_with(tmp_path: Path, hash_encoder: HashEncoder) -> None:
    text = "# Harbour Report 2031\n\n## Pilots\n\nThe Harbour Board is a forum of pilots and engineers in the north.\n"
    (tmp_path / "harbour.md").write_text(text, "utf-8")
    update(tmp_path / "index", [tmp_path / "harbour.md"], hash_encoder)
    desk = Desk(Assistant(tmp_path / "index", hash_encoder))
    assert all(turn.answer and turn.answer.answered for turn in map(desk.ask, desk.suggestions))
    assert not set(desk.suggestions) - {"What is the Harbour Board?"}


def test_nothing_is_asked_while_others_wait_and_never_more_than_a_few(desk: Desk) -> None:
    answer = desk.ask("What is the best recipe for a vegetarian lasagne?").answer
    assert answer is not None
    assert Nearby(lambda question, reports: None).of_answer(answer, []) == ()
    asked: list[str] = []

    def refuse(question: str, reports: object) -> Answer | None:
        asked.append(question)
        return answer

    nearby = Nearby(refuse)
    assert nearby.of_answer(answer, []) == ()
    assert 0 < len(asked) <= TRIED
    count = len(asked)
    nearby.of_answer(answer, [])
    assert len(set(asked)) == len(asked)  # what was found out is remembered
    assert len(asked) <= count + TRIED


def test_questions_to_ask_next_give_way_to_those_that_are_asked(built_index: Path) -> None:
    desk = Desk(Assistant.open(built_index), limits=Limits(rate=1))
    turn = desk.ask("What is the best recipe for a vegetarian lasagne?", client="a")
    with desk.limits.admitted("b"):
        assert desk.nearby([turn]) == ()
    assert desk.nearby([turn]) != ()  # and count for nobody's limit
    assert desk.ask("What is ISECG?", client="c").answer
