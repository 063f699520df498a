"""What pages of cases are told: all steps since their place, or that some can't be known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from risk.console.live.changes import Changes
from risk.console.live.place import Place
from risk.console.review.changed import MOST_TOLD, Cases
from risk.registry.cases.listen import Changed

STEPS = st.lists(st.integers(1, 5), max_size=40)


def steps(cases: list[int]) -> list[Changed]:
    return [Changed(case, n, "claim", 100 + n) for n, case in enumerate(cases)]


@given(STEPS, st.integers(1, 20), st.data())
def test_what_came_after_a_place_is_told_whole_or_not_at_all(
    cases: list[int], kept: int, data: st.DataObject
) -> None:
    changes, all_of_them = Changes(kept), steps(cases)
    for one in all_of_them:
        changes.add(one)
    epoch, last = changes.place
    assert last == len(cases)
    seq = data.draw(st.integers(0, len(cases) + 2))
    found = changes.after(Place(epoch, seq))
    if seq > last or seq < last - kept:
        assert found is None
    else:
        assert found == all_of_them[seq:]


def test_whoever_listens_anew_knows_nothing_of_before() -> None:
    changes = Changes()
    before = changes.place
    changes.begin()
    assert changes.after(before) is None
    assert changes.after(changes.place) == []


def test_of_each_case_the_last_step_is_told_to_who_looks_at_it() -> None:
    changes = Changes()
    place = changes.place
    for one in steps([1, 2, 1]):
        changes.add(one)
    first, second = {"revision": 2, "event": 102}, {"revision": 1, "event": 101}
    assert Cases(changes, None).since(place) == ("cases", {"cases": {"1": first, "2": second}})
    assert Cases(changes, 2).since(place) == ("cases", {"cases": {"2": second}})
    assert Cases(changes, 3).since(place) is None
    for one in steps([*range(MOST_TOLD + 1)]):
        changes.add(one)
    assert Cases(changes, None).since(place) == ("anew", {})
