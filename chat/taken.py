"""The page's gr.Blocks, but what a browser says it uploaded is looked at first: Gradio would fetch a file from any address."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from chat import words
from chat.inbox import Inbox


class Page(gr.Blocks):
    """Takes no file in an event but one that was uploaded into the inbox; without an inbox, none."""

    inbox: Inbox | None = None

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *rest: Any, **named: Any) -> list[Any]:
        """As Gradio does it, which for a file that lies elsewhere would ask a web server, or copy what it finds."""
        if not all(self.inbox and self.inbox.holds(Path(path)) for path in _paths(inputs)):
            raise gr.Error(words.UPLOAD_FORGED, print_exception=False)
        try:
            return list(await super().preprocess_data(block_fn, inputs, *rest, **named))
        except gr.Error as error:  # a report that the page does not offer, for one: the log needs no traceback of that
            error.print_exception = False
            raise


def _paths(value: object) -> Iterator[str]:
    """What Gradio could take for the path of a file, anywhere in what a browser sent."""
    if isinstance(value, dict) and isinstance(value.get("path"), str):
        yield value["path"]
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _paths(part)
