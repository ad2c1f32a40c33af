"""Turns as the HTML of the conversation, each piece a string; panel.py does the source beside it, blocks.py the reports' text.

Everything that comes from a report or a person passes through `escape`; nothing is read as Markdown or as a template.
"""

import re
import secrets
from collections.abc import Sequence

from answer.cite import Citation
from answer.pipeline import MAX_QUESTION, Answer
from chat import rating, words
from chat.blocks import Marks, escape, shorten, to_html
from chat.export import File, footnoted, link
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
    """The top of the page, with the menu to save a conversation, and the place from which a screen reader says what came."""
    kinds = "".join(
        f'<button type="button" data-save="{kind}">{escape(label)}</button>' for kind, label in words.SAVE_AS
    )
    return (
        f'<div class="brand">{LOGO}<div><h1>{escape(words.TITLE)}</h1><p>{escape(words.PROMISE)}</p></div></div>'
        f'<details class="menu"><summary>{escape(words.SAVE)}</summary><div>{kinds}</div></details>'
        '<div id="said" class="unseen" role="status" aria-live="polite"></div>'
    )


def next_questions(questions: Sequence[str], answered: bool) -> str:
    """Questions to ask next, in a row above the question box."""
    if not questions:
        return ""
    label = escape(words.ASK_NEXT if answered else words.ASK_INSTEAD)
    return f'<section class="next" aria-label="{label}"><h2>{label}</h2><ul class="chips">{_chips(questions)}</ul></section>'


def _chips(questions: Sequence[str]) -> str:
    return "".join(f'<li><button type="button" data-ask="{escape(q)}">{escape(q)}</button></li>' for q in questions)


def outbox(file: File | None) -> str:
    """A file for the browser to save, which outbox.js does; each is a new value to the page."""
    if file is None:
        return ""
    given = f'data-file="{escape(file.name)}" data-type="{file.media_type}" data-nonce="{secrets.token_hex(8)}"'
    return f"<div hidden {given}>{escape(file.content)}</div>"


def conversation(turns: Sequence[Turn], suggestions: Sequence[str], documents: Sequence[Document]) -> str:
    """All turns, oldest first; before the first, a welcome with questions to start with."""
    body = "".join(_turn(number, turn) for number, turn in enumerate(turns, 1)) or _welcome(suggestions, documents)
    return f'<div class="log" role="region" aria-label="{escape(words.CONVERSATION)}">{body}</div>'


def _welcome(suggestions: Sequence[str], documents: Sequence[Document]) -> str:
    text = words.WELCOME_TEXT.format(reports=words.count_reports(documents))
    chips = _chips(suggestions)
    start = f'<h3>{escape(words.TRY)}</h3><ul class="chips">{chips}</ul>' if chips else ""
    return f'<section class="welcome"><h2>{escape(words.WELCOME)}</h2><p>{escape(text)}</p>{start}</section>'


def _turn(number: int, turn: Turn) -> str:
    asked = f'<span class="unseen">{escape(words.YOU_ASKED)}: </span>{escape(shorten(turn.question, ASKED))}'
    understood = turn.answer.understood_as if turn.answer else None
    taken = f'<p class="understood">{escape(words.UNDERSTOOD)} <q>{escape(understood)}</q></p>' if understood else ""
    return (
        f'<article class="turn" data-said="{escape(shorten(_said(turn), ASKED))}"><h2 class="asked" dir="auto">{asked}</h2>'
        f'<div class="reply">{taken}{_reply(number, turn)}{rating.buttons(number, turn)}</div></article>'
    )


def _said(turn: Turn) -> str:
    """What a screen reader says when the turn has come."""
    if turn.by_year:
        return " ".join(f"{words.year(y.year)}: {y.answer.text}" for y in turn.by_year)
    if turn.answer is None:
        return turn.problem or words.LOOKING
    if not turn.answer.answered:
        return f"{turn.answer.text} {turn.answer.refusal}"
    return words.SAID.format(count=len(turn.answer.citations), text=turn.answer.text)


def _reply(number: int, turn: Turn) -> str:
    if turn.problem is not None:
        return f'<p class="verdict">{escape(turn.problem)}</p>{_again(turn.question)}'
    if turn.by_year:
        return _years(number, turn)
    if turn.answer is None:
        return f'<p class="looking">{escape(words.LOOKING)}</p>'
    items = "".join(_item(f"{number}-{n}", n, source) for n, source in enumerate(turn.sources, 1))
    if not turn.answer.answered:
        nearest = f'<p class="label">{escape(words.NEAREST)}</p><ol class="sources near">{items}</ol>' if items else ""
        return (
            f'<p class="verdict">{escape(turn.answer.text)}</p><p>{escape(turn.answer.refusal or "")}</p>'
            f'<div class="take">{_take(number, turn, turn.answer)}</div>{nearest}'
        )
    return (
        f'<p class="label">{escape(words.VERBATIM)}</p><ol class="sources">{items}</ol>'
        f'<div class="foot"><span>{escape(words.confidence(turn.answer.confidence))}</span></div>'
        f'<div class="take">{_take(number, turn, turn.answer)}</div>'
    )


def _again(question: str) -> str:
    """What asks a question again that was not taken, so that it need not be typed again; none where it is too long."""
    if len(question) > MAX_QUESTION:
        return ""
    button = f'<button type="button" class="quiet" data-ask="{escape(question)}">{escape(words.ASK_AGAIN)}</button>'
    return f'<div class="take">{button}</div>'


def _years(number: int, turn: Turn) -> str:
    """One quote a year, newest first, or that nothing was found."""
    sources = iter(enumerate(turn.sources, 1))
    parts = []
    for year in turn.by_year:
        parts.append(f'<h3 class="year">{escape(words.year(year.year))}</h3>')
        if year.answer.answered:
            n, source = next(sources)
            parts.append(f'<ol class="sources">{_item(f"{number}-{n}", n, source)}</ol>')
        else:
            parts.append(f'<p class="nothing">{escape(words.NOTHING_FOUND)}</p>')
    return f'<p class="label">{escape(words.BY_YEAR_LABEL)}</p>{"".join(parts)}'


def _take(number: int, turn: Turn, answer: Answer) -> str:
    """What can be done with an answer: copied, linked to, saved with its proof, asked of each year."""
    question = answer.understood_as or turn.question
    several = len({document.year for document in answer.documents}) > 1
    cited = answer.citations
    copies = copy_button(cited) + _copy(words.COPY_MARKDOWN, footnoted(cited)) if cited else ""
    return (
        f'{copies}<button type="button" class="quiet" data-link="{escape(link(question, turn.reports))}"'
        f' data-copied="{escape(words.COPIED)}">{escape(words.COPY_LINK)}</button>'
        f'<button type="button" class="quiet" data-receipt="{number}" title="{escape(words.RECEIPT_TITLE)}">'
        f"{escape(words.RECEIPT)}</button>" + (_by_year_button(number) if several else "")
    )


def _by_year_button(number: int) -> str:
    title = escape(words.BY_YEAR_TITLE)
    return f'<button type="button" class="quiet" data-years="{number}" title="{title}">{escape(words.BY_YEAR)}</button>'


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
    place = " · ".join(part for part in (shorten(report, PATH), words.place(citation)) if part)
    begins = f'<small class="snippet" dir="auto">{escape(snippet)}</small>' if snippet else ""
    return (
        f'<button type="button" class="cite" data-source="{key}"><span class="number">{number}</span>'
        f'<span class="where"><span dir="auto">{escape(shorten(heading, PATH))}</span>'
        f'<small dir="auto">{escape(place)}</small>{begins}</span></button>'
    )


def copy_button(citations: Sequence[Citation]) -> str:
    """A button that copies quotes with where they stand."""
    return _copy(words.COPY, words.copied(citations))


def _copy(label: str, text: str) -> str:
    return (
        f'<button type="button" class="quiet" data-copy="{escape(text)}"'
        f' data-copied="{escape(words.COPIED)}">{escape(label)}</button>'
    )


def emphasis(citation: Citation) -> Marks:
    """The words of a quote that answer most directly, as a mark."""
    return (("strong", citation.emphasis),) if citation.emphasis else ()
