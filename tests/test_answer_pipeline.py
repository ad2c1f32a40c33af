"""From a question to an Answer: verbatim quotes, citations or a refusal, the contract's fields, a build that changes."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import ROOT, HashEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from answer.pipeline import MAX_QUESTION, READ, REFUSAL_TEXT, SHOWN, Answer, Assistant
from answer.reader import Reading, Span
from answer.select import MOST_QUOTES
from answer.verify import check
from answer.weights import load
from index.build import update
from index.embed import SentenceEncoder
from index.search import Index
from index.store import IndexProblem, current_build
from ingest.document import Document

QUESTIONS = [
    "When was the GER 2024 published?",
    "Which principles are the activities of ISECG based on?",
    "Who prepares the ISECG Annual Report?",
    "Which agency represents Norway?",
    "What is the budget of NASA?",
]
QUESTION = st.one_of(
    st.sampled_from(QUESTIONS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80).filter(lambda text: text.strip() != ""),
    st.lists(st.sampled_from(["ISECG", "who", "2024", "group", '"', "OR", "the", "list", "Moon?"]), min_size=1).map(
        " ".join
    ),
)
LEARNED = load("embeddings")
ALWAYS = replace(LEARNED, threshold=0.0, also=0.0)
NEVER = replace(LEARNED, threshold=2.0)


class FirstWordsReader:
    """A reader that marks the first characters of each context's last lines, across the end of a sentence."""

    threshold = 9.0  # never reached, so that it reads on
    fingerprint = "first words"

    def read(self, question: str, contexts: Sequence[str]) -> list[Reading]:
        found = []
        for context in contexts:
            ends = [at for at in range(1, len(context)) if context[at - 1] in ".\n"] or [len(context) // 2]
            spans = [Span(max(0, at - 20), min(len(context), at + 20), 5.0 - n) for n, at in enumerate(ends[::3])]
            found.append(Reading(spans[0].start, spans[0].end, 5.0, tuple(spans)))
        return found


@pytest.fixture(scope="module")
def always(built_index: Path, encoder: SentenceEncoder) -> Assistant:
    """Answers whatever its confidence."""
    return Assistant(built_index, encoder, None, ALWAYS)


@pytest.fixture(scope="module")
def never(built_index: Path, encoder: SentenceEncoder) -> Assistant:
    """Refuses whatever its confidence."""
    return Assistant(built_index, encoder, None, NEVER)


@pytest.fixture(scope="module")
def usual(built_index: Path, encoder: SentenceEncoder) -> Assistant:
    return Assistant(built_index, encoder, None)


def verbatim(answer: Answer, documents: Sequence[Document]) -> bool:
    """All that the answer shows is the text of `documents`, and of no other version of them."""
    known = {(d.name, d.sha256): d for d in documents}
    texts = {d.name: d.text for d in documents}
    return (
        all((c.document, c.sha256) in known for c in (*answer.citations, *answer.places))
        and all(known[c.document, c.sha256].text[c.start : c.end] == c.quote for c in answer.citations)
        and all(known[c.document, c.sha256].text[c.start : c.end] == c.quote for c in answer.places)
        and all(texts[h.passage.document][h.passage.start : h.passage.end] == h.passage.text for h in answer.passages)
        and answer.text == ("\n\n".join(c.quote for c in answer.citations) or REFUSAL_TEXT)
    )


def holds(answer: Answer, documents: Sequence[Document]) -> None:
    """Everything that is promised of every answer."""
    assert verbatim(answer, documents)
    assert bool(answer.citations) != bool(answer.refusal)
    assert answer.answered == bool(answer.citations)
    assert 0 <= answer.confidence <= 1
    assert len(answer.citations) <= MOST_QUOTES
    assert len(answer.passages) == len(answer.places) <= SHOWN
    spans = sorted((c.document, c.start, c.end) for c in answer.citations)
    assert all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(spans))
    for citation in answer.citations:
        assert (
            citation.emphasis is None or citation.start <= citation.emphasis[0] < citation.emphasis[1] <= citation.end
        )
    assert check([answer.to_dict()], {d.name: d for d in documents})[1] == []


# Answers and refusals


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When was the GER 2024 published?", "The GER 2024 was published in August 2024"),
        ("Which principles are the activities of ISECG based on?", "- Open and inclusive"),
    ],
)
def test_plain_questions_are_answered_in_the_report_s_words(usual: Assistant, question: str, words: str) -> None:
    answer = usual.ask(question)
    holds(answer, usual.documents)
    assert answer.answered
    assert words in answer.text


@pytest.mark.parametrize("question", ["What is the best recipe for pancakes?", "Who won the football match on Sunday?"])
def test_what_the_report_does_not_say_is_refused(usual: Assistant, question: str) -> None:
    answer = usual.ask(question)
    holds(answer, usual.documents)
    assert (answer.answered, answer.citations, answer.text) == (False, (), "The reports do not say.")
    assert answer.refusal is not None
    assert answer.refusal.startswith("No passage answers this surely enough: the best reaches 0.")
    assert len(answer.passages) == SHOWN


def test_a_citation_says_where_its_quote_stands(always: Assistant) -> None:
    citations = always.ask("When was the GER 2024 published?").citations
    (citation,) = [c for c in citations if "The GER 2024 was published" in c.quote]
    assert citation.document == "isecg-annual-report-2024.txt"
    assert citation.title == "2024 Annual Report"
    assert citation.section == (
        "Highlights, Achievements, and Special Projects in 2024",
        "The 2024 Global Exploration Roadmap",
    )
    assert (citation.page, citation.page_label, citation.place) == (None, None, "section from p. 4")


def test_an_answer_is_citations_or_a_refusal_never_both_never_neither(always: Assistant, never: Assistant) -> None:
    answered, refused = always.ask(QUESTIONS[0]), never.ask(QUESTIONS[0])
    for both_or_neither in ({"refusal": "why"}, {"citations": ()}, {"refusal": ""} | {"citations": ()}):
        with pytest.raises(ValueError, match="never both, never neither"):
            replace(answered, **both_or_neither)
    with pytest.raises(ValueError, match="never both, never neither"):
        replace(refused, citations=answered.citations)


def test_the_threshold_decides_and_the_confidence_is_the_same_either_way(always: Assistant, never: Assistant) -> None:
    for question in QUESTIONS:
        answered, refused = always.ask(question), never.ask(question)
        assert (answered.answered, refused.answered) == (True, False)
        assert answered.confidence == refused.confidence
        assert answered.passages == refused.passages


def test_the_same_question_has_the_same_answer(usual: Assistant) -> None:
    one, two = usual.ask(QUESTIONS[0]), usual.ask(QUESTIONS[0])
    assert replace(one, seconds=0.0) == replace(two, seconds=0.0)


def test_only_the_reports_asked_for(always: Assistant) -> None:
    (name,) = [d.name for d in always.documents]
    assert replace(always.ask(QUESTIONS[0], documents=[name]), seconds=0.0) == replace(
        always.ask(QUESTIONS[0]), seconds=0.0
    )
    for documents in ([], ["other.txt"]):
        answer = always.ask(QUESTIONS[0], documents=documents)
        holds(answer, always.documents)
        assert answer.refusal == "None of the reports asked has a passage near this question."
        assert (answer.confidence, answer.passages) == (0.0, ())


# The question


@pytest.mark.parametrize("question", ["", "   ", "\n\t", "\u2003"])
def test_an_empty_question_is_refused_in_words(usual: Assistant, question: str) -> None:
    with pytest.raises(ValueError, match=r"^The question is empty; type one\.$"):
        usual.ask(question)


def test_a_question_that_is_too_long_is_refused_in_words(usual: Assistant) -> None:
    assert usual.ask("a" * MAX_QUESTION).question == "a" * MAX_QUESTION
    assert usual.ask(" a  " * (MAX_QUESTION // 2)).understood_as is None
    with pytest.raises(ValueError, match=r"^The question has 501 characters; at most 500 are read\. Shorten it\.$"):
        usual.ask("a" * (MAX_QUESTION + 1))


@pytest.mark.parametrize("question", ["\ud800", "Who is \udcff?", "Who prepares the report?\ud83d"])
def test_half_a_character_in_a_question_harms_nothing(usual: Assistant, question: str) -> None:
    """A terminal that is not UTF-8, or a program, can send what is no whole character."""
    answer = usual.ask(question)
    holds(answer, usual.documents)
    assert json.dumps(answer.to_dict(), ensure_ascii=False).encode("utf-8")


def test_an_elliptical_question_is_made_whole_and_says_so(always: Assistant) -> None:
    answer = always.ask("and who prepares it?", ["What is the ISECG Annual Report?"])
    holds(answer, always.documents)
    assert answer.question == "and who prepares it?"
    assert answer.understood_as is not None
    assert "ISECG Annual Report" in answer.understood_as
    assert always.ask("Who prepares the ISECG Annual Report?", ["Hello?"]).understood_as is None
    assert always.ask("Who prepares the ISECG Annual Report?").understood_as is None


def test_a_mended_spelling_is_shown(always: Assistant) -> None:
    assert always.ask("Who prepares the anual report?").understood_as == "Who prepares the annual report?"


@pytest.mark.parametrize("history", [["", "  "], ["a" * 10_000], ["?"] * 50, ["\0", "“"], ["What is the GER?"] * 3])
def test_any_history_is_taken(always: Assistant, history: list[str]) -> None:
    holds(always.ask("why?", history), always.documents)


# The contract


def test_an_answer_as_json_is_what_the_contract_says(always: Assistant) -> None:
    row = always.ask(QUESTIONS[1]).to_dict()
    assert json.loads(json.dumps(row)) == row
    types = {
        "question": str,
        "understood_as": type(None),
        "years": list,
        "answered": bool,
        "text": str,
        "confidence": float,
        "refusal": type(None),
        "citations": list,
        "passages": list,
        "seconds": float,
    }
    assert {name: type(value) for name, value in row.items()} == types
    assert row["question"] == QUESTIONS[1]
    for citation in row["citations"]:
        assert {
            "document",
            "sha256",
            "title",
            "section",
            "page",
            "page_label",
            "start",
            "end",
            "quote",
        } <= citation.keys()
        assert type(citation["section"]) is list
    assert len(row["passages"]) == SHOWN
    text = always.documents[0].text
    for passage in row["passages"]:
        assert passage.keys() == {
            "document",
            "section",
            "page",
            "page_label",
            "section_page",
            "start",
            "end",
            "text",
            "score",
        }
        assert passage["text"] == text[passage["start"] : passage["end"]]
    assert [p["score"] for p in row["passages"]] == sorted((p["score"] for p in row["passages"]), reverse=True)


def test_a_refusal_as_json_is_what_the_contract_says(never: Assistant) -> None:
    row = never.ask(QUESTIONS[1]).to_dict()
    assert (row["answered"], row["citations"], row["text"]) == (False, [], "The reports do not say.")
    assert type(row["refusal"]) is str
    assert 0 < row["confidence"] <= 1
    assert len(row["passages"]) == SHOWN


# What holds for every question


@settings(max_examples=40, deadline=None)
@given(question=QUESTION, history=st.lists(QUESTION, max_size=2))
def test_every_answer_is_verbatim(always: Assistant, question: str, history: list[str]) -> None:
    answer = always.ask(question, history)
    holds(answer, always.documents)
    assert answer.answered


@settings(max_examples=20, deadline=None)
@given(question=QUESTION)
def test_every_usual_answer_and_refusal_holds(usual: Assistant, question: str) -> None:
    holds(usual.ask(question), usual.documents)


@settings(max_examples=20, deadline=None)
@given(question=QUESTION)
def test_whatever_a_reader_marks_the_quote_holds_it(built_index: Path, encoder: SentenceEncoder, question: str) -> None:
    weights = replace(load("reader"), threshold=0.0, also=0.0)
    reading = Assistant(built_index, encoder, FirstWordsReader(), weights)
    holds(reading.ask(question), reading.documents)


def test_the_reader_reads_the_best_passages_only(built_index: Path, encoder: SentenceEncoder) -> None:
    seen: list[str] = []

    class Noting(FirstWordsReader):
        def read(self, question: str, contexts: Sequence[str]) -> list[Reading]:
            seen.extend(contexts)
            return super().read(question, contexts)

    answer = Assistant(built_index, encoder, Noting()).ask(QUESTIONS[0])
    assert seen == [hit.passage.read for hit in answer.passages[:READ]]


def test_what_the_reader_finds_an_answer_in_comes_first(built_index: Path, encoder: SentenceEncoder) -> None:
    """Of the five that are read, the three best can be quoted: the last by search comes first when only it answers."""

    class Choosy(FirstWordsReader):
        def read(self, question: str, contexts: Sequence[str]) -> list[Reading]:
            return [
                replace(r, score=60.0 if c == wanted else 0.0)
                for r, c in zip(super().read(question, contexts), contexts, strict=True)
            ]

    searched = [hit.passage for hit in Assistant(built_index, encoder, None).look_up(QUESTIONS[0]).hits[:READ]]
    wanted = searched[-1].read
    candidates = Assistant(built_index, encoder, Choosy()).look_up(QUESTIONS[0]).candidates
    by_rank = {c.rank: c.hit.passage for c in candidates}
    assert by_rank == dict(enumerate([searched[-1], *searched[:2]]))


# A build that changes


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a.txt").write_text("# Animals\n\nThe cat sat on the mat. It was grey.\n")
    update(tmp_path / "index", [tmp_path / "reports"], HashEncoder())
    return tmp_path / "reports"


def change(reports: Path, text: str) -> None:
    (reports / "a.txt").write_text(f"# Animals\n\n{text}\n")
    update(reports.with_name("index"), [reports], HashEncoder())


def open_on(reports: Path) -> Assistant:
    return Assistant(reports.with_name("index"), HashEncoder(), None, ALWAYS)


def test_a_newer_build_is_taken_up_when_refreshed(reports: Path) -> None:
    running = open_on(reports)
    assert running.refresh() is False
    change(reports, "A dog sat on the mat. It was black.")
    assert "The cat sat" in running.ask("Who sat on the mat?").text
    assert running.refresh() is True
    assert "A dog sat" in running.ask("Who sat on the mat?").text
    assert running.refresh() is False


def test_a_new_report_can_be_asked_after_a_refresh(reports: Path) -> None:
    running = open_on(reports)
    (reports / "b.txt").write_text("# Plants\n\nThe oak grew by the river.\n")
    update(reports.with_name("index"), [reports], HashEncoder())
    assert running.refresh()
    assert [d.name for d in running.documents] == ["a.txt", "b.txt"]
    answer = running.ask("What grew by the river?")
    assert answer.citations[0].document == "b.txt"
    holds(answer, running.documents)


@pytest.mark.parametrize("damage", ["file", "manifest", "pointer", "model", "gone"])
def test_a_newer_build_that_cannot_be_used_is_left_and_the_old_one_answers(reports: Path, damage: str) -> None:
    folder = reports.with_name("index")
    running = open_on(reports)
    change(reports, "A dog sat on the mat.")
    build = current_build(folder)
    assert build is not None
    if damage == "file":
        (build / "units.faiss").write_bytes(b"damage")
    elif damage == "manifest":
        (build / "manifest.json").write_text("{")
    elif damage == "pointer":
        (folder / "CURRENT").write_bytes(b"\xff")
    elif damage == "model":
        update(folder, [reports], OtherEncoder(), rebuild=True)
    else:
        (folder / "CURRENT").unlink()
    assert running.refresh() is False
    answer = running.ask("Who sat on the mat?")
    holds(answer, running.documents)
    assert "The cat sat" in answer.text


class OtherEncoder(HashEncoder):
    """Another model."""

    name = "other"
    fingerprint = "other-64"


REBUILD = """
import sys
from pathlib import Path
from conftest import HashEncoder
from index.build import update
reports, index = Path(sys.argv[1]), Path(sys.argv[2])
for n in range(40):
    (reports / "a.txt").write_text(f"# Animals\\n\\n{'A long line. ' * (n % 5)}The animal number {n} sat on the mat.\\n")
    update(index, [reports], HashEncoder())
"""


def test_it_keeps_answering_while_another_process_rebuilds(reports: Path) -> None:
    """A second process writes 40 builds; each answer is of one build, whole, and the last build is taken up."""
    running = open_on(reports)
    with subprocess.Popen(
        [sys.executable, "-c", REBUILD, str(reports), str(reports.with_name("index"))],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
    ) as other:
        taken_up = 0
        while other.poll() is None:
            taken_up += running.refresh()
            answer = running.ask("Which animal sat on the mat?")
            holds(answer, running.documents)
            assert "sat on the mat." in answer.text
    assert other.returncode == 0
    assert taken_up > 1
    running.refresh()
    assert "The animal number 39 sat on the mat." in running.ask("Which animal sat on the mat?").text


def test_an_answer_comes_from_one_build_when_another_is_taken_up_meanwhile(reports: Path) -> None:
    """Several people ask at once: one person's question may take up a new build in the midst of another's answer."""
    old = Index(reports.with_name("index"), HashEncoder())
    change(reports, "Something quite different is written here. A dog lay on the sofa all day.")
    new = Index(reports.with_name("index"), HashEncoder())

    class Restless(Assistant):
        """Each look at the index finds the other build."""

        looks = 0

        @property
        def index(self) -> Index:
            self.looks += 1
            return (old, new)[self.looks % 2]

        @index.setter
        def index(self, index: Index) -> None:
            pass

    restless = Restless(reports.with_name("index"), HashEncoder(), None, ALWAYS)
    for _ in range(2):
        answer = restless.ask("Who sat on the mat?")
        assert verbatim(answer, old.documents) or verbatim(answer, new.documents)
        restless.looks += 1


def test_no_index_is_refused_when_opened(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="There is no index in"):
        Assistant(tmp_path, HashEncoder())
