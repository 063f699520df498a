"""Hostile input by when it comes: clocks that are ahead, silence, and what comes after it."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.long.health import Sound, now
from tests.pipeline import transaction, until

AHEAD_MS = 299_000
HONEST = 2_400
QUIET = 3  # the partition that is silent
COUNT = itertools.count()


def a_clock_that_is_ahead(sound: Sound) -> None:
    """Nobody is late by it; its own payment is corrected when the clock is there."""
    sound.pay([transaction("ahead", "clock-0", now() + AHEAD_MS)])
    at = now()
    sound.pay([transaction(f"h{n}", f"clock-{n % 60}", at + n % 100) for n in range(HONEST)])
    found = sound.decided("clock-", HONEST + 1)
    assert not any(one["late"] for one in found)


def a_partition_that_was_silent(sound: Sound) -> None:
    """For 45 s, and then brings what is 40 s old."""
    with _others(sound):
        time.sleep(45)
        at = now() - 40_000
        user = f"silent-{at}"
        sound.pay([transaction(f"s{n}", user, at + n) for n in range(50)], QUIET)
        sound.decided(user, 50)


def stragglers_after_quiet(sound: Sound) -> None:
    """All has settled when they come, in the order of their partition not late."""
    at = now()
    user = f"straggling-{at}"
    sound.pay([transaction(f"s{n}", user, at + n * 1_000 - 20_000) for n in range(21)], 1)
    time.sleep(sound.settings.scoring.quiet_ms / 1_000 + 3)
    late = [transaction(f"s{n}-after", user, at + n * 1_000 - 19_500) for n in range(20)]
    sound.pay(late, 1)
    sound.decided(user, 41)


def a_partition_that_drips(sound: Sound) -> None:
    """One old payment every 4 s for a minute: it is never idle, and always behind."""
    with _others(sound):
        time.sleep(30)
        user = f"dripping-{now()}"
        for number in range(15):
            sound.pay([transaction(f"d{number}", user, now() - 25_000)], QUIET)
            time.sleep(4)
        sound.decided(user, 15)


def a_late_payment_is_decided(sound: Sound) -> None:
    at = now()
    user = f"late-{at}"
    sound.pay([transaction("on-time", user, at)])
    sound.decided(user, 1)
    begun = time.monotonic()
    sound.pay([transaction("late", user, at - 600_000)])
    until(lambda: len(sound.scores(user)) == 2, "the late one is decided", 60)
    print(f"    a late payment was decided within {time.monotonic() - begun:.1f} s")
    (late,) = (one for one in sound.scores(user) if one["event_id"] == "late")
    assert late["late"]


@contextmanager
def _others(sound: Sound) -> Iterator[None]:
    """Payments in all partitions but one, some each second, as long as the block runs."""
    over = threading.Event()
    failed: list[Exception] = []

    def pay() -> None:
        while not over.wait(0.5):
            for partition in range(QUIET):
                number = next(COUNT)
                txn = transaction(f"o{number}-{now()}", f"other-{number % 30}-{partition}", now())
                try:
                    sound.pay([txn], partition)
                except Exception as error:
                    failed.append(error)

    thread = threading.Thread(target=pay)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert not failed, failed[0]
