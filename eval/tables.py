"""Plain-text tables, at most WIDTH columns wide; report.py says what goes into them."""

from collections.abc import Mapping, Sequence

from eval.metrics import Estimate

WIDTH = 100
NONE = "–"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, the first aligned left, the others right, under a ruled head."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join(_align(cell, width, i) for i, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in (head, *rows)
    ]
    return "\n".join(line.rstrip() for line in (lines[0], "─" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]))


def estimates(labels: Mapping[str, str], systems: Mapping[str, Mapping[str, Estimate]]) -> str:
    """A table of one row a figure and one column a system."""
    rows = [
        [label, *(cell(key, scores[key]) if key in scores else NONE for scores in systems.values())]
        for key, label in labels.items()
    ]
    return table(["", *systems], rows)


def cell(key: str, estimate: Estimate) -> str:
    """A figure for a person: "0.80 (0.49–0.94)", "0.012", "31", or for the gate "212 of 212"."""
    if estimate.value is None:
        return NONE
    if key == "exact_quotes":
        return f"{round(estimate.value * estimate.n)} of {estimate.n}"  # a rounded 1.00 could hide a wrong one
    if key.startswith("seconds"):
        return f"{estimate.value:.3f}"
    if key == "words":
        return f"{estimate.value:.0f}"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.2f}"
    return f"{estimate.value:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"


def one_line(text: str, width: int = WIDTH) -> str:
    """`text` on one line of at most `width` characters, with nothing in it that a terminal would obey."""
    flat = "".join(c if c.isprintable() else "�" for c in " ".join(text.split()))
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def _align(text: str, width: int, column: int) -> str:
    return text.rjust(width) if column else text.ljust(width)
