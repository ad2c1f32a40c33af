"""The addresses under which the chat serves indexed PDFs and pictures of their pages: by the file's hash, never by a path."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from chat.page_image import Pages
from ingest.document import Unreadable

CACHED = {"cache-control": "private, max-age=3600, immutable"}  # the address holds the hash of what it shows


def pdf_address(sha256: str, page: int) -> str:
    """Where the PDF opens at a page, relative to the chat's own address."""
    return f"report/{sha256}.pdf#page={page}"


def picture_address(sha256: str, page: int) -> str:
    """Where the picture of a page is, relative to the chat's own address."""
    return f"report/{sha256}/{page}.jpg"


def report_routes(pages: Pages) -> list[Route]:
    """The routes that serve `pages`; whatever else is asked for is not there."""

    def pdf(request: Request) -> Response:
        try:
            name, content = pages.file(request.path_params["sha256"])
        except Unreadable as reason:
            return PlainTextResponse(str(reason), 404)
        headers = {"content-disposition": f"inline; filename*=UTF-8''{quote(name)}"}
        return Response(content, media_type="application/pdf", headers=headers)

    def picture(request: Request) -> Response:
        try:
            image = pages.image(request.path_params["sha256"], request.path_params["page"])
        except Unreadable as reason:
            return PlainTextResponse(str(reason), 404)
        return Response(image.jpeg, media_type="image/jpeg", headers=CACHED)

    return [Route("/report/{sha256}.pdf", pdf), Route("/report/{sha256}/{page:int}.jpg", picture)]
