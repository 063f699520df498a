"""The ring: what is told after a number is all of it, each payment once, or that some has gone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from risk.console.live.ring import Ring
from tests.unit.console.alerts import alert

STREAMS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=60)


@given(STREAMS, st.integers(1, 20), st.data())
def test_what_came_after_a_number_is_told_whole_or_not_at_all(
    stream: list[tuple[int, int]], kept: int, data: st.DataObject
) -> None:
    ring = Ring(kept)
    added = [ring.add(alert(number, revision=revision)) for number, revision in stream]
    entries = [entry for entry in added if entry is not None]
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    seq = data.draw(st.integers(0, len(entries) + 2))
    last = data.draw(st.integers(0, len(entries)))
    found = ring.after(seq, last)
    if seq > len(entries) or seq < len(entries) - kept:
        assert found is None
        return
    newest = {entry.key: entry for entry in entries}
    assert found == [e for e in entries if seq < e.seq <= last and newest[e.key] is e]


@given(STREAMS, st.integers(1, 20))
def test_the_newest_are_the_latest_revisions(stream: list[tuple[int, int]], kept: int) -> None:
    ring = Ring(kept)
    for number, revision in stream:
        ring.add(alert(number, revision=revision))
    newest = ring.newest()
    assert [one.seq for one in newest] == sorted((one.seq for one in newest), reverse=True)
    assert len({one.key for one in newest}) == len(newest) <= kept
    for one in newest:
        assert ring.find(one.alert.alert_id) is one


def test_what_was_read_before_is_left_out() -> None:
    ring = Ring()
    assert ring.add(alert(1)) is not None
    assert ring.add(alert(1)) is None
    assert ring.add(alert(1, revision=1)) is not None
    assert ring.add(alert(1)) is None
    assert ring.add(alert(1, ruleset_version=4)) is not None
    assert ring.last == 3
