"""What a terminal gets: text from reports, names and questions, without what would move its cursor or turn its text around."""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO

# Control characters (but tab and line feed), lone surrogates, line separators, and the characters that reorder text.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SHOWN = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """`text` with a sign in place of each character that is not seen but changes what is: an escape becomes "�"."""
    return UNSEEN.sub(SHOWN, text)


class _Tame(io.TextIOBase):
    """A text stream that passes on what is printable."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(printable(text))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


@contextmanager
def tame_output() -> Iterator[None]:
    """Within this, all that is printed is `printable`; JSON escapes such characters, so it stays exact.

    A terminal that cannot show a character gets another instead: that is no reason to stop.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    with redirect_stdout(_Tame(sys.stdout)), redirect_stderr(_Tame(sys.stderr)):
        yield
