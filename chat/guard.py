"""ASGI guard in front of Gradio: own host names, own origin, small requests, and only the paths that the page needs."""

import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERY_ADDRESS = ("0.0.0.0", "::", "")
HOST = re.compile(r"(\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?", re.ASCII)  # a Host header: name or address, port
MAX_BODY = 64 * 1024  # bytes; a question has at most a few thousand characters
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
    "/gradio_api/startup-events",
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


class Guard:
    """Refuses what does not come from the page itself, and adds security headers to what is served."""

    def __init__(self, app: ASGIApp, host: str, uploads: int = 0) -> None:
        """Guard `app`, which listens on `host`; on every address, any host name is as good as another.

        `uploads` is how many bytes a file may have that is added to the reports; 0 where none can be added.
        """
        self._uploads = uploads
        self._app = app
        self._hosts: Collection[str] | None = None if host in EVERY_ADDRESS else {*LOOPBACK, host.lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the reason why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # "lifespan"; the page uses no websocket
            return
        refusal = self._refusal(scope)
        app = PlainTextResponse(refusal[1], refusal[0]) if refusal else self._app

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        named = HOST.fullmatch(host)
        if named is None or (self._hosts is not None and named[1].strip("[]") not in self._hosts):
            return 400, "This address is not served here."
        if headers.get("origin", f"http://{host}").lower() not in (f"http://{host}", f"https://{host}"):
            return 403, "Only the chat's own page may ask."
        path, most = scope["path"], MAX_BODY
        if self._uploads and path.startswith(UPLOADS):
            most = self._uploads + MULTIPART
        elif path != "/" and not path.startswith(NEEDED):
            return 404, "There is nothing here."
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers or not length.isdecimal() or int(length) > most:
            return 413, "The request is too long."
        return None
