"""The adding of a report as HTML: how far it is, and how it ended; upload.py does it."""

from chat import words
from chat.blocks import escape, shorten
from chat.upload import Adding
from ingest.document import Document

TITLE = 120  # characters of a title or name that are shown


def progress(adding: Adding) -> str:
    """A report on its way: the stage in words, which a screen reader says once, and a bar, moving where there is no telling."""
    step = adding.step
    stage = words.UPLOAD_STEPS.get(step.what, words.UPLOAD_STEPS["reading"])
    known = f' value="{step.done}" max="{step.total}"' if 0 < step.done < step.total else ""
    text = words.UPLOAD_RUNNING.format(name=shorten(adding.name, TITLE), stage=stage)
    bar = f'<progress aria-label="{escape(stage)}"{known}></progress>'
    return f'<div class="adding" role="status"><p>{escape(text)}</p>{bar}</div>'


def outcome(adding: Adding, document: Document | None) -> str:
    """How it ended; `document` is the report as it is now in the index."""
    name = shorten(adding.name, TITLE)
    if not adding.added or document is None:
        return refusal(name, adding.problem or words.UPLOAD_FAILED)
    pages = words.count(len(document.pages), words.PAGE) if document.pages else ""
    sections = words.count(len(document.sections), words.SECTION)
    title = shorten(document.title, TITLE)
    text = words.UPLOAD_ADDED.format(title=title, name=name, size=", ".join(filter(None, (pages, sections))))
    return _box(text, adding.warnings)


def refusal(name: str, reason: str) -> str:
    """A report that was not added, and why."""
    return _box(words.UPLOAD_REFUSED.format(name=shorten(name, TITLE), reason=reason), ())


def _box(text: str, warnings: tuple[str, ...]) -> str:
    notes = "".join(f"<li>{escape(shorten(warning, 3 * TITLE))}</li>" for warning in warnings)
    return (
        f'<div class="adding" role="status"><div><p>{escape(text)}</p>{f"<ul>{notes}</ul>" if notes else ""}</div>'
        f'<button type="button" class="quiet" data-dismiss>{escape(words.DISMISS)}</button></div>'
    )
