"""Searching an open index: order and range of the scores, filters, and that hits are verbatim and deterministic."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import HashEncoder
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import reports

from index.build import update
from index.embed import SentenceEncoder
from index.fuse import HEADING_BONUS, LEXICAL_SHARE, fuse
from index.search import UNIT_SHARE, Hit, Index
from index.store import IndexProblem, current_build
from ingest.document import Document, Unreadable

MODES = ("fused", "dense", "lexical")


@pytest.fixture(scope="module")
def index(built_index: Path, encoder: SentenceEncoder) -> Index:
    return Index(built_index, encoder)


@pytest.fixture(scope="module")
def animals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of three small reports, in the tests' own encoder."""
    folder = tmp_path_factory.mktemp("animals")
    for name, text in [
        ("cats.txt", "# Cats\n\nThe cat sat on the mat. It was grey.\n\n## Food\n\nCats eat fish.\n"),
        ("dogs.txt", "# Dogs\n\nThe dog ran to the lake. It barked.\n"),
        ("cows.txt", "# Cows\n\nThe cow ate grass near the lake.\n"),
    ]:
        (folder / name).write_text(text)
    update(folder / "index", [folder], HashEncoder())
    return folder / "index"


def check(index: Index, hits: list[Hit]) -> None:
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert len({(h.passage.document, h.passage.start) for h in hits}) == len(hits)
    for hit in hits:
        document = index.document(hit.passage.document)
        assert hit.passage.text == document.text[hit.passage.start : hit.passage.end]
        assert -1e-3 <= hit.score <= 1 + 1e-3
        assert len(hit.units) == len(hit.unit_scores)
        assert all(hit.passage.start <= u.start < u.end <= hit.passage.end for u in hit.units)
        assert all(type(score) is float for score in (hit.score, *hit.unit_scores))


# The 2024 report


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When was the GER 2024 published?", "The GER 2024 was published in August 2024"),
        (
            "Which principles are the activities of ISECG based on?",
            "Its activities are based on the following principles",
        ),
        ("Which agency represents Norway?", "Norwegian Space Agency (NOSA)"),
        ("What does the Commercial Working Group do?", "The CWG will focus on identifying new pathways"),
        ("What happened in May 2007?", "In May 2007, an initial group of 14 space agencies"),
    ],
)
def test_the_passage_that_answers_is_among_the_best_five(index: Index, question: str, words: str) -> None:
    hits = index.search(question, 5)
    check(index, hits)
    assert any(words in hit.passage.text for hit in hits)


@pytest.mark.parametrize("mode", MODES)
def test_each_ranking_alone_finds_a_plain_question_s_passage(index: Index, mode: str) -> None:
    hits = index.search("When was the GER 2024 published?", 5, mode=mode)
    check(index, hits)
    assert "The GER 2024 was published in August 2024" in hits[0].passage.text


def test_a_misspelt_question_finds_the_same(index: Index) -> None:
    good, bad = (index.search(f"What is the {word} document?", 3) for word in ("framework", "framewrok"))
    assert good == bad


def test_ten_hits_by_default_and_as_many_as_asked_for(index: Index) -> None:
    assert len(index.search("exploration")) == 10
    for k in (1, 3, 34, 1000):
        assert len(index.search("exploration", k)) == min(k, len(index.passages))


def test_the_same_question_gives_the_same_hits(index: Index, built_index: Path, encoder: SentenceEncoder) -> None:
    again = Index(built_index, encoder)
    assert again.fingerprint == index.fingerprint
    assert again.search("Who leads ISECG?") == index.search("Who leads ISECG?")


def test_the_acronyms_of_the_reports_are_known(index: Index) -> None:
    assert index.acronyms["TWG"] == "Technology Working Group"


# Scores


def test_the_title_of_the_report_is_no_heading_that_a_question_names(tmp_path: Path, hash_encoder: HashEncoder) -> None:
    text = "# Harbour Report\n\nPrepared by the board.\n\n## Boats\n\nThe harbour has nine boats and two cranes.\n"
    (tmp_path / "harbour.md").write_text(text)
    update(tmp_path / "index", [tmp_path / "harbour.md"], hash_encoder)
    hits = Index(tmp_path / "index", hash_encoder).search("boats in the Harbour Report")
    assert {hit.passage.section[-1]: hit.heading for hit in hits} == {"Boats": 1.0, "Harbour Report": 0.0}


def test_the_fused_score_is_the_weighted_mean_and_the_bonus_for_the_heading() -> None:
    share = LEXICAL_SHARE
    assert fuse({1: 0.8, 2: 0.5}, {2: 0.25, 3: 0.5}, {1: 0.0, 2: 0.5, 4: 1.0}) == {
        1: pytest.approx((1 - share) * 0.8),
        2: pytest.approx((1 - share) * 0.5 + share * 0.25 + HEADING_BONUS * 0.5),
        3: pytest.approx(share * 0.5),
    }
    assert fuse({}, {}, {}) == {}


def test_a_hit_s_scores_follow_from_its_vectors(animals: Path) -> None:
    encoder, question = HashEncoder(), "Where did the dog go?"
    index = Index(animals, encoder)
    hit = index.search(question, 1, mode="dense")[0]
    assert hit.passage.document == "dogs.txt"
    vector = encoder.encode([question])[0]
    whole = float(encoder.encode([hit.passage.searched])[0] @ vector)
    units = encoder.encode(
        [hit.passage.text[u.start - hit.passage.start : u.end - hit.passage.start] for u in hit.units]
    )
    assert np.allclose(hit.unit_scores, units @ vector, atol=1e-5)
    assert hit.score == pytest.approx((1 - UNIT_SHARE) * whole + UNIT_SHARE * max(hit.unit_scores), abs=1e-5)


# Filters


@pytest.mark.parametrize("mode", MODES)
def test_only_the_documents_asked_for(animals: Path, mode: str) -> None:
    index = Index(animals, HashEncoder())
    both = {"cats.txt", "cows.txt"}
    assert {h.passage.document for h in index.search("lake", 10, both, mode)} <= both
    assert {h.passage.document for h in index.search("lake", 10, ["dogs.txt"], mode)} == {"dogs.txt"}
    assert index.search("lake", 10, [], mode) == []
    assert index.search("lake", 10, ["no-such.txt"], mode) == []


def test_a_filter_for_all_documents_changes_nothing(animals: Path) -> None:
    index = Index(animals, HashEncoder())
    assert index.search("the lake", 10, [d.name for d in index.documents]) == index.search("the lake", 10)


def test_an_unknown_document_is_a_key_error(animals: Path) -> None:
    index = Index(animals, HashEncoder())
    assert index.document("cats.txt").title == "Cats"
    with pytest.raises(KeyError):
        index.document("none.txt")


# Opening


def test_another_model_is_refused_with_the_command_that_helps(animals: Path) -> None:
    class Other(HashEncoder):
        name = "other"
        fingerprint = "other-64"

    with pytest.raises(IndexProblem) as caught:
        Index(animals, Other())
    message = str(caught.value)
    assert message.startswith(f"The index in {animals} was made with the model 'hash', not with 'other'; ")
    assert message.endswith(f"python -m ingest --rebuild --model other --index {animals}")


def test_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="There is no index in"):
        Index(tmp_path, HashEncoder())


def test_an_index_that_is_replaced_while_it_is_opened_opens_as_the_newer_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The old cat.\n")
    update(tmp_path / "index", [tmp_path / "a.txt"], HashEncoder())

    class Slow(HashEncoder):
        """Asked for its fingerprint, after the check of the files: at that moment another ingest ends."""

        @property
        def fingerprint(self) -> str:  # type: ignore[override]
            (tmp_path / "a.txt").write_text("The new dog.\n")
            update(tmp_path / "index", [tmp_path / "a.txt"], HashEncoder())
            return "hash-64"

    index = Index(tmp_path / "index", Slow())
    assert [document.text for document in index.documents] == ["The new dog."]
    assert index.is_current()


def test_current_until_there_is_a_newer_build(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The old cat.\n")
    update(tmp_path / "index", [tmp_path / "a.txt"], HashEncoder())
    index = Index(tmp_path / "index", HashEncoder())
    assert index.is_current()
    (tmp_path / "a.txt").write_text("The new dog.\n")
    update(tmp_path / "index", [tmp_path / "a.txt"], HashEncoder())
    assert not index.is_current()
    assert index.search("cat")[0].passage.text == "The old cat."  # the build in hand still answers
    current = current_build(tmp_path / "index")
    assert Index(tmp_path / "index", HashEncoder()).build == current
    (tmp_path / "index" / "CURRENT").unlink()
    assert index.is_current()


# What holds for every report and question


@settings(max_examples=30, deadline=None)
@given(
    source=reports, question=st.text(st.characters(exclude_categories=["Cs"]), max_size=80), mode=st.sampled_from(MODES)
)
def test_any_report_can_be_searched_for_anything(
    tmp_path_factory: pytest.TempPathFactory, source: str, question: str, mode: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.md").write_text(source, "utf-8")
    try:
        update(folder / "index", [folder / "a.md"], HashEncoder())
    except (IndexProblem, Unreadable):
        return
    index = Index(folder / "index", HashEncoder())
    check(index, index.search(question, 5, mode=mode))


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_question_to_the_report(index: Index, question: str) -> None:
    check(index, index.search(question, 10))


def test_several_threads_may_search_at_once(animals: Path, report: Document) -> None:
    index = Index(animals, HashEncoder())
    questions = [f"{word} {report.title}" for word in ("cat mat", "dog lake", "cow grass", "grey fish")]
    expected = [index.search(question) for question in questions]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            assert list(pool.map(index.search, questions)) == expected
