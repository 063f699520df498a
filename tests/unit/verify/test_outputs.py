"""Topics are compared again once they have changed and rest, and not all the time."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from risk.verify.outputs import Ends, Outputs

PATIENT = float("inf")


def outputs(steps: Iterable[int], looks: int) -> Outputs:
    """Whose one topic reaches as far as `steps` say; there is time to ask `looks` times."""
    ends: list[Ends] = [[{0: (0, step)}] for step in steps]
    left = iter(range(looks))
    return Outputs(lambda: ends.pop(0), PATIENT, lambda until: next(left, None) is not None)


def test_a_look_waits_until_they_have_changed_and_rest() -> None:
    found = outputs([0, 0, 0, 1, 2, 2, 5, 5], looks=7)
    assert found.changed()
    assert found.changed()


def test_when_the_time_is_over_one_last_look_is_taken_at_what_has_come() -> None:
    found = outputs([0, 1, 2, 2], looks=2)
    assert found.changed()
    assert not found.changed()


def test_when_the_time_is_over_and_nothing_has_come_none_is() -> None:
    assert not outputs([0, 0, 0], looks=1).changed()


def test_what_never_rests_is_looked_at_nevertheless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("risk.verify.outputs.LONGEST_S", 0.0)
    assert outputs([0, 1], looks=1).changed()
