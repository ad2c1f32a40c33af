"""The source panel as HTML: where a quote stands, and the text around it with the quote marked; render.py does the turns."""

from collections.abc import Sequence

from answer.cite import Citation
from chat import words
from chat.blocks import Marks, escape, shorten, to_html
from chat.render import PATH, copy_button, emphasis
from chat.turns import Turn

CONTEXT = 1500  # characters of the report that are shown before and after a quote, then on to whole blocks


def empty() -> str:
    """The source panel before a source is opened."""
    return _message(words.SOURCE_EMPTY, words.SOURCE_EMPTY_TEXT, "")


def gone() -> str:
    """The source panel when what was asked for is not at hand, as after a restart of the server."""
    return _message(words.SOURCE_GONE, words.SOURCE_GONE_TEXT, ' data-open=""')


def _message(title: str, text: str, attributes: str) -> str:
    return (
        f'<section class="panel empty" aria-label="{escape(words.SOURCE)}" tabindex="-1"{attributes}>{_CLOSE}'
        f"<h2>{escape(title)}</h2><p>{escape(text)}</p></section>"
    )


def panel(turns: Sequence[Turn], turn: int, number: int) -> str:
    """Source `number` of `turn` (both counted from 0): where it stands, and the quote marked in the text around it."""
    source = turns[turn].sources[number]
    document, citation = source.document, source.citation
    quote = (citation.start, citation.end)
    marks: Marks = (("mark", quote), *emphasis(citation)) if source.answers else ()
    start, end = _around(document.text, *quote)
    before = _note(words.BEFORE) if start > 0 else ""
    after = _note(words.AFTER) if end < len(document.text) else ""
    text = f"{before}{to_html(document, start, end, marks, focus=quote)}{after}"
    about = words.QUOTE_NOTE if source.answers else words.NEAR_NOTE
    return (
        f'<section class="panel" aria-label="{escape(words.SOURCE)}" tabindex="-1" data-open="{turn + 1}-{number + 1}">'
        f"{_panel_head(citation, turn, number, len(turns[turn].sources))}"
        f'<div class="text" role="region" aria-label="{escape(words.SURROUNDING)}" tabindex="0">{text}</div>'
        f'<div class="foot"><span>{escape(about)}</span>{copy_button([citation])}</div></section>'
    )


def _panel_head(citation: Citation, turn: int, number: int, count: int) -> str:
    steps = [(words.PREVIOUS, "‹", number - 1), (words.NEXT, "›", number + 1)] if count > 1 else []
    path = shorten(words.section_path(citation), 2 * PATH)
    return (
        f'<header><div class="bar">{_CLOSE}<span class="label"><span class="number">{number + 1}</span>'
        f"{escape(words.SOURCE)}</span>{''.join(_step(*step, turn, count) for step in steps)}</div>"
        f'<h2 dir="auto">{escape(shorten(citation.title, PATH))}</h2>'
        f'<p class="path" dir="auto">{escape(path)}</p><p class="place">{escape(citation.place)}</p></header>'
    )


def _step(label: str, sign: str, number: int, turn: int, count: int) -> str:
    off = "" if 0 <= number < count else " disabled"
    return (
        f'<button type="button" class="quiet step" data-source="{turn + 1}-{number + 1}"'
        f' aria-label="{escape(label)}" title="{escape(label)}"{off}>{sign}</button>'
    )


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """The quote with about CONTEXT characters on either side, widened to whole blocks."""
    first = text.rfind("\n\n", 0, max(0, start - CONTEXT))
    last = text.find("\n\n", min(len(text), end + CONTEXT))
    return (first + 2 if first >= 0 else 0, last if last >= 0 else len(text))


_CLOSE = f'<button type="button" class="quiet close">‹ {escape(words.CLOSE)}</button>'
