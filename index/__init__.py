"""Passages become an index on disk; a question becomes ranked hits. Knows nothing of answers."""
