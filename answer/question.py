"""What a question asks for: its kind, and the names and numbers in it."""

import re
from dataclasses import dataclass
from functools import cached_property

# The first pattern that matches decides; the order matters ("how many" before "how").
KINDS = (
    ("acronym", r"\b(stands? for|abbreviation|acronym|short for|spell(ed)? out|full (name|form)|letters)\b"),
    ("number", r"\bhow (many|much)\b|\b(number|count|budget|percentage|cost) of\b"),
    ("date", r"\bwhen\b|\b(in )?(what|which) (year|month|date|day)s?\b|\b(date|year|years|month|deadline)\b"),
    ("list", r"^\W*(please )?list\b|\blist (all|the|every)\b|\b(name all|give me (all|the)|enumerate)\b"),
    (
        "list",
        r"\b(what|which)(?: (?!is |was |does |has )[\w-]+){0,3} \w{2,}[^\Wsu]s"
        r" (are|were|did|do|does|will|would|has|have|can|is|of|\w+ed)\b",
    ),
    ("list", r"\b(what|which) are\b|\bwhich ones\b"),
    (
        "who",
        r"\bwho(m|se|s)?\b|\b(what|which|name the)\b(?: \w+){0,3} (agency|organi[sz]ation|group|body|institution|member|team)\b",
    ),
    ("where", r"\bwhere\b|\b(what|which) (city|country|place|event)\b"),
    ("why", r"\b(why|reason|purpose|what for)\b"),
    (
        "definition",
        r"^\W*(please )?(what( is|'s|s)|define|explain|describe)\b|\bmeaning of\b|\bmean\b|\bwhat (do|does) .* do\b",
    ),
)
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
EXPECTED = {
    "date": re.compile(rf"\b(?:19|20)\d\d\b|\b{MONTH}\b"),
    "number": re.compile(
        r"\b(?!(?:19|20)\d\d\b)\d[\d,.]*\b|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?)\b",
        re.IGNORECASE,
    ),
    "who": re.compile(r"\b[A-Z]{2,}|\b[A-Z]\w+ [A-Z]\w+|\b[Aa]genc|\b[Gg]roup|\b[Tt]eam"),
    "list": re.compile(r",[^,]+(?:,| and )|\n- "),
}
NAME = re.compile(r"(?<=[\w,;:] )(?:[A-Z][\w'’-]+)|\b[A-Z]{2,}[\w-]*\b|\b\d[\d.,]*\b")
POINTS_BACK = re.compile(
    r"\b(it|its|they|them|their|theirs|this|that|these|those|he|she|him|her|there|one|ones|same)\b", re.I
)


@dataclass(frozen=True)
class Question:
    """A question that is whole in itself, with its spelling mended."""

    text: str

    @cached_property
    def kind(self) -> str:
        """One of acronym, number, date, list, who, where, why, definition, other."""
        lower = self.text.lower()
        return next((kind for kind, pattern in KINDS if re.search(pattern, lower)), "other")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names, acronyms and numbers in the question: what a passage must speak of to answer it."""
        return tuple(dict.fromkeys(m[0].strip(".,") for m in NAME.finditer(self.text)))

    def fits(self, text: str) -> float:
        """Whether `text` holds what the kind of question expects: 1 if so, -1 if not, 0 where nothing can be expected."""
        pattern = EXPECTED.get(self.kind)
        return 0.0 if pattern is None else 1.0 if pattern.search(text) else -1.0
