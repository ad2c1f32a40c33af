"""A conversation to take along, as a file: Markdown with footnotes, JSON that `python -m answer verify` checks, or a page
to print; and one answer as its receipt. answer/receipt.py makes the receipts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from answer import markdown
from answer.cite import Citation
from answer.receipt import receipt, to_json, to_markdown
from chat import words
from chat.blocks import escape, to_html
from chat.turns import Source, Turn

MARKDOWN, JSON, PAGE = "markdown", "json", "page"
PRINT_CSS = (Path(__file__).parent / "print.css").read_text("utf-8")


@dataclass(frozen=True)
class File:
    """A file to be saved by the browser."""

    name: str
    media_type: str
    content: str


def link(question: str, reports: Sequence[str]) -> str:
    """The part of an address, after the chat's own, that asks `question` again of the same reports."""
    return "?" + urlencode([("q", question), *(("report", name) for name in reports)])


def footnoted(citations: Sequence[Citation]) -> str:
    """Quotes as Markdown block quotes, each with a footnote that says where it stands."""
    quotes = [f"{markdown.quote(c.quote)}[^{_mark(c)}]" for c in citations]
    notes = [f"[^{_mark(c)}]: {markdown.escape(words.reference(c))}" for c in dict.fromkeys(citations)]
    return "\n\n".join([*quotes, "\n".join(notes)])


def _mark(citation: Citation) -> str:
    """The name of a footnote, the same wherever the quote is pasted, and another for another quote."""
    return f"{citation.sha256[:6]}-{citation.start}-{citation.end}"


def receipt_file(turn: Turn, date: str) -> File | None:
    """The receipt of one answer, readable and checkable; None where nothing was answered."""
    if turn.answer is None:
        return None
    record = receipt(turn.answer, date)
    return File(f"receipt-{record['sha256'][:12]}.md", "text/markdown", to_markdown([record]))


def conversation_file(turns: Sequence[Turn], kind: object, date: str) -> File | None:
    """The answers of a conversation as a file of `kind`, which comes from the browser; None where there is nothing to save."""
    asked = [one for turn in turns for one in _each_year(turn) if one.answer is not None]
    if not asked:
        return None
    name = f"isecg-answers-{date[:10]}"
    if kind == JSON:
        records = [receipt(turn.answer, date) for turn in asked if turn.answer is not None]
        return File(f"{name}.json", "application/json", to_json(records))
    if kind == MARKDOWN:
        return File(f"{name}.md", "text/markdown", _markdown(asked, date))
    if kind == PAGE:
        return File(f"{name}.html", "text/html", _page(asked, date))
    return None


def _each_year(turn: Turn) -> Sequence[Turn]:
    """A turn that was asked by year as one turn a year; any other as it is."""
    if not turn.by_year:
        return [turn]
    of_year = {y.year: [s for s in turn.sources if s.document in y.answer.documents] for y in turn.by_year}
    return [
        Turn(f"{turn.question} ({words.year(y.year)})", y.answer, tuple(of_year[y.year]), reports=turn.reports)
        for y in turn.by_year
    ]


def _markdown(turns: Sequence[Turn], date: str) -> str:
    parts = [f"# {words.TITLE}", words.EXPORTED.format(date=date[:10])]
    cited: dict[Citation, None] = {}
    for turn in turns:
        assert turn.answer is not None
        parts.append(f"## {markdown.escape(' '.join(turn.question.split()))}")
        if turn.answer.understood_as:
            parts.append(f"{words.UNDERSTOOD} *{markdown.escape(turn.answer.understood_as)}*")
        parts += [f"{markdown.quote(c.quote)}[^{_mark(c)}]" for c in turn.answer.citations]
        cited |= dict.fromkeys(turn.answer.citations)
        parts.append(words.confidence(turn.answer.confidence) if turn.answer.answered else _refused(turn))
    notes = [f"[^{_mark(c)}]: {markdown.escape(words.reference(c))}" for c in cited]
    files = [f"- {markdown.escape(title)}: `{name}`, SHA-256 `{sha256}`" for title, name, sha256 in _files(turns)]
    return "\n\n".join([*parts, "\n".join(notes), f"## {words.SOURCES}", "\n".join(files)]) + "\n"


def _refused(turn: Turn) -> str:
    assert turn.answer is not None
    return f"{turn.answer.text} {turn.answer.refusal or ''}"


def _files(turns: Sequence[Turn]) -> list[tuple[str, str, str]]:
    """Title, file name and SHA-256 of the reports that were quoted, or of those that were near."""
    documents = {source.document.sha256: source.document for turn in turns for source in turn.sources}
    return [(d.title, d.name.replace("`", "'"), d.sha256) for d in documents.values()]


def _page(turns: Sequence[Turn], date: str) -> str:
    body = "".join(_asked(turn) for turn in turns)
    rows = "".join(
        f"<tr><td>{escape(title)}</td><td>{escape(name)}<br>SHA-256 {sha256}</td></tr>"
        for title, name, sha256 in _files(turns)
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(words.TITLE)}</title>'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f'<meta name="viewport" content="width=device-width"><style>{PRINT_CSS}</style>'
        f"<h1>{escape(words.TITLE)}</h1><p>{escape(words.EXPORTED.format(date=date[:10]))}</p>{body}"
        f"<h2>{escape(words.SOURCES)}</h2><table>{rows}</table></html>\n"
    )


def _asked(turn: Turn) -> str:
    assert turn.answer is not None
    answer = turn.answer
    understood = f"{words.UNDERSTOOD} {answer.understood_as}" if answer.understood_as else ""
    quotes = "".join(_quoted(source) for source in turn.sources if source.answers)
    about = words.confidence(answer.confidence) if answer.answered else _refused(turn)
    taken = f'<p class="about">{escape(understood)}</p>' if understood else ""
    return f'<h2 dir="auto">{escape(turn.question)}</h2>{taken}{quotes}<p class="about">{escape(about)}</p>'


def _quoted(source: Source) -> str:
    citation = source.citation
    quote = to_html(source.document, citation.start, citation.end)
    return f'<blockquote>{quote}</blockquote><p class="where">{escape(words.reference(citation))}</p>'
