from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest

from generator.config import StreamConfig
from generator.record import Record
from generator.stream import records
from risk.engine.payment.transaction import decode
from risk.verify.chaos.clock import Clock, earlier
from risk.verify.chaos.traffic import DISORDER

HOUR_MS = 3_600_000
START_MS = 1_764_500_000_000


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "behind")


def stream(count: int) -> list[Record]:
    config = StreamConfig(start_time=START_MS, seed=1, rate=50.0, duration_s=600.0, **DISORDER)
    return list(itertools.islice(records(config), count))


def test_a_clock_is_right_at_first_and_again_once_it_was_set(clock: Clock) -> None:
    assert clock.behind_ms() == 0
    clock.set_back(HOUR_MS)
    assert clock.behind_ms() == HOUR_MS
    clock.set_back(0)
    clock.set_back(0)
    assert clock.behind_ms() == 0


def test_who_is_started_again_meanwhile_finds_it_as_wrong(clock: Clock, tmp_path: Path) -> None:
    clock.set_back(HOUR_MS)
    assert Clock(tmp_path / "behind").behind_ms() == HOUR_MS


def test_payments_are_of_an_hour_ago_and_else_the_same() -> None:
    payments = [one for one in stream(500) if one.kind != "malformed"]
    for before in payments:
        now, then = (decode(one.value, one.key) for one in (before, earlier(before, HOUR_MS)))
        assert then == msgspec.structs.replace(now, event_time=now.event_time - HOUR_MS)


def test_a_label_goes_with_its_payment() -> None:
    (first, *_) = stream(1)
    found = earlier(first, HOUR_MS)
    assert found.label is not None
    label = msgspec.json.decode(found.label)
    assert label["event_time"] == decode(found.value, found.key).event_time
    assert earlier(first._replace(label=None), HOUR_MS).label is None


@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"[]", b'{"event_time":"soon"}', b"{" * 99])
def test_what_says_no_time_stays_as_it_is(value: bytes) -> None:
    record = Record(None, value, None, 7, "malformed")
    assert earlier(record, HOUR_MS) == record


def test_each_record_has_the_time_that_it_is_sent_at(clock: Clock) -> None:
    plain = stream(6)
    stamped = clock.stamped(iter(plain))
    found = [next(stamped), next(stamped)]
    clock.set_back(HOUR_MS)
    found += [next(stamped), next(stamped)]
    clock.set_back(0)
    found += [next(stamped), next(stamped)]
    back = [earlier(one, HOUR_MS) for one in plain[2:4]]
    assert found == [*plain[:2], *back, *plain[4:]]
