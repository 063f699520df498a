"""The generator's metrics for Prometheus. They cost nothing until somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from generator.tally import BOUNDS, Tally
from risk.config.metric_names import (
    GENERATOR_BEHIND_SECONDS,
    GENERATOR_ERRORS,
    GENERATOR_LABELS,
    GENERATOR_PUBLISH_SECONDS,
    GENERATOR_RECORDS,
    GENERATOR_RENEWALS,
)


class TallyCollector(Collector):
    """Reads a tally when Prometheus scrapes."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        """All metrics as they are now."""
        tally, named = self._tally, GENERATOR_RECORDS
        records = CounterMetricFamily(named.name, named.help, labels=named.labels)
        for kind, count in tally.records.copy().items():
            records.add_metric([kind], count)
        yield records
        yield CounterMetricFamily(GENERATOR_LABELS.name, GENERATOR_LABELS.help, tally.labels)
        yield CounterMetricFamily(GENERATOR_ERRORS.name, GENERATOR_ERRORS.help, tally.errors)
        yield CounterMetricFamily(GENERATOR_RENEWALS.name, GENERATOR_RENEWALS.help, tally.renewals)
        behind = GENERATOR_BEHIND_SECONDS
        yield GaugeMetricFamily(behind.name, behind.help, tally.behind_s)
        within = accumulate(tally.latencies)
        bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
        named = GENERATOR_PUBLISH_SECONDS
        latency = HistogramMetricFamily(named.name, named.help)
        latency.add_metric([], list(zip(bounds, within, strict=True)), tally.latency_s)
        yield latency


def serve(tally: Tally, host: str, port: int) -> None:
    """Serve the metrics over HTTP for as long as the process lives. Raises OSError."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(TallyCollector(tally))
    start_http_server(port, addr=host, registry=registry)
