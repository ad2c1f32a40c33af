"""Files become Documents: one canonical text each, with pages, sections, passages and sentences as spans over it."""
