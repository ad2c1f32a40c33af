"""The page: Gradio components and what happens on each event; render.py makes their HTML, page.css their looks.

The conversation is a gr.HTML, not a gr.Chatbot: a Chatbot reads messages as Markdown, and what a report says is never markup.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from starlette.middleware import Middleware

from chat import render, words
from chat.guard import Guard
from chat.turns import Desk, Turn, find_source

HERE = Path(__file__).parent
CSS = (HERE / "page.css").read_text("utf-8")
FAVICON = HERE / "favicon.svg"
BRIDGE = (HERE / "bridge.js").read_text("utf-8")
THEME = gr.themes.Base(font=["sans-serif"], font_mono=["monospace"])  # system fonts; page.css names them

Turns = tuple[Turn, ...]


def build_page(desk: Desk) -> gr.Blocks:
    """The chat over `desk`. A tab's turns are kept in its gr.State on the server; nothing else is remembered."""
    with gr.Blocks(title=words.TITLE, fill_width=True, analytics_enabled=False) as page:
        turns = gr.State((), time_to_live=24 * 3600)
        with gr.Row(elem_id="top"):
            gr.HTML(render.header(), apply_default_css=False, js_on_load=None)
            new = gr.Button(words.NEW, elem_id="new", size="sm", scale=0)
        with gr.Row(elem_id="panes"):
            with gr.Column(elem_id="talk"):
                log = gr.HTML(elem_id="log", apply_default_css=False, js_on_load=BRIDGE)
                reports = gr.Dropdown(
                    [], multiselect=True, label=words.REPORTS, info=None, visible=False, elem_id="reports"
                )
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
                panel = gr.HTML(render.empty_panel(), apply_default_css=False, js_on_load=BRIDGE)

        def show(turns: Turns) -> str:
            return render.conversation(turns, desk.suggestions, desk.documents)

        def open_page() -> tuple[str, dict[str, Any]]:
            return show(()), _filter(desk, [])

        def ask(text: str, turns: Turns, chosen: list[str]) -> Iterator[tuple[Any, ...]]:
            if not text.strip():
                yield gr.skip(), gr.skip(), gr.skip(), gr.skip()
                return
            yield turns, show((*turns, Turn(text))), "", gr.skip()
            turns = (*turns, desk.ask(text, turns, chosen))
            yield turns, show(turns), gr.skip(), _filter(desk, chosen)

        def ask_suggestion(turns: Turns, chosen: list[str], event: gr.EventData) -> Iterator[tuple[Any, ...]]:
            yield from ask(str(event.question), turns, chosen)

        def cite(turns: Turns, event: gr.EventData) -> str:
            found = find_source(turns, event.source)
            return render.panel(turns, *found) if found else render.empty_panel(gone=True)

        def clear() -> tuple[Turns, str, str]:
            return (), show(()), render.empty_panel()

        quiet = {"show_progress": "hidden", "api_visibility": "private"}
        answered = [turns, log, question, reports]
        page.load(open_page, None, [log, reports], **quiet)
        question.submit(ask, [question, turns, reports], answered, **quiet)
        log.ask(ask_suggestion, [turns, reports], answered, **quiet)
        log.cite(cite, turns, panel, **quiet)
        panel.cite(cite, turns, panel, **quiet)
        new.click(clear, None, [turns, log, panel], **quiet)
    return page


def launch(page: gr.Blocks, host: str, port: int) -> None:
    """Serve `page` behind the guard and come back; raises `OSError` when the port cannot be had."""
    page.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        run_history=False,  # else questions and answers stay in the browser's storage
        enable_monitoring=False,
        footer_links=[],
        theme=THEME,
        head=f"<style>{CSS}</style>",
        favicon_path=FAVICON,
        app_kwargs={"middleware": [Middleware(Guard, host=host)]},
    )


def _filter(desk: Desk, chosen: list[str]) -> dict[str, Any]:
    """The filter over the reports at hand; it shows as soon as there is more than one."""
    newest_first = sorted(desk.documents, key=lambda d: (-(d.year or 0), d.title))
    choices = [(words.report_label(d), d.name) for d in newest_first]
    kept = [name for name in chosen if any(name == known for _, known in choices)]
    return gr.update(choices=choices, value=kept, visible=len(choices) > 1)
