"""A question becomes verbatim quotes with citations, or a refusal with its reason."""
