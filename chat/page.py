"""The page: its Gradio components and what happens on each event; render.py and panel.py make the HTML, page.css the looks.

The conversation is a gr.HTML, not a gr.Chatbot, which would read messages as Markdown: a report's text is never markup.
"""

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from answer.receipt import now
from chat import limits, panel, render, words
from chat.blocks import plain
from chat.export import conversation_file, receipt_file
from chat.feedback import FeedbackFile
from chat.guard import Guard
from chat.logins import Logins
from chat.page_extras import Additions, Ratings
from chat.sheets import has_pages, open_sheets
from chat.taken import Page
from chat.turns import Conversation, Desk, Turn, find_source, find_turn
from chat.upload import Uploads
from ingest.document import Unreadable

HERE = Path(__file__).parent
CSS = (HERE / "page.css").read_text("utf-8")
BRIDGE = (HERE / "bridge.js").read_text("utf-8")
OUTBOX = (HERE / "outbox.js").read_text("utf-8")
RATING = (HERE / "rating.js").read_text("utf-8")
UPLOAD = (HERE / "upload.js").read_text("utf-8")
FAVICON = HERE / "favicon.svg"
THEME = gr.themes.Base(font=["sans-serif"], font_mono=["monospace"])  # no font is fetched; page.css names local ones

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
WAITING = 100  # events that wait for their turn; Gradio's page says "busy" to the next
# None dropped: these events read a tab's turns and may write them, one after the other, by the lock of its conversation.
# More of them run than questions may wait, so that it is chat/limits.py that refuses one, with a sentence in the page.
AT_ONCE = limits.WAITING + 4
IN_ORDER: dict[str, Any] = QUIET | {"concurrency_id": "turns", "concurrency_limit": AT_ONCE, "trigger_mode": "multiple"}
# Questions to ask next are looked for when the answer is there, and hold up nobody.
AFTERWARDS: dict[str, Any] = QUIET | {"concurrency_id": "nearby", "concurrency_limit": 1}

# The second who adds a report at the same time is told so: it does not wait unseen.
UPLOADING: dict[str, Any] = QUIET | {"concurrency_id": "uploads", "concurrency_limit": 8, "trigger_mode": "once"}
TABS = 100  # whose conversations are kept, at some 0.6 MB each; of more, those used least recently are forgotten
# Gradio keeps what each of 10,000 events took, and sums them up after each: memory that fills for hours, and time.
NO_STATISTICS = {"GRADIO_ANALYTICS_MAX_EVENTS": "100", "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9)}
UPLOADS_TIDIED = (3600, 86400)  # seconds: every hour, Gradio removes uploads that a failure left for a day


def build_page(desk: Desk, feedback_file: FeedbackFile | None = None, uploads: Uploads | None = None) -> gr.Blocks:
    """The chat over `desk`. A tab's conversation is kept in its gr.State, on the server; nothing else is remembered, but for
    what is said of answers in `feedback_file`, which goes with a desk that is `ratable`, and reports added by `uploads`.
    """
    if uploads is not None:
        os.environ["GRADIO_TEMP_DIR"] = str(uploads.inbox.folder)  # where Gradio puts what is uploaded to it
    os.environ.update(NO_STATISTICS)
    page = Page(title=words.TITLE, fill_width=True, analytics_enabled=False, delete_cache=UPLOADS_TIDIED)
    page.inbox = uploads.inbox if uploads else None
    with page:
        talk = gr.State(Conversation())
        with gr.Row(elem_id="top"):
            top = gr.HTML(render.header(), apply_default_css=False, js_on_load=BRIDGE)
            add = gr.UploadButton(words.ADD, elem_id="add", size="sm", scale=0, visible=uploads is not None)
            new = gr.Button(words.NEW, elem_id="new", size="sm", scale=0)
        adding = gr.HTML(elem_id="adding", apply_default_css=False, js_on_load=UPLOAD)
        with gr.Row(elem_id="panes"):
            with gr.Column(elem_id="talk"):
                log = gr.HTML(elem_id="log", apply_default_css=False, js_on_load=BRIDGE)
                reports = gr.Dropdown([], multiselect=True, label=words.REPORTS, visible=False, elem_id="reports")
                more = gr.HTML(elem_id="more", apply_default_css=False, js_on_load=BRIDGE)
                question = gr.Textbox(
                    label=words.QUESTION,
                    show_label=False,
                    placeholder=words.PLACEHOLDER,
                    submit_btn=words.SEND,
                    max_lines=5,
                    autofocus=True,
                    elem_id="question",
                )
            with gr.Column(elem_id="source"):
                source = gr.HTML(panel.empty(), apply_default_css=False, js_on_load=BRIDGE)

        why = gr.HTML(elem_id="why", apply_default_css=False, js_on_load=RATING)

        outbox = gr.HTML(elem_id="outbox", apply_default_css=False, js_on_load=OUTBOX)

        on = _Events(desk)
        shown = [talk, log, question, reports, more]
        for asked in (
            page.load(on.load, talk, shown, **IN_ORDER),
            question.submit(on.ask, [question, talk, reports], shown, **IN_ORDER),
            log.ask(on.ask_suggestion, [talk, reports], shown, **IN_ORDER),
            more.ask(on.ask_suggestion, [talk, reports], shown, **IN_ORDER),
        ):
            asked.then(on.nearby, talk, more, **AFTERWARDS)
        log.years(on.by_year, talk, shown, **IN_ORDER)
        log.receipt(on.receipt, talk, outbox, **QUIET)
        top.save(on.save, talk, outbox, **QUIET)
        log.cite(on.cite, talk, source, **QUIET)
        source.cite(on.cite, talk, source, **QUIET)
        new.click(on.clear, talk, [talk, log, source, more], **IN_ORDER)
        if uploads is not None:
            inputs: list[Any] = [add, talk, reports]
            add.upload(Additions(desk, uploads, on.reports).add, inputs, [add, adding, log, reports], **UPLOADING)
            adding.dismiss(lambda: "", None, adding, **QUIET)
        if feedback_file is not None:
            said = Ratings(feedback_file)
            why.rate(said.ask_why, talk, why, **QUIET)
            why.send(said.keep, talk, [talk, why], **IN_ORDER)
    page.queue(max_size=WAITING)
    return page


class _Events:
    """What each event of the page does. Event data comes from the browser, so it may be anything."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def load(self, talk: Conversation, request: gr.Request) -> AsyncIterator[tuple[Any, ...]]:
        """Show the page, and ask the question that its address holds, as a copied link does (export.link)."""
        await run_in_threadpool(self._desk.refresh)
        given = request.query_params
        reports = [value for name, value in given.multi_items() if name == "report"]
        yield gr.skip(), self._conversation(talk.turns), gr.skip(), self._filter(reports), gr.skip()
        if not talk.turns:
            async for shown in self.ask(given.get("q", ""), talk, reports, request):
                yield shown

    async def ask(
        self, text: str | None, talk: Conversation, chosen: list[str], request: gr.Request
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Show the question at once, then its answer; gives turns, conversation, question box, filter, next questions."""
        if not text or not text.strip():
            yield (gr.skip(),) * 5
            return
        yield gr.skip(), gr.skip(), "", gr.skip(), gr.skip()  # at once: what is typed meanwhile must not be emptied
        async with talk.lock:
            yield gr.skip(), self._conversation((*talk.turns, Turn(text))), gr.skip(), gr.skip(), ""
            turn = await run_in_threadpool(self._desk.ask, text, talk.turns, chosen, _client(request))
            talk.turns = (*talk.turns, turn)
            yield talk, self._conversation(talk.turns), gr.skip(), self._filter(chosen), gr.skip()

    def nearby(self, talk: Conversation) -> str:
        turns = talk.turns
        answered = any(turn.answer is not None and turn.answer.answered for turn in turns[-1:])
        return render.next_questions(self._desk.nearby(turns), answered)

    async def by_year(
        self, talk: Conversation, event: gr.EventData, request: gr.Request
    ) -> AsyncIterator[tuple[Any, ...]]:
        async with talk.lock:
            turns = talk.turns
            number = find_turn(turns, getattr(event, "turn", None))
            if number is None:
                yield (gr.skip(),) * 5
                return
            yield gr.skip(), self._conversation((*turns, Turn(turns[number].question))), gr.skip(), gr.skip(), ""
            talk.turns = (*turns, await run_in_threadpool(self._desk.by_year, turns[number], _client(request)))
            yield talk, self._conversation(talk.turns), gr.skip(), gr.skip(), gr.skip()

    def receipt(self, talk: Conversation, event: gr.EventData) -> str:
        number = find_turn(talk.turns, getattr(event, "turn", None))
        return render.outbox(None if number is None else receipt_file(talk.turns[number], now()))

    def save(self, talk: Conversation, event: gr.EventData) -> str:
        return render.outbox(conversation_file(talk.turns, getattr(event, "kind", None), now()))

    async def ask_suggestion(
        self, talk: Conversation, chosen: list[str], event: gr.EventData, request: gr.Request
    ) -> AsyncIterator[tuple[Any, ...]]:
        async for shown in self.ask(str(getattr(event, "question", "")), talk, chosen, request):
            yield shown

    def cite(self, talk: Conversation, event: gr.EventData) -> str:
        """Open a source; `view` is the panel's TEXT where the person prefers it, `page` another page of the PDF."""
        turns = talk.turns
        found = find_source(turns, getattr(event, "source", None))
        if found is None:
            return panel.gone()
        source = turns[found[0]].sources[found[1]]
        if not has_pages(source) or getattr(event, "view", None) == panel.TEXT:
            return panel.panel(turns, *found)
        page = getattr(event, "page", None)
        try:
            sheets = open_sheets(self._desk.pages, source, page if isinstance(page, int) else None)
        except Unreadable as reason:
            return panel.panel(turns, *found, problem=str(reason))
        return panel.panel(turns, *found, sheets)

    async def clear(self, talk: Conversation) -> tuple[Conversation, str, str, str]:
        async with talk.lock:
            talk.turns = ()
        return talk, self._conversation(()), panel.empty(), ""

    def reports(self, talk: Conversation, chosen: Sequence[str]) -> tuple[Any, Any]:
        """What changes in the page when there is another report: the welcome, where it is still shown, and the filter."""
        return gr.skip() if talk.turns else self._conversation(()), self._filter(chosen)

    def _conversation(self, turns: Sequence[Turn]) -> str:
        return render.conversation(turns, self._desk.suggestions, self._desk.documents)

    def _filter(self, chosen: Sequence[str]) -> dict[str, Any]:
        """The filter over the reports at hand, newest first; it shows as soon as there is more than one."""
        newest_first = sorted(self._desk.documents, key=lambda d: (-(d.year or 0), d.title))
        known = [d.name for d in newest_first]
        labels = [plain(label) for label in words.report_labels(newest_first)]
        return gr.update(
            choices=list(zip(labels, known, strict=True)),
            value=[name for name in chosen if name in known],
            visible=len(known) > 1,
        )


def _client(request: gr.Request) -> str:
    """Who asks, for the limits: an address."""
    return str(request.client.host) if request.client else ""


def launch(
    page: gr.Blocks,
    host: str,
    port: int,
    routes: Sequence[BaseRoute] = (),
    uploads: int = 0,
    logins: Logins | None = None,
) -> str:
    """Serve `page`, and `routes` beside it, behind the guard and come back with the address.

    `uploads` is how many bytes a file may have that is added; 0 for a page that takes none. With `logins`, every address
    needs one. Raises `OSError` when the port cannot be had.
    """
    name = f"[{host}]" if ":" in host else host
    page.launch(
        server_name=name,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        enable_monitoring=False,
        state_session_capacity=TABS,  # Gradio would keep 10,000, and those of closed tabs too
        run_history=False,  # else questions and answers stay in the browser's storage
        footer_links=[],
        theme=THEME,
        head=f"<style>{CSS}</style>",
        favicon_path=FAVICON,
        max_file_size=uploads or None,
        app_kwargs={
            "middleware": [Middleware(Guard, host=host, uploads=uploads, logins=logins)],
            "routes": list(routes),
        },
    )
    return f"http://{name}:{port}"
