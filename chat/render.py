"""Turns as the HTML of the conversation, each piece a string; panel.py does the source beside it, blocks.py the reports' text.

Everything that comes from a report or a person passes through `escape`; nothing is read as Markdown or as a template.
"""

import re
from collections.abc import Sequence

from answer.cite import Citation
from chat import rating, words
from chat.blocks import Marks, escape, shorten, to_html
from chat.turns import Source, Turn
from ingest.document import Document

SNIPPET = 160  # characters of a nearest section that are shown in the conversation
PATH = 160  # characters of a title or section path that are shown on a button
ASKED = 600  # characters of a question that are shown
LIST_MARKER = re.compile(r"\n+ *- ")
LOGO = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="7"/>'
    '<ellipse cx="16" cy="16" rx="15" ry="5.5" transform="rotate(-28 16 16)"/></svg>'
)


def header() -> str:
    """The top of the page."""
    return f'<div class="brand">{LOGO}<div><h1>{escape(words.TITLE)}</h1><p>{escape(words.PROMISE)}</p></div></div>'


def conversation(turns: Sequence[Turn], suggestions: Sequence[str], documents: Sequence[Document]) -> str:
    """All turns, oldest first; before the first, a welcome with questions to start with."""
    body = "".join(_turn(number, turn) for number, turn in enumerate(turns, 1)) or _welcome(suggestions, documents)
    return f'<div class="log" role="log" aria-live="polite" aria-label="{escape(words.CONVERSATION)}">{body}</div>'


def _welcome(suggestions: Sequence[str], documents: Sequence[Document]) -> str:
    text = words.WELCOME_TEXT.format(reports=words.count_reports(documents))
    chips = "".join(f'<li><button type="button" data-ask="{escape(q)}">{escape(q)}</button></li>' for q in suggestions)
    start = f'<h3>{escape(words.TRY)}</h3><ul class="chips">{chips}</ul>' if chips else ""
    return f'<section class="welcome"><h2>{escape(words.WELCOME)}</h2><p>{escape(text)}</p>{start}</section>'


def _turn(number: int, turn: Turn) -> str:
    asked = f'<span class="unseen">{escape(words.YOU_ASKED)}: </span>{escape(shorten(turn.question, ASKED))}'
    understood = turn.answer.understood_as if turn.answer else None
    taken = f'<p class="understood">{escape(words.UNDERSTOOD)} <q>{escape(understood)}</q></p>' if understood else ""
    return (
        f'<article class="turn"><h2 class="asked" dir="auto">{asked}</h2>'
        f'<div class="reply">{taken}{_reply(number, turn)}{rating.buttons(number, turn)}</div></article>'
    )


def _reply(number: int, turn: Turn) -> str:
    if turn.problem is not None:
        return f'<p class="verdict">{escape(turn.problem)}</p>'
    if turn.answer is None:
        return f'<p class="looking">{escape(words.LOOKING)}</p>'
    items = "".join(_item(f"{number}-{n}", n, source) for n, source in enumerate(turn.sources, 1))
    if not turn.answer.answered:
        nearest = f'<p class="label">{escape(words.NEAREST)}</p><ol class="sources near">{items}</ol>' if items else ""
        return f'<p class="verdict">{escape(turn.answer.text)}</p><p>{escape(turn.answer.refusal or "")}</p>{nearest}'
    return (
        f'<p class="label">{escape(words.VERBATIM)}</p><ol class="sources">{items}</ol>'
        f'<div class="foot"><span>{escape(words.confidence(turn.answer.confidence))}</span>'
        f"{copy_button(turn.answer.citations)}</div>"
    )


def _item(key: str, number: int, source: Source) -> str:
    """One of the numbered sources under a question: a quote with where it stands, or a section that is merely near."""
    document, citation = source.document, source.citation
    if source.answers:
        quote = to_html(document, citation.start, citation.end, emphasis(citation))
        return f"<li><blockquote>{quote}</blockquote>{_source_button(key, number, citation)}</li>"
    section = document.section_at(citation.start)
    body = max(citation.start, section.body) if section else citation.start
    begins = LIST_MARKER.sub(" · ", document.text[body : citation.end])
    return f"<li>{_source_button(key, number, citation, shorten(begins, SNIPPET))}</li>"


def _source_button(key: str, number: int, citation: Citation, snippet: str = "") -> str:
    path = words.section_path(citation)
    heading, report = (path, citation.title) if path else (citation.title, "")
    place = " · ".join(part for part in (shorten(report, PATH), citation.place) if part)
    begins = f'<small class="snippet" dir="auto">{escape(snippet)}</small>' if snippet else ""
    return (
        f'<button type="button" class="cite" data-source="{key}"><span class="number">{number}</span>'
        f'<span class="where"><span dir="auto">{escape(shorten(heading, PATH))}</span>'
        f'<small dir="auto">{escape(place)}</small>{begins}</span></button>'
    )


def copy_button(citations: Sequence[Citation]) -> str:
    """A button that copies quotes with where they stand."""
    return (
        f'<button type="button" class="quiet" data-copy="{escape(words.copied(citations))}"'
        f' data-copied="{escape(words.COPIED)}">{escape(words.COPY)}</button>'
    )


def emphasis(citation: Citation) -> Marks:
    """The words of a quote that answer most directly, as a mark."""
    return (("strong", citation.emphasis),) if citation.emphasis else ()
