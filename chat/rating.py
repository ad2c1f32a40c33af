"""Rating an answer: the buttons under it, and the dialog that asks for a reason, as HTML; feedback.py keeps what is said."""

import secrets

from chat import words
from chat.blocks import escape
from chat.feedback import DOWN, MAX_COMMENT, REASONS, UP, Rating
from chat.turns import Turn


def buttons(number: int, turn: Turn) -> str:
    """What stands under reply `number` (from 1): two buttons, thanks once it is rated, nothing where none is asked for."""
    if turn.rated is None or turn.answer is None:
        return ""
    inner = f"<span>{escape(words.RATED)}</span>" if turn.rated else _choices(number, turn.answer.answered)
    return f'<div class="rate" role="group" aria-label="{escape(words.RATE)}" data-turn="{number}">{inner}</div>'


def _choices(number: int, answered: bool) -> str:
    asked = words.RATE_ANSWER if answered else words.RATE_REFUSAL
    choices = "".join(
        f'<button type="button" class="quiet" data-rate="{verdict}" data-turn="{number}">{escape(word)}</button>'
        for verdict, word in ((UP, words.RATE_UP), (DOWN, words.RATE_DOWN))
    )
    return f"<span>{escape(asked)}</span>{choices}"


def dialog(number: int, turn: Turn, rating: Rating, problem: str = "") -> str:
    """The dialog that asks for a reason; with `problem`, again, with what was written. Each is a new value to the page."""
    answered = turn.answer is not None and turn.answer.answered
    title = words.WHY_UP if rating.verdict == UP else words.WHY_DOWN
    reasons = "".join(_reason(code, code == rating.reason) for code in REASONS[rating.verdict, answered])
    wrong = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    return (
        f'<dialog class="why" aria-labelledby="why-title" data-turn="{number}" data-verdict="{rating.verdict}"'
        f' data-nonce="{secrets.token_hex(8)}"><h2 id="why-title">{escape(title)}</h2>'
        f'<fieldset><legend class="unseen">{escape(words.REASON)}</legend>{reasons}</fieldset>'
        f'<label for="why-comment">{escape(words.COMMENT)}</label>'
        f'<textarea id="why-comment" rows="3" maxlength="{MAX_COMMENT}" dir="auto">{escape(rating.comment)}</textarea>'
        f'{wrong}<p class="kept">{escape(words.KEPT)}</p><div class="foot">'
        f'<button type="button" class="quiet" data-cancel>{escape(words.CANCEL)}</button>'
        f'<button type="button" class="send" data-send>{escape(words.SEND_RATING)}</button></div></dialog>'
    )


def _reason(code: str, chosen: bool) -> str:
    checked = " checked" if chosen else ""
    return f'<label><input type="radio" name="why" value="{code}"{checked}> {escape(words.REASONS[code])}</label>'


def thanks(number: int) -> str:
    """What takes the dialog's place once the rating is kept; rating.js puts the words under the reply."""
    return f'<p hidden data-rated="{number}" data-nonce="{secrets.token_hex(8)}">{escape(words.RATED)}</p>'
