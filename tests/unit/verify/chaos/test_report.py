from __future__ import annotations

import msgspec
import pytest

from risk.stack.machine import Machine
from risk.verify.chaos.report import Report, Row, Totals, by_kind

SOUND = Totals(
    acknowledged=90,
    in_topic=100,
    unconfirmed=10,
    consumed=100,
    rejected=4,
    duplicate=3,
    late=2,
    scored=80,
    elsewhere=11,
    corrections=5,
    mismatches=0,
    rows={"postgres": 93},
    lag={"score": 0, "redis": 0},
    undecided=0,
)


def report(totals: Totals | None, *rows: Row) -> Report:
    machine = Machine(2, "", 8.0, 0.0, "", "", {})
    return Report(
        seed=1,
        rate=50.0,
        prompt_s=1.0,
        ruleset="default",
        machine=machine,
        plan=[],
        rows=[*rows],
        totals=totals,
    )


def row(kind: str, target: str, recovery_s: float | None, *problems: str) -> Row:
    return Row(kind=kind, target=target, at_s=1.0, recovery_s=recovery_s, problems=[*problems])


def test_accounts_that_add_up_are_sound() -> None:
    found = report(SOUND, row("kill-broker", "kafka", 3.0))
    found.conclude([])
    assert found.sound
    assert found.problems == []


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"scored": 79}, "100 were consumed, and 99 have an outcome"),
        ({"consumed": 99, "scored": 79}, "100 are in the topic, and 99 were consumed"),
        ({"acknowledged": 91}, "91 were acknowledged, and 90 of them are in the topic"),
        ({"mismatches": 2}, "2 mismatches with the oracle"),
        ({"undecided": 1}, "1 payments of the pulse were never decided"),
        ({"lag": {"score": 0, "redis": 7}}, "redis lags by 7 records"),
    ],
)
def test_what_does_not_add_up_is_told(changed: dict[str, object], problem: str) -> None:
    found = report(msgspec.structs.replace(SOUND, **changed))
    found.conclude([])
    assert not found.sound
    assert found.problems == [problem]


def test_a_fault_that_was_not_recovered_is_told_with_its_name() -> None:
    found = report(SOUND, row("freeze-store", "redis", None, "it never came back"))
    found.conclude([])
    assert found.problems == ["freeze-store redis: it never came back"]


def test_without_accounts_nothing_is_sound() -> None:
    found = report(None)
    found.conclude(["no broker"])
    assert found.problems == ["the accounts could not be made up", "no broker"]


def test_recovery_is_summed_up_by_kind_and_of_a_taskmanager_by_its_job() -> None:
    rows = [
        row("kill-taskmanager", "score", 9.0),
        row("kill-taskmanager", "redis", 0.0),
        row("kill-broker", "kafka", 4.0),
        row("kill-broker", "kafka", 6.0),
        row("kill-broker", "kafka", 5.0),
        row("kill-broker", "kafka", None, "never"),
    ]
    found = by_kind(rows)
    assert list(found) == ["kill-broker", "kill-taskmanager redis", "kill-taskmanager score"]
    assert (found["kill-broker"].faults, found["kill-broker"].median_s) == (3, 5.0)
    assert found["kill-broker"].longest_s == 6.0
