from __future__ import annotations

from risk.verify.chaos.faults.every import FAULTS
from risk.verify.chaos.faults.fail_over import FAILS_OVER
from risk.verify.chaos.faults.full import FLOODED, FULL
from risk.verify.chaos.kinds import KINDS, find, possible
from sinks import registry


def test_each_kind_has_its_fault() -> None:
    assert list(FAULTS) == [kind.name for kind in KINDS]


def test_each_store_can_be_full() -> None:
    assert set(FULL) == set(registry.names())
    assert find("full-store").stores == ()


def test_those_fail_over_that_can() -> None:
    assert tuple(FAILS_OVER) == find("fail-over-store").stores


def test_a_store_takes_writes_where_it_is_not_chaos_own() -> None:
    names = {kind.name for kind in possible(())}
    assert not names & {"full-store", "fail-over-store"}
    assert "clock-back" in names, "it is the producer's own"


def test_the_flood_stage_is_no_less_than_the_watermarks_before_it() -> None:
    """Else Elasticsearch refuses them. They are what has to be left of a disk."""
    marks = [value for name, value in FLOODED.items() if ".watermark." in name]
    assert marks == ["1pb"] * 3
