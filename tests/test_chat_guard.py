"""The guard in front of the chat: whom it serves, what it closes, which headers it adds."""

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from chat.guard import MAX_BODY, Guard


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


def test_uploads_are_open_only_where_they_are_allowed_and_as_large_as_allowed() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("taken")(scope, receive, send)

    client = TestClient(Guard(application, "127.0.0.1", uploads=100_000), base_url="http://127.0.0.1")
    assert client.post("/gradio_api/upload", content=b"x" * 100_000).text == "taken"
    assert client.post("/gradio_api/upload", content=b"x" * 110_000).status_code == 413
    assert client.post("/gradio_api/queue/join", content=b"x" * (MAX_BODY + 1)).status_code == 413
