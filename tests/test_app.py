"""The chat without a browser: the command, the desk, the HTML of turns and sources, the guard."""

import html
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from subprocess import PIPE

import pytest
from conftest import REPORT, ROOT
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

import app
from answer.cite import cite
from answer.pipeline import Assistant
from answer.reader import CARRIED
from chat import blocks, render, words
from chat.guard import MAX_BODY, Guard
from chat.page import build_page, launch
from chat.turns import Desk, Source, Turn, find_source
from index.build import update
from index.embed import SentenceEncoder
from ingest.document import Document, Section

SCOPE = """Scope

The scope is broad:

- Open
  - to all
  - <b>always</b>
- Flexible

Norway — NOSA
Poland — POLSA"""
SMALL = Document(
    name="small.txt",
    sha256="0" * 64,
    title="Small Report",
    year=2031,
    text=SCOPE,
    pages=(),
    sections=(Section(("Scope",), 0, 7, len(SCOPE), "4"),),
)


@pytest.fixture(scope="module")
def assistant(built_index: Path) -> Assistant:
    return Assistant.open(built_index)


@pytest.fixture(scope="module")
def desk(assistant: Assistant) -> Desk:
    return Desk(assistant)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Page(HTMLParser):
    """What a browser makes of HTML: tags with their attributes, the text, and the text inside <mark> and <strong>."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = self.marked = self.strong = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        self.marked += data if "mark" in self.open else ""
        self.strong += data if "strong" in self.open else ""

    def values(self, attribute: str) -> list[str | None]:
        return [attributes[attribute] for _, attributes in self.tags if attribute in attributes]


# The command


def test_help_is_given_without_loading_torch_or_gradio() -> None:
    code = "import app\ntry:\n app.main(['--help'])\nexcept SystemExit as end:\n import sys\n"
    code += " print(end.code, {'torch', 'faiss', 'gradio'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 set()"
    assert "--index DIR" in done.stdout


def test_a_port_in_use_is_one_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert app.main(["--port", str(port)]) == 2
    assert capsys.readouterr().err == (
        f"The chat cannot listen on 127.0.0.1, port {port}: Address already in use."
        " Name another with --host or --port.\n"
    )


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "²"])
def test_what_is_not_a_port_is_wrong_usage(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        app.main([f"--port={port}"])
    assert end.value.code == 2
    assert f"{port!r} is not a port" in capsys.readouterr().err


def test_a_missing_index_gives_the_command_that_makes_it(
    tmp_path: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["--index", str(tmp_path / "none"), "--port", str(free_port)]) == 2
    assert capsys.readouterr().err.endswith(f"make it with: python -m ingest --index {tmp_path / 'none'}\n")


def test_a_damaged_index_gives_the_command_that_mends_it(
    tmp_path: Path, built_index: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "index"
    shutil.copytree(built_index, folder)
    (vectors,) = folder.glob("build-*/passages.faiss")
    vectors.write_bytes(vectors.read_bytes()[:-1] + b"\x7f")
    assert app.main(["--index", str(folder), "--port", str(free_port)]) == 2
    error = capsys.readouterr().err
    assert "damaged (passages.faiss was altered)" in error
    assert "python -m ingest --rebuild" in error


def test_the_chat_says_where_it_is_and_ctrl_c_stops_it(built_index: Path, free_port: int) -> None:
    command = [sys.executable, "app.py", "--index", str(built_index), "--port", str(free_port)]
    proxied = os.environ | {"HTTP_PROXY": "http://127.0.0.1:9"}  # a proxy for the world is not asked for this machine
    with subprocess.Popen(command, cwd=ROOT, env=proxied, stdout=PIPE, stderr=PIPE, text=True) as chat:
        assert chat.stdout is not None
        address = f"http://127.0.0.1:{free_port}"
        assert chat.stdout.readline() == f"The chat is at {address} (stop it with Ctrl-C).\n"
        with urllib.request.urlopen(address) as page:
            assert page.status == 200
        chat.send_signal(signal.SIGINT)
        out, err = chat.communicate(timeout=60)
    assert (chat.returncode, out.strip(), err) == (0, "The chat has stopped.", "")


def test_the_page_is_served_on_an_ipv6_address(desk: Desk) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
            port = server.getsockname()[1]
    except OSError:
        pytest.skip("this machine has no IPv6")
    page = build_page(desk)
    address = launch(page, "::1", port)
    with urllib.request.urlopen(address) as response:
        assert (address, response.status) == (f"http://[::1]:{port}", 200)
    page.close(verbose=False)


# Asking

SUGGESTED = {
    "When was the Global Exploration Roadmap 2024 published?": "August 2024",
    "What is the goal of the Technology Working Group?": "to identify and raise awareness on critical technology gaps",
    "What common exploration themes and benefits does the GES identify?": "- A global partnership",
    "Why is the Science White Paper being revised?": "to reflect the updated themes",
    "What is ISECG?": "voluntary, non-binding coordination forum",
}


def test_every_suggested_question_is_answered_rightly(desk: Desk) -> None:
    assert desk.suggestions == words.SUGGESTIONS == tuple(SUGGESTED)
    for question, fact in SUGGESTED.items():
        answer = desk.ask(question).answer
        assert answer is not None
        assert fact in answer.text


def test_each_citation_of_an_answer_can_be_opened(desk: Desk) -> None:
    turn = desk.ask("When was the Global Exploration Roadmap 2024 published?")
    assert turn.answer is not None
    assert tuple(source.citation for source in turn.sources) == turn.answer.citations
    assert all(source.answers for source in turn.sources)


def test_a_refusal_brings_the_nearest_sections_each_once(desk: Desk) -> None:
    turn = desk.ask("What is the best recipe for a vegetarian lasagne?")
    assert turn.answer is not None
    assert turn.answer.refusal
    sections = [source.citation.section for source in turn.sources]
    assert len(sections) == len(set(sections)) == 3
    assert not any(source.answers for source in turn.sources)
    assert turn.sources[0].citation == turn.answer.places[0]


def test_a_question_that_cannot_be_asked_becomes_a_sentence(desk: Desk) -> None:
    turn = desk.ask("why " * 1000)
    assert turn.answer is None
    assert turn.problem == "The question has 3999 characters; at most 500 are read. Shorten it."
    assert "at most 500 are read" in Page(render.conversation([turn], (), desk.documents)).text


def test_a_follow_up_is_understood_from_the_turns_that_were_answered(desk: Desk) -> None:
    earlier = (desk.ask("Was the Critical Technology List updated?"), Turn("x" * 600, problem="too long"))
    answer = desk.ask("In which chapter of the roadmap is it?", earlier).answer
    assert answer is not None
    assert answer.understood_as is not None
    assert "Critical Technology List" in answer.understood_as
    assert "xxx" not in answer.understood_as


def test_a_new_index_is_taken_up_and_old_sources_still_open(tmp_path: Path, encoder: SentenceEncoder) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(REPORT, corpus)
    update(tmp_path / "index", [corpus], encoder)
    desk = Desk(Assistant.open(tmp_path / "index"))
    old = desk.ask("When was the Global Exploration Roadmap 2024 published?")

    (corpus / REPORT.name).unlink()
    (corpus / "invented.md").write_text("# Invented Report 2031\n\nThe invented agency has 31 invented members.\n")
    update(tmp_path / "index", [corpus], encoder)

    new = desk.ask("How many invented members has the invented agency?", (old,), [REPORT.name])  # a filter of before
    assert [document.name for document in desk.documents] == ["invented.md"]
    assert {source.document.name for source in new.sources} == {"invented.md"}
    assert "August 2024" in Page(render.panel((old, new), 0, 0)).marked
    assert "When was the Global Exploration Roadmap 2024 published?" not in desk.suggestions


def test_a_filter_limits_the_reports_asked(tmp_path: Path, encoder: SentenceEncoder) -> None:
    for name, number in (("one", 11), ("two", 22)):
        (tmp_path / f"{name}.md").write_text(
            f"# Report of agency {name}\n\n## Members\n\nThe agency has {number} members.\n"
        )
    update(tmp_path / "index", [tmp_path / "one.md", tmp_path / "two.md"], encoder)
    turn = Desk(Assistant.open(tmp_path / "index", reader=CARRIED)).ask("How many members are there?", (), ["two.md"])
    assert {source.document.name for source in turn.sources} == {"two.md"}


@pytest.mark.parametrize(
    ("key", "found"), [("1-1", (0, 0)), ("2-3", (1, 2)), ("2-4", None), ("3-1", None), ("0-1", None), ("1-0", None)]
)
def test_a_source_is_found_by_its_key(key: str, found: tuple[int, int] | None) -> None:
    source = Source(SMALL, cite(SMALL, 7, 26), answers=True)
    assert find_source([Turn("a", sources=(source,)), Turn("b", sources=(source,) * 3)], key) == found


@given(
    st.one_of(st.none(), st.integers(), st.text(), st.from_regex(r"[-+0-9١²]{1,6}-[-+0-9١²]{1,6}"), st.lists(st.text()))
)
def test_no_key_of_a_browser_finds_what_is_not_there(key: object) -> None:
    turns = [Turn("a", sources=(Source(SMALL, cite(SMALL, 7, 26), answers=True),))]
    found = find_source(turns, key)
    assert found == ((0, 0) if re.fullmatch("0*1-0*1", str(key)[:20]) else None)


# Text as HTML


def test_lists_headings_and_rows_keep_their_form() -> None:
    assert blocks.to_html(SMALL, 0, len(SCOPE)) == (
        '<p dir="auto" class="heading">Scope</p>'
        '<p dir="auto">The scope is broad:</p>'
        '<ul><li dir="auto">Open<ul><li dir="auto">to all</li><li dir="auto">&lt;b&gt;always&lt;/b&gt;</li></ul></li>'
        '<li dir="auto">Flexible</li></ul>'
        '<p dir="auto">Norway — NOSA<br>Poland — POLSA</p>'
    )


def test_a_quote_is_marked_across_blocks_with_its_emphasis_inside() -> None:
    start, end = SCOPE.index("broad"), SCOPE.index("to all") + len("to all")
    emphasis = (SCOPE.index("Open"), SCOPE.index("Open") + 4)
    assert blocks.to_html(SMALL, 7, end, (("mark", (start, end)), ("strong", emphasis))) == (
        '<p dir="auto">The scope is <mark>broad:</mark></p>'
        '<ul><li dir="auto"><mark><strong>Open</strong></mark>'
        '<ul><li dir="auto"><mark>to all</mark></li></ul></li></ul>'
    )


def test_a_quote_that_begins_after_its_list_marker_is_an_item() -> None:
    start = SCOPE.index("to all")
    assert blocks.to_html(SMALL, start, start + 6) == '<ul><li dir="auto">to all</li></ul>'


def test_blocks_outside_the_focus_stand_back() -> None:
    focus = (SCOPE.index("The scope"), SCOPE.index("broad"))
    html_blocks = blocks.to_html(SMALL, 0, SCOPE.index("- Open"), focus=focus)
    assert html_blocks == '<p dir="auto" class="aside heading">Scope</p><p dir="auto">The scope is broad:</p>'


@given(st.data(), st.text(alphabet="ab &<>\"'`${}*[]()!#-\n\u202e\u2066\x00é", max_size=120))
def test_no_text_becomes_markup_and_the_marked_words_are_the_quote(data: st.DataObject, text: str) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    inner = data.draw(st.integers(start, end))
    document = Document("d", "0", "d", None, text, (), (Section(("d",), 0, 0, len(text)),))
    page = Page(blocks.to_html(document, 0, len(text), (("mark", (start, end)), ("strong", (inner, end)))))
    assert {tag for tag, _ in page.tags} <= {"p", "ul", "li", "br", "mark", "strong"}
    assert {name for _, attributes in page.tags for name in attributes} <= {"dir", "class"}
    assert page.open == []

    def seen(a: int, b: int) -> str:
        markers = {i for m in re.finditer(r"(?m)^(?:  )*- ", text) for i in range(*m.span())}
        return blocks.plain("".join(c for i, c in enumerate(text[a:b], a) if i not in markers and c != "\n"))

    assert (page.text, page.marked, page.strong) == (seen(0, len(text)), seen(start, end), seen(inner, end))


def test_characters_that_reorder_text_are_not_shown() -> None:
    assert blocks.escape("a\u202eb\u2066c\u200f\x00\x1b[0m\ud800é <") == "abc[0mé &lt;"


@pytest.mark.parametrize(
    ("text", "short"),
    [("one two", "one two"), ("one two three", "one two …"), ("x" * 12, "x" * 10 + " …"), ("a\n b", "a b")],
)
def test_a_long_text_is_cut_between_words(text: str, short: str) -> None:
    assert blocks.shorten(text, 10) == short


# Turns and sources as HTML


def test_the_panel_marks_exactly_the_quote_in_the_report(desk: Desk) -> None:
    turn = desk.ask("What common exploration themes and benefits does the GES identify?")
    citation = turn.sources[0].citation
    page = Page(render.panel([turn], 0, 0))
    assert page.marked == re.sub(r"\n+(?:- )?", "", citation.quote)
    assert "In May 2007, an initial group of 14 space agencies" in page.text  # the text before
    assert "One of the many Framework document findings" in page.text  # and after
    assert {"2024 Annual Report", "section from p. 15"} <= set(
        re.findall(r">([^<>]+)</(?:h2|p)>", render.panel([turn], 0, 0))
    )


def test_the_panel_of_a_near_section_marks_nothing(desk: Desk) -> None:
    turn = desk.ask("What is the best recipe for a vegetarian lasagne?")
    page = Page(render.panel([turn], 0, 2))
    assert page.marked == ""
    assert words.NEAR_NOTE in page.text
    assert page.values("data-open") == ["1-3"]
    assert page.values("disabled") == [None]  # there is no source after the third


def test_questions_and_reports_are_text_wherever_they_stand() -> None:
    evil = '"><img src=x onerror=alert(1)>\u202e![x](http://203.0.113.7/x)'
    document = Document(evil, "0", evil, None, evil, (), (Section((evil, evil), 0, 0, len(evil), evil),))
    turn = Turn(evil, sources=(Source(document, cite(document, 0, len(evil)), answers=False),), problem=evil)
    for source in (
        render.conversation([turn, Turn(evil)], (evil,), [document]),
        render.conversation([], (evil,), [document]),
        render.panel([turn], 0, 0),
    ):
        page = Page(source)
        assert {tag for tag, _ in page.tags}.isdisjoint({"img", "a", "script", "iframe", "form"})
        assert blocks.plain(evil) in page.text
        assert "\u202e" not in html.unescape(source)


def test_sources_are_numbered_and_named_by_turn(desk: Desk) -> None:
    turns = [desk.ask("What is ISECG?"), desk.ask("What is the best recipe for a vegetarian lasagne?")]
    page = Page(render.conversation(turns, (), desk.documents))
    first = [f"1-{n}" for n in range(1, len(turns[0].sources) + 1)]
    assert page.values("data-source") == [*first, "2-1", "2-2", "2-3"]
    assert page.values("data-copy") == [words.copied(turns[0].answer.citations)] if turns[0].answer else False


@pytest.mark.parametrize(
    ("probability", "sentence"),
    [
        (1.0, "99 % likely to be right"),
        (0.879, "87 % likely to be right"),
        (0.6, "60 % likely to be right"),
        (0.59, "59 % likely to be right: check the source"),
        (0.0, "1 % likely to be right: check the source"),
    ],
)
def test_confidence_is_rounded_down_and_never_certain(probability: float, sentence: str) -> None:
    assert words.confidence(probability) == sentence


def test_reports_are_told_apart_in_the_filter() -> None:
    twin = replace(SMALL, name="twin.txt")
    other = replace(SMALL, title="Report for 2030", year=2030)
    assert words.report_labels([SMALL, twin, other]) == [
        "2031: Small Report (small.txt)",
        "2031: Small Report (twin.txt)",
        "Report for 2030",
    ]
    assert words.count_reports([SMALL]) == "the Small Report"
    assert words.count_reports([SMALL, twin]) == "2 reports (2031)"
    assert words.count_reports([SMALL, twin, other]) == "3 reports (2030–2031)"


def test_a_copied_answer_carries_where_it_stands() -> None:
    assert words.copied([cite(SMALL, 7, 26)]) == "“The scope is broad:”\n— Small Report, Scope, section from p. 4"


# The guard


@pytest.fixture(scope="module")
def guarded() -> TestClient:
    async def served(request: Request) -> Response:
        return PlainTextResponse((await request.body()).decode())

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await (await served(Request(scope, receive)))(scope, receive, send)

    return TestClient(Guard(application, "127.0.0.1"), base_url="http://127.0.0.1:7860")


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "LOCALHOST"])
def test_the_machines_own_names_are_served(guarded: TestClient, host: str) -> None:
    assert guarded.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:7860", "", "[::1", "a]b", "localhost@evil.example"]
)
def test_other_host_names_are_refused(guarded: TestClient, host: str) -> None:
    assert guarded.get("/", headers={"host": host}).status_code == 400


def test_only_the_page_itself_may_post(guarded: TestClient) -> None:
    own = guarded.post("/gradio_api/queue/join", headers={"origin": "http://127.0.0.1:7860"}, content=b"{}")
    assert (own.status_code, own.text) == (200, "{}")
    for origin in ("https://evil.example", "null", "http://127.0.0.1:9999"):
        assert guarded.post("/gradio_api/queue/join", headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/gradio_api/upload", "/gradio_api/file=/etc/passwd", "/gradio_api/proxy=x", "/monitoring"]
)
def test_paths_that_the_page_does_not_need_are_closed(guarded: TestClient, path: str) -> None:
    assert guarded.get(path).status_code == 404


def test_a_long_request_is_refused(guarded: TestClient) -> None:
    assert guarded.post("/gradio_api/queue/join", content=b"x" * MAX_BODY).status_code == 200
    assert guarded.post("/gradio_api/queue/join", content=b"x" * (MAX_BODY + 1)).status_code == 413


def test_what_is_served_may_load_nothing_from_elsewhere(guarded: TestClient) -> None:
    headers = guarded.get("/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert (headers["x-frame-options"], headers["referrer-policy"]) == ("DENY", "no-referrer")
