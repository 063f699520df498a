"""A delivery whose store refuses everything puts no more aside, and goes on once it is mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from pyflink.common import Row

from flink_jobs.letters import CONNECT
from flink_jobs.lines import FIELD, RECORD
from flink_jobs.metrics import DeliveryMetrics
from flink_jobs.operators import deliver
from flink_jobs.operators.deliver import DeliveryOperator, DeliveryPlan
from flink_jobs.version import CODE_VERSION
from risk.config import metric_names as names
from risk.config.settings import Settings, parse
from risk.engine.delivery import Message, Refused, Unavailable, Written
from sinks import registry
from tests.contract.messages import NOON, score
from tests.unit.flink_jobs.test_job_metrics import Group
from tests.unit.flink_jobs.test_letters import told

SETTINGS = parse(
    "delivery: {refused_limit: 10, give_up_ms: 1, retry_min_ms: 1, retry_max_ms: 1}", {}
)


class Wrong:
    """A store in memory with a constraint that no message meets, until it is mended."""

    name = "postgres"
    mended = False

    def __init__(self) -> None:
        self.rows: set[str] = set()

    def open(self) -> None:
        """There is nothing to connect to."""

    def write(self, batch: Sequence[Any]) -> Written:
        """Take all, or nothing."""
        if not self.mended:
            refused = [Refused(at, f"no {at}", "23514") for at in range(len(batch))]
            return Written(refused=tuple(refused))
        self.rows |= {one.event_id for one in batch}
        return Written(rows=len(batch))

    def close(self) -> None:
        """There is nothing to disconnect from."""


class Job:
    """The operator as a job's start makes it; a batch is what a crossing brings."""

    def __init__(self, settings: Settings, store: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
        class Delivery:
            read = staticmethod(lambda raw: msgspec.json.decode(raw.value, type=type(score("x"))))

            def load(self) -> Any:
                return self

            def create(self, _: Settings) -> Wrong:
                return store

        class Context:
            def __init__(self) -> None:
                self.group = Group()

            def get_metrics_group(self) -> Group:
                return self.group

        monkeypatch.setattr(registry, "delivery", lambda _: Delivery())
        self.context = Context()
        self.operator = DeliveryOperator(DeliveryPlan("postgres", CODE_VERSION, settings))
        self.operator.open(self.context)

    def deliver(self, messages: Sequence[Message]) -> list[dict[str, bytes]]:
        """The headers of what is put aside. Raises `Unavailable`."""
        lines = [
            FIELD.join(("scores", "0", str(at), str(NOON), one.user_id, encoded(one)))
            for at, one in enumerate(messages)
        ]
        rows = self.operator.process_element(Row(0, RECORD.join(lines)), None)
        return [told(line)[0] for row in rows for line in row[1].decode().split(RECORD)]

    @property
    def held(self) -> int:
        return self.context.group.values(names.DELIVERY_HELD)["postgres",]


def encoded(message: Message) -> str:
    return msgspec.json.encode(message).decode("latin-1")


def test_nothing_is_put_aside_until_the_store_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "load_all", lambda: None)
    monkeypatch.setattr(deliver, "_limits", {})
    monkeypatch.setattr(deliver, "_blocked_since", {})
    store = Wrong()
    good = [score(f"e{at}", event_time=NOON) for at in range(30)]
    job = Job(SETTINGS, store, monkeypatch)
    letters = job.deliver(good[:4])  # it may be these messages
    assert [one[CONNECT + "exception.class.name"] for one in letters] == [b"refused"] * 4
    assert job.held == 0
    refused = r"refused \d+ of the last \d+ messages for the same reason.*no 0"
    for _ in range(2):
        with pytest.raises(Unavailable, match=refused):
            job.deliver(good[4:20])
        assert job.held == 1
    again = Job(SETTINGS, store, monkeypatch)  # Flink starts it anew, in the same interpreter
    with pytest.raises(Unavailable, match=refused):
        again.deliver(good[4:5])
    store.mended = True
    assert again.deliver(good[4:]) == []
    assert again.held == 0
    assert store.rows == {one.event_id for one in good[4:]}


def test_whether_it_is_held_is_told() -> None:
    group = Group()
    metrics = DeliveryMetrics(group, "redis")
    metrics.held(True)
    metrics.blocked(1)
    assert group.values(names.DELIVERY_HELD) == {("redis",): 1}
