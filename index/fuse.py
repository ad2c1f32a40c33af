"""Merges what speaks for a passage into one score: its meaning, its words, and whether the question names its section."""

from collections.abc import Mapping

# Chosen on eval/questions/dev.jsonl
LEXICAL_SHARE = 0.5
HEADING_BONUS = 0.06  # for a passage whose heading stands whole in the question


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float], headings: Mapping[int, float]) -> dict[int, float]:
    """Weighted mean of the two scores plus the bonus, all in [0, 1]; a passage missing from one of them has 0 there."""
    return {
        row: (1 - LEXICAL_SHARE) * dense.get(row, 0.0)
        + LEXICAL_SHARE * lexical.get(row, 0.0)
        + HEADING_BONUS * headings.get(row, 0.0)
        for row in dense.keys() | lexical.keys()
    }
