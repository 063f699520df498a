"""An exporter for Prometheus: the lag of consumer groups, the room on disks, what runs."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitoring.offsets import Offsets, read
from risk import metric_names as names

log = logging.getLogger(__name__)


class KafkaCollector(Collector):
    """Asks the broker when Prometheus scrapes. Nothing is kept, so nothing can be stale."""

    def __init__(
        self, config: Mapping[str, Any], topics: Sequence[str], groups: re.Pattern[str]
    ) -> None:
        self._admin = AdminClient(dict(config))
        self._topics, self._groups = topics, groups

    def collect(self) -> Iterator[Metric]:
        """Whether the broker answers; if so, all offsets and lags."""
        try:
            offsets = read(self._admin, self._topics, self._groups)
        except KafkaException as error:
            log.warning("kafka: %s", error.args[0].str())
            yield _family(names.BROKER_UP, [((), 0)])
            return
        yield _family(names.BROKER_UP, [((), 1)])
        yield from families(offsets)


class DiskCollector(Collector):
    """Looks at the disks when Prometheus scrapes."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def collect(self) -> Iterator[Metric]:
        """Size and room of the disk under each path; of a path that isn't there yet, its parent."""
        found = [([str(path)], shutil.disk_usage(_existing(path))) for path in self._paths]
        yield _family(names.DISK_FREE, ((path, usage.free) for path, usage in found))
        yield _family(names.DISK_SIZE, ((path, usage.total) for path, usage in found))


class ProcessCollector(Collector):
    """Says which processes run, by name, as `ask` finds them when Prometheus scrapes."""

    def __init__(self, ask: Callable[[], Mapping[str, bool]]) -> None:
        self._ask = ask

    def collect(self) -> Iterator[Metric]:
        """One value for each that was started and not stopped."""
        yield _family(names.PROCESS_UP, (([name], int(up)) for name, up in self._ask().items()))


def families(offsets: Offsets) -> Iterator[Metric]:
    """The offsets as Prometheus reads them."""
    ends = [([topic, str(p)], found) for (topic, p), found in offsets.ends.items()]
    yield _family(names.TOPIC_OFFSET, ((place, found.next) for place, found in ends))
    yield _family(names.TOPIC_OLDEST_OFFSET, ((place, found.oldest) for place, found in ends))
    committed = (
        ([group, topic, str(p)], offset)
        for group, places in offsets.committed.items()
        for (topic, p), offset in places.items()
    )
    yield _family(names.GROUP_OFFSET, committed)
    lags = (([group, topic, str(p)], lag) for group, (topic, p), lag in offsets.lags())
    yield _family(names.GROUP_LAG, lags)


def serve(collectors: Sequence[Collector], host: str, port: int) -> None:
    """Serve over HTTP in a thread of its own. Raises OSError if the address can't be had."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    _, thread = start_http_server(port, addr=host, registry=registry)
    thread.join()


def _family(
    metric: names.Metric, values: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(metric.exported, metric.help, labels=metric.labels)
    for labels, value in values:
        family.add_metric(labels, value)
    return family


def _existing(path: Path) -> Path:
    return next(found for found in (path, *path.parents) if found.exists())
