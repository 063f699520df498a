"""Stores that take no writes for a while: full, or failing over, as `risk chaos` makes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from risk.config.settings import Settings
from risk.engine.delivery import Sink, Unavailable, Written
from risk.stack.process import Home
from risk.verify.chaos import testbed
from risk.verify.chaos.faults.fail_over import fail_over_store
from risk.verify.chaos.faults.full import full_store
from risk.verify.chaos.plan import Action
from risk.verify.chaos.traffic import Traffic
from sinks import again, registry
from tests.contract.messages import NOON, score

pytestmark = pytest.mark.stack
BEFORE = [score(f"e{at}", user_id=f"u-{at}", event_time=NOON) for at in range(4)]
MEANWHILE = [score(f"f{at}", user_id=f"u-{at}", event_time=NOON + at) for at in range(4)]


class Watched(testbed.Testbed):
    """`seen` is called where a fault would last."""

    def __init__(self, settings: Settings, home: Home, path: Path) -> None:
        super().__init__(settings, home, Traffic(settings, path, 1, 1.0), lambda _: None)
        self.seen: list[str] = []
        self.look: Callable[[], str] = str

    def hold(self, seconds: float) -> None:
        """Instead of waiting."""
        self.seen.append(self.look())


@pytest.fixture
def where(request: pytest.FixtureRequest) -> Settings:
    """The settings of the store that the test is for, which is empty."""
    name = request.node.callspec.params["store"]
    settings: Settings = request.getfixturevalue("migrated" if name == "postgres" else name)
    registry.load(name).wipe(settings)
    return settings


def stored(settings: Settings, store: str) -> set[str]:
    loaded = registry.load(store)
    ask = loaded.probe(settings, ("default", 1))
    every = [(one.event_id, one.user_id, one.event_time) for one in (*BEFORE, *MEANWHILE)]
    return {event_id for event_id, _, _ in ask(every)}


def refusal(settings: Settings, sink: Sink) -> str:
    """What the store says to a delivery that was connected, and then to one that connects anew."""

    def anew() -> None:
        sink.open()
        again.write(sink, MEANWHILE, settings.delivery)

    with pytest.raises(Unavailable):
        again.write(sink, MEANWHILE, settings.delivery)
    with pytest.raises(Unavailable) as told:
        anew()
    return str(told.value)


@pytest.mark.parametrize(
    ("store", "says"),
    [
        ("postgres", "in a read-only transaction"),
        ("redis", "used memory > 'maxmemory'"),
        ("elasticsearch", "exceeded flood-stage watermark"),
    ],
)
def test_what_a_full_store_does_not_take_waits_until_it_does(
    store: str, says: str, where: Settings, home: Home, tmp_path: Path
) -> None:
    sink = registry.load(store).create(where)
    sink.open()
    assert sink.write(BEFORE) == Written(rows=4)
    watched = Watched(where, home, tmp_path)

    def look() -> str:
        assert stored(where, store) == {one.event_id for one in BEFORE}, "who reads is answered"
        return refusal(where, sink)

    watched.look = look
    full_store(watched, Action("full-store", store, 1.0, 0.0))
    assert says in watched.seen[0]
    sink.open()
    assert again.write(sink, MEANWHILE, where.delivery) == Written(rows=4)
    assert stored(where, store) == {one.event_id for one in (*BEFORE, *MEANWHILE)}
    sink.close()


@pytest.mark.parametrize(
    ("store", "says"),
    [
        ("postgres", ("not currently accepting connections", "in a read-only transaction")),
        ("redis", ("MASTERDOWN", "read only replica")),
    ],
)
def test_what_a_store_that_fails_over_does_not_take_waits_until_it_has(
    store: str, says: tuple[str, str], where: Settings, home: Home, tmp_path: Path
) -> None:
    sink = registry.load(store).create(where)
    sink.open()
    assert sink.write(BEFORE) == Written(rows=4)
    watched = Watched(where, home, tmp_path)
    watched.look = lambda: refusal(where, sink)
    fail_over_store(watched, Action("fail-over-store", store, 2.0, 0.0))
    nobody, standby = watched.seen
    assert says[0] in nobody
    assert says[1] in standby
    sink.open()
    assert again.write(sink, MEANWHILE, where.delivery) == Written(rows=4)
    assert stored(where, store) == {one.event_id for one in (*BEFORE, *MEANWHILE)}
    sink.close()
