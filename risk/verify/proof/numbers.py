"""The numbers of a running job, from Flink's REST API. They are some seconds old."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import quote

from risk.config import metric_names as names
from risk.stack.flink_rest import FlinkRest

GROUP = ".risk."  # before the jobs' own metrics
LIVE_DATA = "rocksdb_estimate-live-data-size"
AT_ONCE = 40  # metrics in one request, so that its line isn't too long


class Numbers(NamedTuple):
    """Sums over all operators and subtasks since the job's last restart.

    `settled` counts the shards that have nothing left to emit; `state_bytes` is RocksDB's
    live data.
    """

    records: int
    outcomes: dict[str, int]
    corrections: int
    behind: int
    settled: int
    state_bytes: int


def read(rest: FlinkRest, job: str) -> Numbers:
    """A job's numbers. Raises `FlinkUnavailable`."""
    totals: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    for id_, value in _metrics(rest, job):
        name = id_.rpartition(".")[2]
        totals[name] = totals.get(name, 0) + value
        if name == names.RECORDS.name:
            outcome = id_.split(".")[-2]
            outcomes[outcome] = outcomes.get(outcome, 0) + value
    return Numbers(
        records=totals.get(names.RECORDS.name, 0),
        outcomes=dict(sorted(outcomes.items())),
        corrections=totals.get(names.CORRECTIONS.name, 0),
        behind=totals.get(names.BEHIND_FRONTIER.name, 0),
        settled=totals.get(names.SHARDS_SETTLED.name, 0),
        state_bytes=totals.get(LIVE_DATA, 0),
    )


_WANTED = tuple(
    metric.name
    for metric in (names.RECORDS, names.CORRECTIONS, names.BEHIND_FRONTIER, names.SHARDS_SETTLED)
)


def _metrics(rest: FlinkRest, job: str) -> Iterator[tuple[str, int]]:
    for vertex in rest.get(f"/jobs/{job}")["vertices"]:
        path = f"/jobs/{job}/vertices/{vertex['id']}"
        known = (str(metric["id"]) for metric in rest.get(f"{path}/metrics"))
        for part in _parts(id_ for id_ in known if _is_wanted(id_)):
            found = rest.metrics(path, *(quote(id_) for id_ in part))
            yield from ((id_, int(float(value))) for id_, value in found.items())


def _is_wanted(id_: str) -> bool:
    name = id_.rpartition(".")[2]
    return name == LIVE_DATA or (GROUP in id_ and name in _WANTED)


def _parts(ids: Iterable[str]) -> Iterator[list[str]]:
    left = iter(ids)
    while part := list(islice(left, AT_ONCE)):
        yield part
