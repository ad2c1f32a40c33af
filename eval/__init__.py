"""Question sets, scores and comparisons; `python -m eval` runs them."""
