"""What the page's smaller events do: rating an answer, adding a report; page.py has the components and the conversation."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.concurrency import run_in_threadpool

from chat import feedback, rating, upload_view, words
from chat.blocks import plain
from chat.feedback import FeedbackFile, NotTaken
from chat.turns import Conversation, Desk, find_turn
from chat.upload import NotAdded, Uploads

LOOK = 0.3  # seconds between two looks at how far a report is
LOG = logging.getLogger(__name__)


class Ratings:
    """What the rating buttons and their dialog do."""

    def __init__(self, file: FeedbackFile) -> None:
        """Keep ratings in `file`."""
        self._file = file

    def ask_why(self, talk: Conversation, event: gr.EventData) -> str:
        """The dialog that asks for a reason; "" for what no button of the page sends."""
        turns = talk.turns
        number = find_turn(turns, getattr(event, "turn", None))
        if number is None:
            return ""
        try:
            return rating.dialog(
                number + 1, turns[number], feedback.check(turns[number], getattr(event, "verdict", None))
            )
        except NotTaken:
            return ""

    async def keep(self, talk: Conversation, event: gr.EventData) -> tuple[Conversation, str]:
        """Keep a rating; the thanks come only when it is on the disk, else the dialog comes again with the reason."""
        async with talk.lock:
            return talk, await run_in_threadpool(self._keep, talk, event)

    def _keep(self, talk: Conversation, event: gr.EventData) -> str:
        number = find_turn(talk.turns, getattr(event, "turn", None))
        if number is None:
            return ""
        turn = talk.turns[number]
        sent = [getattr(event, name, "") for name in ("verdict", "reason", "comment")]
        try:
            given = feedback.check(turn, *sent)
        except NotTaken as problem:
            LOG.info("not taken: %s", problem)
            return ""
        try:
            talk.turns = feedback.keep(self._file, talk.turns, number, given)
        except OSError as error:
            reason = words.NOT_KEPT.format(reason=error.strerror or error)
            return rating.dialog(number + 1, turn, given, reason)
        return rating.thanks(number + 1)


class Additions:
    """What the button that adds a report does."""

    def __init__(
        self, desk: Desk, uploads: Uploads, reports: Callable[[Conversation, list[str]], tuple[Any, Any]]
    ) -> None:
        """Add by `uploads` to what `desk` asks; `reports(talk, chosen)` shows, when it is done, what there is now."""
        self._desk, self._uploads, self._reports = desk, uploads, reports

    def add(self, path: str | None, talk: Conversation, chosen: list[str]) -> Iterator[tuple[Any, ...]]:
        """Add the report that Gradio has put at `path`; gives the button, what is said of it, conversation and filter."""
        if not path:
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        try:
            adding = self._uploads.start(Path(path), self._desk.documents)
        except NotAdded as problem:
            yield None, upload_view.refusal(plain(Path(path).name), str(problem)), gr.skip(), gr.skip()
            return
        while not adding.ended:
            yield gr.skip(), upload_view.progress(adding), gr.skip(), gr.skip()
            time.sleep(LOOK)
        self._desk.refresh()
        document = next((d for d in self._desk.documents if d.name == adding.name), None)
        yield None, upload_view.outcome(adding, document), *self._reports(talk, chosen)
