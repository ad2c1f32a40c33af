"""Turns and sources as the HTML of the page, each piece a string; blocks.py renders the reports' text in them.

Everything that comes from a report or a person passes through `escape`; nothing is read as Markdown or as a template.
"""

from collections.abc import Sequence

from answer.cite import Citation
from chat import words
from chat.blocks import Marks, escape, shorten, to_html
from chat.turns import Source, Turn
from ingest.document import Document

SNIPPET = 160  # characters of a nearest section shown in the conversation
PATH = 160  # characters of a section path shown on a button
CONTEXT = 1500  # characters of the report shown before and after a quote, up to whole blocks


def header() -> str:
    """The top of the page."""
    return (
        f'<div class="brand">{MARK}<div><h1>{escape(words.TITLE)}</h1>'
        f'<p>{escape(words.PROMISE)}</p></div></div>'
    )


MARK = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="7"/>'
    '<ellipse cx="16" cy="16" rx="15" ry="5.5" transform="rotate(-28 16 16)"/></svg>'
)


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
    asked = f'<h2 class="asked" dir="auto"><span class="unseen">{escape(words.YOU_ASKED)}: </span>{escape(turn.question)}</h2>'
    return f'<article class="turn">{asked}<div class="reply">{_reply(number, turn)}</div></article>'


def _reply(number: int, turn: Turn) -> str:
    if turn.problem is not None:
        return f'<p class="verdict">{escape(turn.problem)}</p>'
    answer = turn.answer
    if answer is None:
        return f'<p class="looking">{escape(words.LOOKING)}</p>'
    understood = (
        f'<p class="understood">{escape(words.UNDERSTOOD)} <q dir="auto">{escape(answer.understood_as)}</q></p>'
        if answer.understood_as
        else ""
    )
    keys = [f"{number}-{n}" for n in range(1, len(turn.sources) + 1)]
    if not answer.answered:
        nearest = "".join(_nearest(key, n, s) for n, (key, s) in enumerate(zip(keys, turn.sources, strict=True), 1))
        listed = f'<p class="label">{escape(words.NEAREST)}</p><ol class="sources near">{nearest}</ol>' if nearest else ""
        return (
            f'{understood}<p class="verdict">{escape(answer.text)}</p><p>{escape(answer.refusal or "")}</p>{listed}'
        )
    quotes = "".join(_quote(key, n, s) for n, (key, s) in enumerate(zip(keys, turn.sources, strict=True), 1))
    foot = (
        f'<div class="foot"><span class="confidence">{escape(words.confidence(answer.confidence))}</span>'
        f"{_copy_button(answer.citations)}</div>"
    )
    return f'{understood}<p class="label">{escape(words.VERBATIM)}</p><ol class="sources">{quotes}</ol>{foot}'


def _quote(key: str, number: int, source: Source) -> str:
    citation = source.citation
    marks: Marks = (("strong", citation.emphasis),) if citation.emphasis else ()
    quote = to_html(source.document, citation.start, citation.end, marks)
    return f"<li><blockquote>{quote}</blockquote>{_source_button(key, number, citation)}</li>"


def _nearest(key: str, number: int, source: Source) -> str:
    document, citation = source.document, source.citation
    section = document.section_at(citation.start)
    body = max(citation.start, section.body) if section else citation.start
    return f"<li>{_source_button(key, number, citation, shorten(document.text[body : citation.end], SNIPPET))}</li>"


def _source_button(key: str, number: int, citation: Citation, snippet: str = "") -> str:
    report = " · ".join(part for part in (shorten(citation.title, PATH), citation.place) if part)
    lines = [f'<small dir="auto">{escape(report)}</small>']
    if snippet:
        lines.append(f'<small class="snippet" dir="auto">{escape(snippet)}</small>')
    return (
        f'<button type="button" class="cite" data-source="{key}"><span class="number">{number}</span><span class="where">'
        f'<span dir="auto">{escape(shorten(words.section_path(citation), PATH))}</span>{"".join(lines)}</span></button>'
    )


def _copy_button(citations: Sequence[Citation]) -> str:
    return (
        f'<button type="button" class="quiet" data-copy="{escape(words.copied(citations))}"'
        f' data-copied="{escape(words.COPIED)}">{escape(words.COPY)}</button>'
    )


def empty_panel(gone: bool = False) -> str:
    """The source panel while no source is open; `gone` when one was asked for that is not at hand."""
    text = words.SOURCE_GONE if gone else words.SOURCE_EMPTY_TEXT
    return (
        f'<section class="panel empty" aria-label="{escape(words.SOURCE)}"><h2>{escape(words.SOURCE_EMPTY)}</h2>'
        f"<p>{escape(text)}</p></section>"
    )


def panel(turns: Sequence[Turn], turn: int, number: int) -> str:
    """Source `number` of `turn` (both counted from 0) with the quote marked in the text around it."""
    sources = turns[turn].sources
    source = sources[number]
    document, citation = source.document, source.citation
    quote = (citation.start, citation.end)
    marks: Marks = (("mark", quote),) if source.answers else ()
    if source.answers and citation.emphasis:
        marks += (("strong", citation.emphasis),)
    start, end = _around(document.text, *quote)
    text = to_html(document, start, end, marks, focus=quote)
    more = [f'<p class="note">{escape(note)}</p>' if cut else "" for note, cut in
            ((words.BEFORE, start > 0), (words.AFTER, end < len(document.text)))]
    note = words.QUOTE_NOTE if citation.emphasis else ""
    note = note if source.answers else words.NEAR_NOTE
    return (
        f'<section class="panel" aria-label="{escape(words.SOURCE)}" tabindex="-1" data-open="{turn + 1}-{number + 1}">'
        f"{_panel_head(citation, turn, number, len(sources))}"
        f'<div class="text" tabindex="0" role="region" aria-label="{escape(citation.title)}">{more[0]}{text}{more[1]}</div>'
        f'<div class="foot"><span>{escape(note)}</span>{_copy_button([citation]) if source.answers else ""}</div></section>'
    )


def _panel_head(citation: Citation, turn: int, number: int, count: int) -> str:
    steps = ""
    if count > 1:
        steps = _step(words.PREVIOUS, "‹", turn, number - 1, count) + _step(words.NEXT, "›", turn, number + 1, count)
    place = f'<p class="place">{escape(citation.place)}</p>' if citation.place else ""
    return (
        f'<header><div class="bar"><button type="button" class="quiet close">‹ {escape(words.CLOSE)}</button>'
        f'<span class="label"><span class="number">{number + 1}</span> {escape(words.SOURCE)}</span>{steps}</div>'
        f'<h2 dir="auto">{escape(shorten(citation.title, PATH))}</h2>'
        f'<p class="path" dir="auto">{escape(shorten(words.section_path(citation), 2 * PATH))}</p>{place}</header>'
    )


def _step(label: str, sign: str, turn: int, number: int, count: int) -> str:
    off = "" if 0 <= number < count else " disabled"
    return (
        f'<button type="button" class="quiet step" data-source="{turn + 1}-{number + 1}" aria-label="{escape(label)}"'
        f"{off}>{sign}</button>"
    )


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """The quote with about CONTEXT characters on either side, widened to whole blocks."""
    first = text.rfind("\n\n", 0, max(0, start - CONTEXT))
    last = text.find("\n\n", min(len(text), end + CONTEXT))
    return (first + 2 if first >= 0 else 0, last if last >= 0 else len(text))
