"""What is away for a while, how far it falls behind, and when it has caught up by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final, NamedTuple, Protocol

from risk.bench import kafka
from risk.bench.live import Consumer, lag
from risk.bench.watch import ASKED, Sample
from risk.config.settings import Settings
from risk.config.types import in_url
from risk.stack.direct import open_url
from risk.waiting import until
from sinks import registry
from sinks.store import Payment, Tag

LOOK_S: Final = 2.0  # between two looks at the lag
AGAIN_S: Final = 0.2


class Watched(Protocol):
    """What is away, seen from outside."""

    def lag(self) -> int:
        """How many records it hasn't taken yet."""

    def caught_up(self, missed: Sequence[Payment], left_s: float) -> bool:
        """Wait until it has what it missed, for so long at most; whether it does."""


class WatchedStore(NamedTuple):
    """A store, by the group of its delivery, and asked for rows."""

    settings: Settings
    consumer: Consumer
    ruleset: Tag

    def lag(self) -> int:
        """How many scores its delivery hasn't committed."""
        return lag(self.settings, self.consumer)

    def caught_up(self, missed: Sequence[Payment], left_s: float) -> bool:
        """Wait for a row of each payment."""
        ask = registry.load(self.consumer.name).probe(self.settings, self.ruleset)
        left, over = list(missed), time.monotonic() + left_s
        while left and time.monotonic() < over:
            found = ask(left[:ASKED])
            left = [payment for payment in left if payment not in found]
            if len(found) < ASKED:
                time.sleep(AGAIN_S)
        return not left


class WatchedConsole:
    """The console, by the alerts that it shows. The first look is as it goes away."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._before: int | None = None

    def lag(self) -> int:
        """How many alerts have come since the first look."""
        now = sum(kafka.ends(self._settings, self._settings.topics.alerts).values())
        if self._before is None:
            self._before = now
        return now - self._before

    def caught_up(self, missed: Sequence[Payment], left_s: float) -> bool:
        """Wait until it says that it has read all alerts."""
        return until(self._ready, left_s, AGAIN_S)

    def _ready(self) -> bool:
        console = self._settings.console
        try:
            open_url(f"http://{in_url(console.host)}:{console.port}/readyz", 3).close()
        except OSError:  # an answer of 503 is one, too
            return False
        return True


class Moments(NamedTuple):
    """In seconds after the first event is due: when it goes, for how long, when all is over."""

    begin_s: float
    away_s: float
    over_s: float


class Away:
    """Takes it away when it is time, and watches it come back; in a thread of its own."""

    def __init__(
        self,
        watched: Watched,
        away: Callable[[], AbstractContextManager[None]],
        moments: Moments,
    ) -> None:
        self._watched, self._away, self._moments = watched, away, moments
        self.lag_most = self.lag_back = 0
        self.caught_up_s: float | None = None
        self.problem: str | None = None

    def __call__(self, start: float, samples: Sequence[Sample]) -> None:
        """`start` is when the first event is due."""
        begin, over = start + self._moments.begin_s, start + self._moments.over_s
        end = begin + self._moments.away_s
        try:
            _sleep_until(begin)
            with self._away():
                self._look()
                while (left := end - time.monotonic()) > 0:
                    time.sleep(min(LOOK_S, left))
                    self._look()
                self.lag_back = self._look()
            back = time.monotonic()
            missed = [s.payment for s in samples if begin <= start + s.at < back]
            if self._watched.caught_up(missed, over - back):
                self.caught_up_s = round(time.monotonic() - back, 2)
        except Exception as error:  # what the store's client or the servers raise: told at the end
            self.problem = f"{type(error).__name__}: {error}"

    def _look(self) -> int:
        found = self._watched.lag()
        self.lag_most = max(self.lag_most, found)
        return found


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
