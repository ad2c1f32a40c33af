"""The real report typeset as a PDF gets the same quotes as its text: every dev question that the text answers right."""

import re
from pathlib import Path

import pytest
from conftest import ROOT
from typeset import MEMBERS, Design, typeset_report

from answer.pipeline import Answer, Assistant
from answer.reader import open_reader
from eval.judge import is_right
from eval.predictions import parse
from eval.questions import Question, read_questions
from index.build import update
from index.embed import SentenceEncoder

pytestmark = pytest.mark.timeout(1800)  # some 160 questions, which a busy machine answers in more than the usual limit
QUESTIONS = ROOT / "eval" / "questions" / "dev.jsonl"
LEAST = 0.95  # of the questions answered right on the text
DESIGNS = {
    "two columns": Design(),
    "one ruled column, no outline": Design(columns=1, outline=False, labels=False, justified=False, ruled=True),
}
ROWS = {f"{country} — {agency}" for country, agency in MEMBERS}

Asked = list[tuple[Question, Answer]]


@pytest.fixture(scope="module")
def on_text(built_index: Path, encoder: SentenceEncoder) -> Asked:
    """The questions that are answered right on the text, with their answers."""
    assistant = Assistant(built_index, encoder, open_reader("carried"))
    asked = [(question, ask(assistant, question)) for question in read_questions(QUESTIONS) if question.answerable]
    return [(question, answer) for question, answer in asked if right(question, answer)]


def ask(assistant: Assistant, question: Question) -> Answer:
    return assistant.ask(question.question, question.history)


def right(question: Question, answer: Answer) -> bool:
    return answer.answered and is_right(question, parse({"id": question.id, **answer.to_dict()}))


def bare(text: str) -> str:
    """Letters and digits alone."""
    return re.sub(r"[\W_]+", "", text.casefold())


@pytest.mark.parametrize("design", DESIGNS)
def test_the_same_quotes_as_on_the_text(
    design: str, on_text: Asked, tmp_path: Path, encoder: SentenceEncoder, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    typeset_report(tmp_path / "in" / "isecg-annual-report-2024.pdf", DESIGNS[design])
    update(tmp_path / "index", [tmp_path / "in"], encoder)
    assistant = Assistant(tmp_path / "index", encoder, open_reader("carried"))
    assert len(on_text) > 50
    differ = []
    for question, before in on_text:
        after = ask(assistant, question)
        # the table of members fell apart in the text; the PDF's row is what the text's quote should have been
        a_row = right(question, after) and all(citation.quote in ROWS for citation in after.citations)
        if bare(after.text) != bare(before.text) and not a_row:
            differ.append(f"{question.id} {question.question!r}\n   text: {before.text!r}\n   PDF:  {after.text!r}")
    with capsys.disabled():
        print(f"\n{design}: {len(on_text) - len(differ)} of {len(on_text)} questions get the same quotes")  # noqa: T201
        print("\n".join(differ))  # noqa: T201
    assert len(differ) <= (1 - LEAST) * len(on_text)
    assert (
        assistant.ask("Which agency represents Norway?").citations[0].quote == "Norway — Norwegian Space Agency (NOSA)"
    )
