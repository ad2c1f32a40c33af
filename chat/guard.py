"""ASGI guard in front of Gradio: own host names, own origin, logins, small requests, and only the paths that are needed."""

import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat import words
from chat.limits import Busy, TooMuch
from chat.logins import Logins

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERY_ADDRESS = ("0.0.0.0", "::", "")
HOST = re.compile(r"(\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?", re.ASCII)  # a Host header: name or address, port
MAX_BODY = 64 * 1024  # bytes; a question has at most a few thousand characters
API = "/api/"
STARTUP = "/gradio_api/startup-events"  # Gradio asks it of itself, without a login, to see that it runs
REALM = 'Basic realm="ISECG report assistant", charset="UTF-8"'
# What the page itself asks for. Gradio serves more (files, a proxy, an editor of its code): all of it unused.
NEEDED = (
    "/report/",
    "/assets/",
    "/static/",
    "/favicon.ico",
    "/manifest.json",
    "/pwa_icon",
    "/robots.txt",
    "/theme.css",
    "/config",
    "/gradio_api/theme.css",
    STARTUP,
    "/gradio_api/info",
    "/gradio_api/app_id",
    "/gradio_api/heartbeat/",
    "/gradio_api/queue/",
    "/gradio_api/reset",
    "/gradio_api/cancel",
)
UPLOADS = "/gradio_api/upload"  # and /gradio_api/upload_progress, where reports may be added
MULTIPART = 4096  # bytes around a file that is uploaded
HEADERS = {
    # Gradio's page has inline scripts, and gr.HTML compiles its script at run time: hence the two "unsafe-" words.
    # What keeps a report's text from becoming markup is blocks.escape; this lets nothing be loaded or sent elsewhere.
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; frame-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'self'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


def is_loopback(host: str) -> bool:
    """Whether a server that listens on `host` is reached from this machine alone."""
    return host.lower() in LOOPBACK or host.startswith("127.")


class Guard:
    """Refuses what does not come from the page itself, and adds security headers to what is served."""

    def __init__(self, app: ASGIApp, host: str, uploads: int = 0, logins: Logins | None = None) -> None:
        """Guard `app`, which listens on `host`; on every address, any host name is as good as another.

        `uploads` is how many bytes a file may have that is added to the reports; 0 where none can be added. With `logins`,
        every path needs one.
        """
        self._app, self._uploads, self._logins = app, uploads, logins
        self._hosts: Collection[str] | None = None if host in EVERY_ADDRESS else {*LOOPBACK, host.lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the reason why not."""
        if scope["type"] == "websocket":  # the page uses none
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # "lifespan"
            return
        app = (
            self._refused_source(scope) or await self._refused_login(scope) or self._refused_request(scope) or self._app
        )

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await app(scope, receive, send_guarded)

    def _refused_source(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        named = HOST.fullmatch(host)
        if named is None or (self._hosts is not None and named[1].strip("[]") not in self._hosts):
            return _refusal(scope, 400, words.NOT_SERVED)
        if headers.get("origin", f"http://{host}").lower() not in (f"http://{host}", f"https://{host}"):
            return _refusal(scope, 403, words.OTHER_ORIGIN)
        return None

    async def _refused_login(self, scope: Scope) -> Response | None:
        if self._logins is None or scope["path"] == STARTUP:
            return None
        client = scope.get("client")
        try:
            if await self._logins.admits(Headers(scope=scope).get("authorization", ""), client[0] if client else ""):
                return None
        except TooMuch as error:
            return _refusal(
                scope,
                503 if isinstance(error, Busy) else 429,
                words.TOO_MANY_TRIES,
                {"retry-after": str(error.seconds)},
            )
        return _refusal(scope, 401, words.LOG_IN, {"www-authenticate": REALM})

    def _refused_request(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        path, most = scope["path"], MAX_BODY
        if self._uploads and path.startswith(UPLOADS):
            most = self._uploads + MULTIPART
        elif path != "/" and not path.startswith((*NEEDED, API)):
            return _refusal(scope, 404, words.NOTHING_HERE)
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdecimal() or int(length) > most:
            return _refusal(scope, 413, words.TOO_LONG)
        return None


def _refusal(scope: Scope, status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    """A sentence that says why not, to a program in JSON."""
    if scope["path"].startswith(API):
        return JSONResponse({"error": sentence}, status, headers)
    return PlainTextResponse(sentence, status, headers)
