"""Feedback: what may be said of an answer, and that nothing is lost that was confirmed, whenever the server is killed."""

import json
import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest
from browsing import ask, needs_chromium
from conftest import ROOT
from playwright.sync_api import Page, expect
from serving import run_app

import app
from answer.pipeline import Assistant
from answer.reader import CARRIED, open_reader
from chat import words
from chat.feedback import MAX_COMMENT, FeedbackFile, NotTaken, Rating, check, keep
from chat.turns import Desk, Turn, find_turn
from eval.feedback import read_feedback
from index.embed import SentenceEncoder

PUBLISHED = "When was the Global Exploration Roadmap 2024 published?"
LASAGNE = "What is the best recipe for a vegetarian lasagne?"
APPENDER = [sys.executable, str(ROOT / "tests" / "appender.py")]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def turns(built_index: Path, encoder: SentenceEncoder) -> tuple[Turn, ...]:
    """A conversation: an answer, a refusal, a question that could not be asked."""
    desk = Desk(Assistant(built_index, encoder, open_reader(CARRIED)), ratable=True)
    answered = desk.ask(PUBLISHED)
    return answered, desk.ask(LASAGNE, [answered]), desk.ask("why " * 200)


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


def test_each_line_is_on_the_disk_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "feedback.jsonl"
    file = FeedbackFile(path)
    file.append({"comment": "first\nsecond \u2028 \ud800"})
    FeedbackFile(path).append({"comment": "third"})
    assert path.read_bytes() == b'{"comment": "first\\nsecond \\u2028 \\ud800"}\n{"comment": "third"}\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_a_killed_process_left_stays_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    path.write_bytes(b'{"a": 1}\n{"comm')
    FeedbackFile(path).append({"b": 2})
    assert path.read_bytes() == b'{"a": 1}\n{"comm\n{"b": 2}\n'


def test_several_servers_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    children = [subprocess.Popen([*APPENDER, str(path), name, "50"], stdout=PIPE, env=ENVIRONMENT) for name in "abc"]
    for child in children:
        child.communicate()
    assert sorted((row["name"], row["number"]) for row in rows(path)) == [(n, i) for n in "abc" for i in range(50)]


def test_whenever_it_is_killed_no_confirmed_row_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    confirmed: set[tuple[str, int]] = set()
    for life in range(8):
        with subprocess.Popen([*APPENDER, str(path), str(life)], stdout=PIPE, text=True, env=ENVIRONMENT) as child:
            assert child.stdout is not None
            for _ in range(1 + 7 * life):
                confirmed.add((str(life), int(child.stdout.readline())))
            child.send_signal(signal.SIGKILL)
            confirmed |= {(str(life), int(line)) for line in child.stdout}
    found = set()
    for line in path.read_text("ascii").splitlines():
        if line.endswith("}"):
            row = json.loads(line)
            found.add((row["name"], row["number"]))
    assert len(confirmed) >= sum(1 + 7 * life for life in range(8))
    assert confirmed - found == set()


def test_a_row_that_does_not_fit_on_the_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    FeedbackFile(path).append({"a": 1})

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

    done = subprocess.run(
        [*APPENDER, str(path), "x"], env=ENVIRONMENT, preexec_fn=limit, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert path.read_bytes() == b'{"a": 1}\n'


def test_a_rating_is_kept_once_with_all_it_is_about(turns: tuple[Turn, ...], tmp_path: Path) -> None:
    file = FeedbackFile(tmp_path / "feedback.jsonl")
    rated = keep(file, turns, 1, check(turns[1], "down", "said", " it is on p. 3 \ud800 "))
    assert [turn.rated for turn in rated] == [False, True, None]
    assert keep(file, rated, 1, Rating("up")) == rated
    keep(file, rated, 0, check(turns[0], "up"))
    refused, answered = rows(file.path)
    assert (refused["verdict"], refused["reason"], refused["comment"]) == ("down", "said", "it is on p. 3 ?")
    assert (refused["question"], refused["history"], refused["answered"]) == (LASAGNE, [PUBLISHED], False)
    assert (answered["verdict"], answered["reason"], answered["history"]) == ("up", "", [])
    assert "August 2024" in answered["citations"][0]["quote"]  # type: ignore[index]
    said, problems = read_feedback(file.path)
    assert ([one.verdict for one in said], problems) == (["down", "up"], [])


@pytest.mark.parametrize(
    ("turn", "sent"),
    [
        (0, ("sideways",)),
        (0, (None,)),
        (0, ("up", "beside")),  # a reason of the other verdict
        (0, ("down", "said")),  # a reason to doubt a refusal
        (0, ("up", ["exact"])),
        (0, ("up", "", 7)),
        (0, ("up", "", "x" * (MAX_COMMENT + 1))),
        (2, ("up",)),  # it was never asked
    ],
)
def test_what_no_button_sends_is_not_taken(turns: tuple[Turn, ...], turn: int, sent: tuple[object, ...]) -> None:
    with pytest.raises(NotTaken):
        check(turns[turn], *sent)


@pytest.mark.parametrize("key", ["0", "3", "4", "-1", "²", "1.0", None, "", "1" * 5000, {"a": 1}])
def test_a_turn_that_cannot_be_rated_is_not_found(turns: tuple[Turn, ...], key: object) -> None:
    assert find_turn(turns, key) is None


def test_a_file_that_cannot_be_written_costs_the_feedback_not_the_chat(
    tmp_path: Path, built_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = app._parser().parse_args(["--index", str(built_index), "--feedback", str(tmp_path)])
    assert app._feedback_file(arguments) is None
    assert capsys.readouterr().err == (
        f"No feedback is taken: {tmp_path} cannot be written (Is a directory). Name another file with --feedback.\n"
    )


@pytest.mark.parametrize("given", [None, "elsewhere.jsonl"])
def test_by_default_it_lies_beside_the_index(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if given:
        monkeypatch.setenv("ISECG_FEEDBACK", str(tmp_path / given))
    file = app._feedback_file(app._parser().parse_args(["--index", str(tmp_path / "index")]))
    assert file is not None
    assert file.path == tmp_path / (given or "feedback.jsonl")


@needs_chromium
def test_what_the_page_said_was_noted_survives_a_kill_of_the_server(
    page: Page, built_index: Path, tmp_path: Path
) -> None:
    path = tmp_path / "feedback.jsonl"
    with run_app(built_index, "--feedback", str(path)) as chat:
        page.goto(chat.address)
        first, second = ask(page, PUBLISHED), ask(page, LASAGNE)

        no = first.get_by_role("button", name=words.RATE_DOWN)
        dialog = page.get_by_role("dialog", name=words.WHY_DOWN)
        no.click()
        dialog.wait_for()
        page.keyboard.press("Escape")  # thought better of it
        expect(no).to_be_focused()
        assert path.read_bytes() == b""

        page.set_viewport_size({"width": 390, "height": 844})
        no.click()
        dialog.wait_for()
        box = dialog.bounding_box()
        assert box is not None
        assert (box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True)
        dialog.get_by_label(words.REASONS["incomplete"]).check()
        dialog.get_by_label(words.COMMENT).fill("<b>by whom?</b> ${window.hacked=1}\nsecond line")
        dialog.get_by_role("button", name=words.SEND_RATING).click()
        expect(first.get_by_text(words.RATED)).to_be_focused()
        assert first.get_by_role("button", name=words.RATE_UP).count() == 0

        path.rename(tmp_path / "kept.jsonl")
        path.mkdir()  # from now on nothing can be written
        second.get_by_role("button", name=words.RATE_UP).click()
        page.get_by_role("dialog", name=words.WHY_UP).get_by_label(words.COMMENT).fill("a draft that must stay")
        page.get_by_role("button", name=words.SEND_RATING).click()
        page.get_by_role("alert").filter(has_text=words.NOT_KEPT.format(reason="Is a directory")).wait_for()
        assert page.get_by_label(words.COMMENT).input_value() == "a draft that must stay"
        path.rmdir()
        (tmp_path / "kept.jsonl").rename(path)
        page.get_by_role("button", name=words.SEND_RATING).click()
        second.get_by_text(words.RATED).wait_for()
        ask(page, PUBLISHED)
        assert page.locator(".turn").get_by_text(words.RATED).count() == 2  # they stay rated
        chat.kill()
        assert page.evaluate("window.hacked") is None
    incomplete, unsaid = rows(path)
    assert (incomplete["question"], incomplete["verdict"], incomplete["reason"]) == (PUBLISHED, "down", "incomplete")
    assert incomplete["comment"] == "<b>by whom?</b> ${window.hacked=1}\nsecond line"
    assert (unsaid["question"], unsaid["verdict"], unsaid["comment"]) == (LASAGNE, "up", "a draft that must stay")
