"""The endpoints in this process: what cannot be asked, and what is said when it is too much; test_app_serving.py has the rest."""

import json

import pytest
from conftest import REPORT, HashEncoder
from starlette.applications import Starlette
from starlette.testclient import TestClient

from answer.pipeline import Assistant
from answer.weights import NO_WEIGHTS
from chat.api import Api
from chat.limits import Limits
from chat.turns import Desk
from index.build import update


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("index")
    update(folder, [REPORT], HashEncoder())
    return Assistant(folder, HashEncoder(), None, NO_WEIGHTS)


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> TestClient:
    return TestClient(Starlette(routes=Api(Desk(assistant)).routes))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The request is not a JSON object"),
        (b"[1]", "The request is not a JSON object"),
        (b"[" * 10_000, "The request is not a JSON object"),
        (b"{}", "`question` is missing"),
        (b'{"question": 1}', "`question` is missing"),
        (b'{"question": "\\ud800"}', "`question` is missing"),
        (b'{"question": " "}', "The question is empty"),
        (json.dumps({"question": "x" * 501}).encode(), "has 501 characters; at most 500 are read"),
        (b'{"question": "x", "history": "y"}', "`history` must be a list of texts"),
        (b'{"question": "x", "reports": ["../x"]}', "There is no report '../x'"),
        (b'{"question": "x", "receipt": 1}', "`receipt` must be true or false"),
        (b'{"question": "x", "limit": 1}', "There is no field 'limit'"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(client: TestClient, body: bytes, sentence: str) -> None:
    done = client.post("/api/ask", content=body)
    assert done.status_code == 400
    assert done.json().keys() == {"error"}
    assert sentence in done.json()["error"]


def test_an_address_can_ask(client: TestClient) -> None:
    done = client.get("/api/ask?question=Why%3F&history=a&history=b&receipt=true").json()
    assert (done["question"], done["history"], done["receipt"]) == ("Why?", ["a", "b"], 1)
    assert client.get("/api/ask?question=a&receipt=maybe").json() == {"error": "`receipt` must be true or false."}
    assert client.get("/api/ask").json()["error"].startswith("`question` is missing")


def test_too_much_at_once_is_busy(assistant: Assistant) -> None:
    desk = Desk(assistant, limits=Limits(waiting=1))
    with desk.limits.admitted("somebody"):
        done = TestClient(Starlette(routes=Api(desk).routes)).get("/api/ask?question=Why%3F")
        assert (done.status_code, done.headers["retry-after"]) == (503, "2")
        assert done.json() == {"error": "Many people are asking just now. Try again in a moment."}
        assert desk.ask("Why?").problem == "Many people are asking just now. Try again in a moment."
    assert desk.ask("What is ISECG?").answer
