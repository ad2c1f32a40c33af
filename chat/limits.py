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
    def admitted(self, client: str, questions: int = 1) -> Iterator[None]:
        """Let `client` ask within the block, what counts as so many `questions`; raises `TooOften` or `Busy`, which count
        as none. More than may be asked a minute count as all of them: they are taken, and then there is a pause.
        """
        with self._lock:
            if self._waiting >= self._most:
                raise Busy(words.BUSY, 2)
            self._count(client, questions)
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    @property
    def idle(self) -> bool:
        """Whether nobody asks or waits."""
        return self._waiting == 0

    def _count(self, client: str, questions: int) -> None:
        if not self._rate:
            return
        now = self._clock()
        asked = self._asked.setdefault(client, deque())
        self._asked.move_to_end(client)
        if len(self._asked) > CLIENTS:
            self._asked.popitem(last=False)
        while asked and asked[0] <= now - WINDOW:
            asked.popleft()
        over = len(asked) + min(questions, self._rate) - self._rate
        if over > 0:
            seconds = max(1, math.ceil(asked[over - 1] + WINDOW - now))
            raise TooOften(
                words.TOO_OFTEN.format(questions=words.count(self._rate, words.ONE_QUESTION), seconds=seconds), seconds
            )
        asked.extend([now] * min(questions, self._rate))
