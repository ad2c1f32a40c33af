"""Limits: a client's questions a minute, counted on a clock that the test turns, and how many may wait."""

import threading

import pytest

from chat.limits import CLIENTS, Busy, Limits, TooOften


def ask(limits: Limits, client: str = "a") -> None:
    with limits.admitted(client):
        pass


def test_a_client_may_ask_so_often_a_minute_and_others_are_not_concerned() -> None:
    now = [0.0]
    limits = Limits(rate=2, clock=lambda: now[0])
    ask(limits)
    now[0] = 10.5
    ask(limits)
    with pytest.raises(TooOften, match=r"You have asked 2 questions in a minute.* in 50 seconds") as refused:
        ask(limits)
    assert refused.value.seconds == 50
    ask(limits, "b")
    now[0] = 60.5  # the first is a minute old, and the refused one did not count
    ask(limits)
    with pytest.raises(TooOften):
        ask(limits)


def test_without_a_rate_there_is_none() -> None:
    limits = Limits()
    for _ in range(1000):
        ask(limits)


def test_only_so_many_may_wait() -> None:
    limits = Limits(waiting=2)
    with limits.admitted("a"), limits.admitted("b"), pytest.raises(Busy, match="Try again in a moment"):
        ask(limits, "c")
    ask(limits, "c")


def test_a_question_that_fails_waits_no_longer() -> None:
    limits = Limits(waiting=1)
    with pytest.raises(ZeroDivisionError), limits.admitted("a"):
        raise ZeroDivisionError
    ask(limits)


def test_clients_without_number_are_not_remembered_without_end() -> None:
    limits = Limits(rate=1)
    for number in range(CLIENTS + 1):
        ask(limits, str(number))
    ask(limits, "0")  # forgotten
    with pytest.raises(TooOften):
        ask(limits, str(CLIENTS))


def test_threads_are_counted_rightly() -> None:
    limits, taken, refused = Limits(rate=50, waiting=1000), [], []

    def many() -> None:
        for _ in range(20):
            try:
                ask(limits)
                taken.append(1)
            except TooOften:
                refused.append(1)

    threads = [threading.Thread(target=many) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(refused)) == (50, 50)


def test_what_counts_as_several_questions_is_taken_as_such_and_never_refused_for_ever() -> None:
    now = [0.0]
    limits = Limits(rate=4, clock=lambda: now[0])
    ask(limits)
    now[0] = 20
    with limits.admitted("a", 3):
        assert not limits.idle
    assert limits.idle
    now[0] = 59
    with pytest.raises(TooOften) as refused, limits.admitted("a", 2):
        pass
    assert refused.value.seconds == 21  # by then the three of 20 s are forgotten too
    now[0] = 60.5
    ask(limits)
    now[0] = 200
    with limits.admitted("a", 99):
        pass
    with pytest.raises(TooOften):
        ask(limits)
