"""The answers as tools of the Model Context Protocol, over standard input and output, for programs that speak it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from answer.provenance import PROGRAM, versions
from chat import words

if TYPE_CHECKING:
    from chat.turns import Desk

T = TypeVar("T")
READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


def build(opening: Future[Desk]) -> MCPServer:
    """A server with the tools `ask` and `list_reports` over the desk that is being opened."""
    server = MCPServer(PROGRAM, version=versions()[PROGRAM], instructions=words.MCP_INSTRUCTIONS, log_level="WARNING")

    @server.tool(description=words.MCP_ASK, annotations=READS)
    def ask(question: str, history: list[str] | None = None, reports: list[str] | None = None) -> dict[str, Any]:
        return _or_sentence(lambda: opening.result().answer(question, history or (), reports or ()).to_dict())

    @server.tool(description=words.MCP_REPORTS, annotations=READS)
    def list_reports() -> list[dict[str, Any]]:
        return _or_sentence(lambda: opening.result().reports())

    return server


def _or_sentence(call: Callable[[], T]) -> T:
    """What `call` gives; what it refuses goes to the program as a sentence."""
    from index.store import IndexProblem

    try:
        return call()
    except (IndexProblem, ValueError) as problem:
        raise ToolError(str(problem)) from problem


def serve(open_desk: Callable[[], Desk]) -> None:
    """Answer until the input ends. The desk is opened meanwhile: a client does not wait long for the first word."""
    with ThreadPoolExecutor(1) as executor:
        build(executor.submit(open_desk)).run("stdio")
