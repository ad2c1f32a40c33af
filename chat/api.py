"""The answers over HTTP for other programs: /api/ask and /api/reports, beside the page and behind the same guard.

docs/api.md describes them. Every answer is the contract's JSON; every error is {"error": "one sentence"}.
"""

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from answer.receipt import now, receipt
from chat import words
from chat.limits import Busy, TooMuch
from chat.turns import Desk

Asked = dict[str, Any]
NO_STORE = {"cache-control": "no-store"}
LISTS = ("history", "reports")


class BadRequest(ValueError):
    """A request that cannot be understood; the message says what is wrong."""


class Api:
    """The endpoints over a desk; `routes` are to be served beside the page."""

    def __init__(self, desk: Desk) -> None:
        """Ask at `desk`, as the page does."""
        self._desk = desk
        self.routes = [
            Route("/api/ask", self.ask, methods=["GET", "POST"]),
            Route("/api/reports", self.reports, methods=["GET"]),
            Route("/api/{rest:path}", self.nothing, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        ]

    async def ask(self, request: Request) -> JSONResponse:
        """An answer, or its receipt."""
        try:
            asked = parse(await request.body()) if request.method == "POST" else from_query(request)
            client = request.client.host if request.client else ""
            return JSONResponse(await run_in_threadpool(self._answer, asked, client), headers=NO_STORE)
        except ValueError as error:
            return failure(400, str(error))
        except TooMuch as error:
            return failure(503 if isinstance(error, Busy) else 429, str(error), error.seconds)

    def _answer(self, asked: Asked, client: str) -> dict[str, Any]:
        with self._desk.limits.admitted(client):
            answer = self._desk.answer(asked["question"], asked["history"], asked["reports"])
        return receipt(answer, now()) if asked["receipt"] else answer.to_dict()

    async def reports(self, _: Request) -> JSONResponse:
        """The reports that can be asked."""
        return JSONResponse(await run_in_threadpool(self._desk.reports), headers=NO_STORE)

    async def nothing(self, _: Request) -> JSONResponse:
        """What is asked for in vain, or in a way that is not served."""
        return failure(404, words.API_NOTHING)


def failure(status: int, sentence: str, seconds: int | None = None) -> JSONResponse:
    """An error as the API gives it; `seconds`: when to come again."""
    again = {"retry-after": str(seconds)} if seconds else {}
    return JSONResponse({"error": sentence}, status, NO_STORE | again)


def parse(body: bytes) -> Asked:
    """The question in a request's JSON; raises `BadRequest`."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(words.API_NOT_JSON) from error
    if not isinstance(given, dict):
        raise BadRequest(words.API_NOT_JSON)
    return checked(given)


def from_query(request: Request) -> Asked:
    """The question in an address: `question`, `history` and `reports` (repeatable), `receipt` (true); raises `BadRequest`."""
    given: dict[str, Any] = dict(request.query_params)
    given |= {name: request.query_params.getlist(name) for name in LISTS if name in given}
    if "receipt" in given:
        given["receipt"] = {"true": True, "false": False}.get(given["receipt"])
    return checked(given)


def checked(given: dict[str, Any]) -> Asked:
    """`given` with every field there and of its kind; raises `BadRequest` naming the one that is not."""
    asked: Asked = {"question": None, "history": [], "reports": [], "receipt": False} | given
    unknown = sorted(given.keys() - {"question", "receipt", *LISTS})
    if unknown:
        raise BadRequest(words.API_UNKNOWN.format(field=unknown[0]))
    if not _is_text(asked["question"]):
        raise BadRequest(words.API_NO_QUESTION)
    for name in LISTS:
        if not isinstance(asked[name], list) or not all(map(_is_text, asked[name])):
            raise BadRequest(words.API_NO_LIST.format(field=name))
    if not isinstance(asked["receipt"], bool):
        raise BadRequest(words.API_NO_TRUTH)
    return asked


def _is_text(value: object) -> bool:
    """Whether `value` is text that can be written again: half a character (a lone surrogate) cannot."""
    return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)
