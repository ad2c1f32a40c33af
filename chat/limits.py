"""How much may be asked: questions of one client a minute, and questions that wait at once; beyond, a sentence says so."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from chat import words

WINDOW = 60.0  # seconds over which a client's questions are counted
WAITING = 32  # questions being answered or waiting: at 0.1 s each, the last waits some three seconds
CLIENTS = 10_000  # that are remembered; of more, those are forgotten that have asked least recently


class TooMuch(Exception):
    """A question that is not taken now; the message says why, `seconds` when to come again."""

    def __init__(self, message: str, seconds: int) -> None:
        """Keep when to come again."""
        super().__init__(message)
        self.seconds = seconds


class TooOften(TooMuch):
    """One client has asked too much; others can ask."""


class Busy(TooMuch):
    """Too many questions wait already, whoever asks."""


class Limits:
    """Counts questions; may be used by several threads. `rate` is questions a minute and client, 0 without limit."""

    def __init__(self, rate: int = 0, waiting: int = WAITING, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing asked; `clock` gives seconds."""
        self._rate, self._most, self._clock = rate, waiting, clock
        self._lock = Lock()
        self._waiting = 0
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    @contextmanager
    def admitted(self, client: str) -> Iterator[None]:
        """Let `client` ask one question within the block; raises `TooOften` or `Busy`, which count as no question."""
        with self._lock:
            if self._waiting >= self._most:
                raise Busy(words.BUSY, 2)
            self._count(client)
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def _count(self, client: str) -> None:
        if not self._rate:
            return
        now = self._clock()
        asked = self._asked.setdefault(client, deque())
        self._asked.move_to_end(client)
        if len(self._asked) > CLIENTS:
            self._asked.popitem(last=False)
        while asked and asked[0] <= now - WINDOW:
            asked.popleft()
        if len(asked) >= self._rate:
            seconds = max(1, math.ceil(asked[0] + WINDOW - now))
            raise TooOften(words.TOO_OFTEN.format(rate=self._rate, seconds=seconds), seconds)
        asked.append(now)
