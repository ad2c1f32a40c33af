"""Makes an elliptical question whole from the turns before it: "and who prepares it?" gets the thing that "it" means."""

import re
from collections.abc import Sequence

from answer.question import POINTS_BACK
from answer.years import YEAR, ask_of, other_year, without_years

OPENERS = re.compile(r"^(?:(?:and|or|so|but|ok|okay|then|also|well)\b[\s,]*)+", re.IGNORECASE)
WHAT_ABOUT = re.compile(
    r"^(?:(?:what|how) about|and|same for)\s+(?:the\s+)?(?P<topic>[^?]{1,60}?)\s*\??$", re.IGNORECASE
)
ASKS = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|does|do|did|can|will|has|have)\b", re.IGNORECASE
)
THING = re.compile(
    r"(?<!\w)[A-Z0-9][\w'’&-]*(?:\s+(?:(?:of|the|and|for|in|on)\s+)*(?:[A-Z0-9][\w'’&-]*|"
    r"(?:agency|database|edition|group|leadership|list|meeting|members?|paper|report|survey|team|white)\b))*"
)
LEADING = re.compile(
    r"^(?:(?:tell me|what|which|who|whom|whose|when|where|why|how|many|much|"
    r"is|are|was|were|does|do|did|can|could|will|would|has|have|about|there|the|a|an|please|explain|describe|define|called|name)\b[\s,]*)+",
    re.IGNORECASE,
)
SHORT = 3  # words: a question this short ("By whom?") leans on the turn before it


def make_whole(question: str, history: Sequence[str]) -> str | None:
    """`question` with what it leans on put in, or None when it stands alone. `history`: earlier questions, oldest first."""
    if not history:
        return None
    if other_year(question):
        return _ask_other_year([*history, question])
    bare = OPENERS.sub("", question.strip())
    about = WHAT_ABOUT.match(question.strip())
    if about and not ASKS.search(about["topic"]):
        return _swap(history[-1], about["topic"])
    stump = len(bare.split()) <= SHORT and ASKS.search(bare) and not THING.search(bare[1:])
    if bare == question.strip() and not POINTS_BACK.search(bare) and not stump:
        return None
    topic = _topic(history)
    if topic and re.search(YEAR, bare):
        topic = without_years(topic)  # "how many were there in 2023?" is no longer about 2022
    if not topic or topic.lower() in bare.lower():
        return None
    return f"{bare.rstrip('? ')} ({topic})?"


def _ask_other_year(turns: Sequence[str]) -> str | None:
    """The last question that asks for more than a year, made whole and asked of the years that the turns after it name."""
    last = next((at for at in reversed(range(len(turns))) if not other_year(turns[at])), None)
    if last is None:
        return None
    whole = make_whole(turns[last], turns[:last]) or turns[last]
    for turn in turns[last + 1 :]:
        whole = ask_of(whole, other_year(turn) or "")
    return whole


def _topic(history: Sequence[str]) -> str | None:
    """What the conversation is about: the names in the latest earlier question that has any, else its words."""
    for turn in reversed(history):
        rest = LEADING.sub("", turn.strip()).rstrip("?. ")
        if rest and not (POINTS_BACK.search(turn) and turn is not history[0]):
            return rest
    return None


def _swap(earlier: str, topic: str) -> str:
    """The earlier question asked about `topic`: its last name gives way; without a name, the topic is put behind it."""
    things = [m for m in THING.finditer(earlier) if m.start() > 0]
    if not things:
        return f"{earlier.rstrip('? ')} ({topic})?"
    last = things[-1]
    return f"{earlier[: last.start()]}{topic}{earlier[last.end() :]}"
