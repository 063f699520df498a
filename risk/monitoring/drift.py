"""Drift, for Prometheus: measured now and then in the background, told whenever it scrapes."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event, Lock, Thread
from typing import Final, NamedTuple

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from risk.config import metric_names as names
from risk.monitoring.exporter import family

log = logging.getLogger(__name__)

MOST_FEATURES: Final = 256  # series of each kind, by the features' names
RETRY_S: Final = 60.0  # after a failure, if that is sooner than the next time


class Unknown(Exception):
    """It can't be measured now, and why in one line."""


class Moved(NamedTuple):
    """How far something has moved. NaN: not known; `level` is 0 none, 1 some, 2 much."""

    psi: float = math.nan
    ks: float = math.nan
    level: float = math.nan


class Measured(NamedTuple):
    """What was measured. `sizes` are by the side, reference and current."""

    features: Mapping[str, Moved] = {}
    score: Moved = Moved()
    decisions: float = math.nan
    sizes: Mapping[str, int] = {"reference": 0, "current": 0}
    at: float = math.nan  # in s since 1970


class DriftCollector(Collector):
    """Tells what `ask` has said last: a scrape never waits for it.

    From the first scrape on it is asked every `every_s` seconds, by a thread of its own that ends
    with the process. Of a failure NaNs are told, so that no alert is about numbers of long ago.
    `features` have series before anything was measured.
    """

    def __init__(
        self, ask: Callable[[], Measured], features: Sequence[str], every_s: float
    ) -> None:
        self._ask, self._every_s = ask, every_s
        self._nothing = Measured(dict.fromkeys(features, Moved()))
        self._last, self._up, self._said = self._nothing, False, ""
        self._lock, self._ended = Lock(), Event()
        self._thread: Thread | None = None

    def stop(self) -> None:
        """Measure no more, once what is being measured is done."""
        self._ended.set()

    def collect(self) -> Iterator[Metric]:
        """What was measured last."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="drift", daemon=True)
                self._thread.start()
            found, up = self._last, self._up
        features = sorted(found.features.items())[:MOST_FEATURES]
        yield family(names.FEATURE_PSI, (([name], moved.psi) for name, moved in features))
        yield family(names.FEATURE_KS, (([name], moved.ks) for name, moved in features))
        yield family(names.FEATURE_LEVEL, (([name], moved.level) for name, moved in features))
        yield family(names.SCORE_PSI, [((), found.score.psi)])
        yield family(names.SCORE_LEVEL, [((), found.score.level)])
        yield family(names.DECISIONS_DISTANCE, [((), found.decisions)])
        yield family(names.DRIFT_SAMPLE, (([side], n) for side, n in found.sizes.items()))
        yield family(names.DRIFT_UP, [((), int(up))])
        yield family(names.DRIFT_TIME, [((), found.at)])

    def measure(self) -> bool:
        """Measure once; whether it could be."""
        up = False
        found = self._nothing
        try:
            asked = self._ask()
            found = asked._replace(features={**self._nothing.features, **asked.features})
            up, self._said = True, ""
        except Unknown as error:
            if self._said != (said := str(error)):  # once, however long it stays so
                log.warning("drift: %s", said)
            self._said = said
        except Exception:
            log.exception("drift")  # the exporter has more to tell than this
        with self._lock:
            self._last, self._up = found, up
        return up

    def _run(self) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            up = self.measure()
            pause = self._every_s if up else min(self._every_s, RETRY_S)
            self._ended.wait(max(0.0, began + pause - time.monotonic()))
