"""A timeline is looked at once by each time that it was to be looked at, and never before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from risk.engine.features.built_in import IP_CODE
from risk.engine.features.shape import Shape
from risk.engine.features.timeline import Timeline
from risk.engine.stages.agenda import STEP_MS, Agenda

SHAPE = Shape(IP_CODE.fold, IP_CODE.windows)
TIMES = st.integers(0, 20 * STEP_MS)


def timelines(count: int) -> list[Timeline]:
    return [Timeline(f"k{number}", SHAPE) for number in range(count)]


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 4), TIMES), max_size=30),
    st.lists(TIMES, max_size=20),
)
def test_each_comes_once_when_it_is_due(
    wanted: list[tuple[bool, int, int]], horizons: list[int]
) -> None:
    agenda, lines = Agenda(), timelines(5)
    due: dict[str, int] = {}
    for sooner_only, number, time in wanted:
        line = lines[number]
        if sooner_only and line.key in due:
            agenda.advance(line, time)
            due[line.key] = min(due[line.key], time)
        else:
            agenda.add(line, time)
            due[line.key] = time
    for horizon in sorted(horizons):
        passed = agenda.passed(horizon)
        found = [line.key for line in agenda.due(horizon)]
        assert sorted(found) == sorted(key for key, time in due.items() if time <= passed)
        for key in found:
            del due[key]


def test_a_look_that_was_put_off_does_not_come() -> None:
    agenda, (line,) = Agenda(), timelines(1)
    agenda.add(line, STEP_MS)
    agenda.add(line, 3 * STEP_MS)
    assert list(agenda.due(2 * STEP_MS)) == []
    assert list(agenda.due(3 * STEP_MS)) == [line]
    assert list(agenda.due(9 * STEP_MS)) == []


def test_one_that_is_added_while_it_is_looked_at_comes_later() -> None:
    agenda, (line,) = Agenda(), timelines(1)
    agenda.add(line, 0)
    for found in agenda.due(0):
        agenda.add(found, 1)
    assert list(agenda.due(STEP_MS)) == [line]
