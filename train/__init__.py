"""Trains the reader from SQuAD-format data and exports it; nothing else in the project needs it at run time."""
