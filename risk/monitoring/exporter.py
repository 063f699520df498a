"""An exporter for Prometheus: consumer groups' lag, room on disks and in memory, what runs."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from risk.config import metric_names as names
from risk.kafka.group_offsets import GroupOffsets, PartitionKey
from risk.kafka.lag import Offsets, read
from risk.monitoring.memory import Memory

log = logging.getLogger(__name__)
ANSWER_S = 2.0

# (topic, partition, offset committed, offset after the last) → whether no record is between
AtEnd = Callable[[str, int, int, int], bool]


class KafkaCollector(Collector):
    """Asks the broker when Prometheus scrapes.

    Where a group has stood still since the scrape before, `at_end` is asked once whether anything
    is left for it: a transaction's marker has an offset, and is no record that waits.
    """

    def __init__(
        self,
        admin: AdminClient,
        group_offsets: GroupOffsets,
        topics: Sequence[str],
        groups: re.Pattern[str],
        at_end: AtEnd | None = None,
    ) -> None:
        self._admin, self._group_offsets = admin, group_offsets
        self._topics, self._groups, self._at_end = topics, groups, at_end
        self._stood: dict[tuple[str, PartitionKey], tuple[int, int]] = {}
        self._known: dict[tuple[str, PartitionKey], bool] = {}
        self._lock = Lock()

    def collect(self) -> Iterator[Metric]:
        """Whether the broker answers; if so, all offsets and lags."""
        try:
            with self._lock:
                offsets = read(self._admin, self._group_offsets, self._topics, self._groups)
                self._group_offsets.keep(offsets.committed)
                if self._at_end is not None:
                    offsets = self._without_markers(offsets, self._at_end)
        except KafkaException as error:
            log.warning("kafka: %s", error.args[0].str())
            yield family(names.BROKER_UP, [((), 0)])
            return
        yield family(names.BROKER_UP, [((), 1)])
        yield from families(offsets)

    def answers(self) -> bool:
        """Whether the broker does, now."""
        try:
            self._admin.list_topics(timeout=ANSWER_S)
        except KafkaException:
            return False
        return True

    def _without_markers(self, offsets: Offsets, at_end: AtEnd) -> Offsets:
        now = {
            (group, place): (offset, offsets.ends[place].next)
            for group, places in offsets.committed.items()
            for place, offset in places.items()
            if place in offsets.ends and offset < offsets.ends[place].next
        }
        same = {where for where, stood in now.items() if self._stood.get(where) == stood}
        self._known = {where: found for where, found in self._known.items() if where in same}
        for where in same - set(self._known):
            _, (topic, partition) = where
            self._known[where] = at_end(topic, partition, *now[where])
        self._stood = now
        return offsets._replace(read={where for where, found in self._known.items() if found})


class DiskCollector(Collector):
    """Looks at the disks when Prometheus scrapes."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def collect(self) -> Iterator[Metric]:
        """Size and room of the disk under each path; of a path that isn't there yet, its parent."""
        found = [([str(path)], shutil.disk_usage(_existing(path))) for path in self._paths]
        yield family(names.DISK_FREE, ((path, usage.free) for path, usage in found))
        yield family(names.DISK_SIZE, ((path, usage.total) for path, usage in found))


class MemoryCollector(Collector):
    """Asks for the machine's memory, by `ask`, when Prometheus scrapes."""

    def __init__(self, ask: Callable[[], Memory | None]) -> None:
        self._ask = ask

    def collect(self) -> Iterator[Metric]:
        """Size and what is left; nothing where the system doesn't tell, as 0 would be an alarm."""
        if (memory := self._ask()) is not None:
            yield family(names.MEMORY_AVAILABLE, [((), memory.available)])
            yield family(names.MEMORY_SIZE, [((), memory.size)])


class ProcessCollector(Collector):
    """Says which processes run, by name, as `ask` finds them when Prometheus scrapes."""

    def __init__(self, ask: Callable[[], Mapping[str, bool]]) -> None:
        self._ask = ask

    def collect(self) -> Iterator[Metric]:
        """One value for each that was started and not stopped."""
        yield family(names.PROCESS_UP, (([name], int(up)) for name, up in self._ask().items()))


def families(offsets: Offsets) -> Iterator[Metric]:
    """The offsets as Prometheus reads them."""
    ends = [([topic, str(p)], found) for (topic, p), found in offsets.ends.items()]
    yield family(names.TOPIC_OFFSET, ((place, found.next) for place, found in ends))
    yield family(names.TOPIC_OLDEST_OFFSET, ((place, found.oldest) for place, found in ends))
    committed = (
        ([group, topic, str(p)], offset)
        for group, places in offsets.committed.items()
        for (topic, p), offset in places.items()
    )
    yield family(names.GROUP_OFFSET, committed)
    lags = (([group, topic, str(p)], lag) for group, (topic, p), lag in offsets.lags())
    yield family(names.GROUP_LAG, lags)


def family(
    metric: names.Metric, values: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    """A metric with its values by the values of its labels."""
    found = GaugeMetricFamily(metric.exported, metric.help, labels=metric.labels)
    for labels, value in values:
        found.add_metric(labels, value)
    return found


def _existing(path: Path) -> Path:
    return next(found for found in (path, *path.parents) if found.exists())
