"""`python app.py` as other programs use it, on real processes: the endpoints, the password, the limits, MCP."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import ROOT
from mcp import Client, StdioServerParameters
from serving import Served, free_port, run_app

from answer.__main__ import main as answer
from answer.pipeline import Assistant
from answer.reader import CARRIED, open_reader
from index.embed import SentenceEncoder

QUESTION = "When was the GER 2024 published?"
LOGIN = ("ann", "a long password")
RATE = 12


@pytest.fixture(scope="module")
def served(built_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A chat that asks for a password and takes RATE questions a minute."""
    logins = tmp_path_factory.mktemp("logins") / "logins"
    command = [sys.executable, "app.py", "--auth-file", str(logins), "--add-login", LOGIN[0]]
    done = subprocess.run(command, cwd=ROOT, input=f"{LOGIN[1]}\n", capture_output=True, text=True, check=True)
    assert done.stdout == f"ann can log in, with --auth-file {logins}, when the chat is started again.\n"
    with run_app(built_index, "--auth-file", str(logins), "--rate", str(RATE), "--read-only") as chat:
        yield chat


@pytest.fixture(scope="module")
def expected(built_index: Path, encoder: SentenceEncoder) -> Assistant:
    return Assistant(built_index, encoder, open_reader(CARRIED))


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.address, auth=LOGIN, timeout=60) as client:
        yield client


def without_time(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "seconds"}


def test_the_endpoint_gives_what_the_terminal_gives(client: httpx.Client, expected: Assistant) -> None:
    history = ["What is the ISECG Annual Report?"]
    for asked, before in ((QUESTION, []), ("and who prepares it?", history)):
        done = client.post("/api/ask", json={"question": asked, "history": before})
        assert done.status_code == 200
        assert without_time(done.json()) == without_time(json.loads(json.dumps(expected.ask(asked, before).to_dict())))
    by_address = client.get("/api/ask", params={"question": "and who prepares it?", "history": history})
    assert without_time(by_address.json()) == without_time(done.json())


def test_a_receipt_out_of_the_endpoint_holds(
    client: httpx.Client, built_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = client.post("/api/ask", json={"question": QUESTION, "receipt": True})
    (tmp_path / "r.json").write_bytes(done.content)
    assert answer(["verify", str(tmp_path / "r.json"), "--index", str(built_index)]) == 0
    assert capsys.readouterr().err == ""


def test_the_reports_are_named(client: httpx.Client) -> None:
    (report,) = client.get("/api/reports").json()
    assert (report["document"], report["year"]) == ("isecg-annual-report-2024.txt", 2024)
    assert client.post("/api/ask", json={"question": QUESTION, "reports": [report["document"]]}).json()["answered"]


def test_without_the_password_nothing_is_served(served: Served) -> None:
    for path in ("/", "/config", "/api/ask", "/gradio_api/queue/data", "/assets/x", "/nothing"):
        done = httpx.get(served.address + path)
        assert (done.status_code, done.headers["www-authenticate"].split()[0]) == (401, "Basic")
    assert httpx.get(f"{served.address}/api/ask").json() == {"error": "Log in with your name and password."}
    began = time.monotonic()
    assert httpx.get(served.address, auth=("ann", "wrong"), timeout=60).status_code == 401
    assert time.monotonic() - began >= 1  # held back
    assert httpx.get(served.address, auth=LOGIN, timeout=60).status_code == 200


def test_what_is_not_there_is_a_sentence(client: httpx.Client) -> None:
    for method, path in (("GET", "/api/none"), ("PUT", "/api/ask"), ("POST", "/api/reports")):
        done = client.request(method, path)
        assert (done.status_code, done.json()["error"][:20]) == (404, "This is not served; ")
    assert client.post("/api/ask", content=b"x" * 65537).json() == {"error": "The request is too long."}
    assert client.get("/api/reports", headers={"origin": "https://evil.example"}).status_code == 403
    assert client.get("/api/reports", headers={"host": "evil.example"}).json() == {
        "error": "This address is not served here."
    }


def test_who_asks_too_often_is_told_when_to_go_on(client: httpx.Client) -> None:
    """The last test of this server: afterwards it takes no question for a minute."""
    for _ in range(RATE + 1):
        done = client.post("/api/ask", json={"question": "What is ISECG?"})
        if done.status_code != 200:
            break
    assert done.status_code == 429
    assert done.json()["error"].startswith(f"You have asked {RATE} questions in a minute")
    assert 0 < int(done.headers["retry-after"]) <= 60


def test_the_tools_of_mcp_give_the_same_answers(built_index: Path, expected: Assistant) -> None:
    async def use() -> None:
        server = StdioServerParameters(
            command=sys.executable, args=["app.py", "--mcp", "--index", str(built_index)], cwd=str(ROOT)
        )
        async with Client(server) as client:
            tools = (await client.list_tools()).tools
            assert [tool.name for tool in tools] == ["ask", "list_reports"]
            assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
            done = await client.call_tool("ask", {"question": QUESTION})
            assert isinstance(done.structured_content, dict)
            assert without_time(done.structured_content) == without_time(
                json.loads(json.dumps(expected.ask(QUESTION).to_dict()))
            )
            done = await client.call_tool("ask", {"question": "Why?", "reports": ["none.pdf"]})
            assert done.is_error
            assert "There is no report 'none.pdf'" in done.content[0].text  # type: ignore[union-attr]
            done = await client.call_tool("list_reports", {})
            assert done.structured_content is not None
            assert done.structured_content["result"][0]["document"] == "isecg-annual-report-2024.txt"

    asyncio.run(use())


def test_mcp_without_an_index_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "app.py", "--mcp", "--index", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"There is no index in {tmp_path}; make it with: python -m ingest --index {tmp_path}\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--auth-file", "/no/logins"], "The logins in /no/logins cannot be read: No such file or directory."),
        (["--add-login", "ann", "--auth-file", "/no/logins"], "The login cannot be written to /no/logins"),
        (["--add-login", "ann"], "--add-login needs --auth-file"),
        (["--rate", "many"], "'many' is not a number of questions"),
    ],
)
def test_what_cannot_be_started_is_named(arguments: list[str], sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "app.py", "--port", str(free_port()), *arguments],
        cwd=ROOT,
        input="a long password\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
