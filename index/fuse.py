"""Merges the ranking by meaning and the ranking by words into one score."""

from collections.abc import Mapping

LEXICAL_SHARE = 0.5  # chosen on eval/questions/dev.jsonl


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float]) -> dict[int, float]:
    """Weighted mean of the two scores, each in [0, 1]; a passage missing from one ranking scores 0 there."""
    return {
        row: (1 - LEXICAL_SHARE) * dense.get(row, 0.0) + LEXICAL_SHARE * lexical.get(row, 0.0)
        for row in dense.keys() | lexical.keys()
    }
