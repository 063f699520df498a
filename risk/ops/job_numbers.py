"""What a running scoring job has counted, from Flink's REST API: some seconds old."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from urllib.parse import quote

import msgspec

from risk.config import metric_names as names
from risk.stack.flink_rest import FlinkRest, understood

GROUP = ".risk."  # before the jobs' own metrics
LIVE_DATA = "rocksdb_estimate-live-data-size"
AT_ONCE = 40  # metrics in one request, so that its line isn't too long
WANTED = {
    metric.name
    for metric in (
        names.RECORDS,
        names.PARTITION_RECORDS,
        names.CORRECTIONS,
        names.UNCORRECTED,
        names.BEHIND_FRONTIER,
        names.SHARDS_SETTLED,
    )
}


class Numbers(msgspec.Struct, frozen=True):
    """Counted since the job's last start.

    `read` are all records, `outcomes` those the run judges, by what became of them; `settled` the
    shards with nothing left to wait for; `state_bytes` is RocksDB's live data. `uncorrected`
    corrections, and events `behind` the frontier, must be 0.
    """

    read: int
    outcomes: dict[str, int]
    corrections: int
    uncorrected: int
    behind: int
    settled: int
    state_bytes: int

    @property
    def counts(self) -> dict[str, int]:
        """As run metadata has it."""
        return {
            "consumed": sum(self.outcomes.values()),
            **self.outcomes,
            "corrections": self.corrections,
        }


def read(rest: FlinkRest, job: str) -> Numbers:
    """The job's numbers. Raises `FlinkUnavailable`."""
    totals: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for id_, value in _metrics(rest, job):
        name = id_.rpartition(".")[2]
        totals[name] += value
        if name == names.RECORDS.name:
            outcomes[id_.split(".")[-2]] += value
    return Numbers(
        totals[names.PARTITION_RECORDS.name],
        dict(sorted(outcomes.items())),
        totals[names.CORRECTIONS.name],
        totals[names.UNCORRECTED.name],
        totals[names.BEHIND_FRONTIER.name],
        totals[names.SHARDS_SETTLED.name],
        totals[LIVE_DATA],
    )


def _metrics(rest: FlinkRest, job: str) -> Iterator[tuple[str, int]]:
    for id_, value in metrics(rest, job, {*WANTED, LIVE_DATA}):
        yield id_, int(value)


def _is_wanted(id_: str, wanted: Collection[str]) -> bool:
    name = id_.rpartition(".")[2]
    return name in wanted and (GROUP in id_ or name == LIVE_DATA)


def metrics(rest: FlinkRest, job: str, wanted: Collection[str]) -> Iterator[tuple[str, float]]:
    """The metrics of a job's operators that are named so, by their whole ids in Flink."""
    answer = rest.get(f"/jobs/{job}")
    with understood(f"/jobs/{job}"):
        paths = [f"/jobs/{job}/vertices/{vertex['id']}" for vertex in answer.get("vertices", ())]
    for path in paths:
        answer = rest.get(f"{path}/metrics")
        with understood(f"{path}/metrics"):
            known = [str(metric["id"]) for metric in answer]
        ids = [id_ for id_ in known if _is_wanted(id_, wanted)]
        for at in range(0, len(ids), AT_ONCE):
            found = rest.metrics(path, *(quote(id_) for id_ in ids[at : at + AT_ONCE]))
            with understood(path):
                numbers = [(id_, float(value)) for id_, value in found.items()]
            yield from numbers
