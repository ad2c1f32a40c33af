"""The source panel as HTML: where a quote stands, and its pages with the quote boxed or the text with it marked.

render.py does the turns beside it; sheets.py finds the pages and boxes.
"""

from collections.abc import Sequence

from answer.cite import Citation
from chat import words
from chat.blocks import Marks, escape, shorten, to_html
from chat.place import Box
from chat.render import PATH, copy_button, emphasis
from chat.report_files import pdf_address, picture_address
from chat.sheets import Sheet, has_pages
from chat.turns import Source, Turn

CONTEXT = 1500  # characters of the report that are shown before and after a quote, then on to whole blocks
PAGE, TEXT = "page", "text"  # what the panel shows of a PDF


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


def panel(
    turns: Sequence[Turn], turn: int, number: int, sheets: Sequence[Sheet] = (), problem: str | None = None
) -> str:
    """Source `number` of `turn` (both counted from 0): where it stands, and `sheets`, or the text where there are none.

    `problem` says why the pages of a PDF cannot be shown.
    """
    source = turns[turn].sources[number]
    view = PAGE if sheets else TEXT
    body = _sheets(source, sheets) if sheets else _text(source, problem)
    about = words.NEAR_NOTE if not source.answers else words.BOXED_NOTE if sheets else words.QUOTE_NOTE
    if any(sheet.boxes is None for sheet in sheets):
        about = words.UNPLACED_NOTE
    elif sheets and source.answers and not any(sheet.boxes for sheet in sheets):
        about = words.ELSEWHERE_NOTE
    return (
        f'<section class="panel" aria-label="{escape(words.SOURCE)}" tabindex="-1"'
        f' data-open="{turn + 1}-{number + 1}" data-shows="{view}">'
        f"{_head(turns, turn, number)}{_tools(source, sheets, problem)}{body}"
        f'<div class="foot"><span>{escape(about)}</span>{copy_button([source.citation])}</div></section>'
    )


def _head(turns: Sequence[Turn], turn: int, number: int) -> str:
    citation = turns[turn].sources[number].citation
    keys = [f"{t}-{n}" for t, one in enumerate(turns, 1) for n, _ in enumerate(one.sources, 1)]
    at = keys.index(f"{turn + 1}-{number + 1}")
    before, after = (keys[n] if 0 <= n < len(keys) else None for n in (at - 1, at + 1))
    steps = _step(words.PREVIOUS, "‹", "previous", "p", before) + _step(words.NEXT, "›", "next", "n", after)
    path = shorten(words.section_path(citation), 2 * PATH)
    return (
        f'<header><div class="bar">{_CLOSE}<span class="label"><span class="number">{number + 1}</span>'
        f"{escape(words.SOURCE)}</span>{steps if len(keys) > 1 else ''}</div>"
        f'<h2 dir="auto">{escape(shorten(citation.title, PATH))}</h2>'
        f'<p class="path" dir="auto">{escape(path)}</p><p class="place">{escape(words.place(citation))}</p></header>'
    )


def _step(label: str, sign: str, name: str, key: str, source: str | None) -> str:
    goal = f' data-source="{source}"' if source else " disabled"
    return (
        f'<button type="button" class="quiet step" data-step="{name}" aria-keyshortcuts="{key}"'
        f' aria-label="{escape(label)}" title="{escape(f"{label} ({key})")}"{goal}>{sign}</button>'
    )


def _tools(source: Source, sheets: Sequence[Sheet], problem: str | None) -> str:
    """What a PDF can be looked at with: page or text, the neighbouring pages, a zoom, the file itself."""
    if not has_pages(source) or problem:
        return ""
    views = "".join(
        f'<button type="button" class="quiet" data-view="{view}" aria-pressed="{str(bool(sheets) == (view == PAGE)).lower()}">'
        f"{escape(label)}</button>"
        for view, label in ((PAGE, words.AS_PAGE), (TEXT, words.AS_TEXT))
    )
    rest = _turning(source, sheets) + _zoom() + _pdf_link(sheets) if sheets else ""
    group = f'<span class="group" role="group" aria-label="{escape(words.SHOW)}">{views}</span>'
    return f'<div class="tools">{group}{rest}</div>'


def _turning(source: Source, sheets: Sequence[Sheet]) -> str:
    first, last, count = sheets[0].number, sheets[-1].number, len(source.document.pages)
    shown = words.page_of(first, last, count)
    before = _turn_to(words.PREVIOUS_PAGE, "‹", "page-before", first - 1 if first > 1 else None)
    after = _turn_to(words.NEXT_PAGE, "›", "page-after", last + 1 if last < count else None)
    return f'<span class="group turning">{before}<span>{escape(shown)}</span>{after}</span>'


def _turn_to(label: str, sign: str, name: str, page: int | None) -> str:
    goal = f' data-page="{page}"' if page else " disabled"
    text = escape(label)
    return f'<button type="button" class="quiet" data-step="{name}" aria-label="{text}" title="{text}"{goal}>{sign}</button>'


def _zoom() -> str:
    steps = ((words.SMALLER, "−", "-1", "-"), (words.LARGER, "+", "1", "+"))
    return (
        '<span class="group">'
        + "".join(
            f'<button type="button" class="quiet" data-zoom="{by}" aria-keyshortcuts="{key}" aria-label="{escape(label)}"'
            f' title="{escape(f"{label} ({key})")}">{sign}</button>'
            for label, sign, by, key in steps
        )
        + "</span>"
    )


def _pdf_link(sheets: Sequence[Sheet]) -> str:
    address = pdf_address(sheets[0].sha256, sheets[0].number)
    return f'<a class="quiet" href="{address}" target="_blank" rel="noopener">{escape(words.OPEN_PDF)}</a>'


def _sheets(source: Source, sheets: Sequence[Sheet]) -> str:
    pictures = "".join(_sheet(source.citation, sheet) for sheet in sheets)
    return f'<div class="sheets" role="region" aria-label="{escape(words.PAGES)}" tabindex="0">{pictures}</div>'


def _sheet(citation: Citation, sheet: Sheet) -> str:
    about = words.picture(citation, sheet.label, bool(sheet.boxes))
    boxes = "".join(_box(box, "box") for box in sheet.boxes or ()) + "".join(
        _box(box, "box key") for box in sheet.emphasis
    )
    note = f'<p class="note" role="note">{escape(words.UNPLACED)}</p>' if sheet.boxes is None else ""
    return (
        f'{note}<figure class="sheet"><img src="{picture_address(sheet.sha256, sheet.number)}" alt="{escape(about)}"'
        f' width="{sheet.width}" height="{sheet.height}">{boxes}</figure>'
    )


def _box(box: Box, name: str) -> str:
    left, top, right, bottom = (100 * side for side in box)
    place = f"left:{left:.3f}%;top:{top:.3f}%;width:{right - left:.3f}%;height:{bottom - top:.3f}%"
    return f'<i class="{name}" style="{place}"></i>'


def _text(source: Source, problem: str | None) -> str:
    document, quote = source.document, (source.citation.start, source.citation.end)
    marks: Marks = (("mark", quote), *emphasis(source.citation)) if source.answers else ()
    start, end = _around(document.text, *quote)
    why = _note(words.NO_PAGE.format(reason=problem)) if problem else ""
    before = _note(words.BEFORE) if start > 0 else ""
    after = _note(words.AFTER) if end < len(document.text) else ""
    text = f"{why}{before}{to_html(document, start, end, marks, focus=quote)}{after}"
    return f'<div class="text" role="region" aria-label="{escape(words.SURROUNDING)}" tabindex="0">{text}</div>'


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """The quote with about CONTEXT characters on either side, widened to whole blocks."""
    first = text.rfind("\n\n", 0, max(0, start - CONTEXT))
    last = text.find("\n\n", min(len(text), end + CONTEXT))
    return (first + 2 if first >= 0 else 0, last if last >= 0 else len(text))


_CLOSE = f'<button type="button" class="quiet close">‹ {escape(words.CLOSE)}</button>'
