"""Which alerts make one case."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.messages import Alert
from risk.ops.cases.placing import Board, Link, OpenLink, identity, links, replaces
from tests.unit.ops.cases.alerts import HOUR, NOON, alert

DAY = 24 * HOUR


def placed(
    alerts: Sequence[Alert],
    *,
    ring_ms: int = DAY,
    ring_users: int = 3,
    known: Sequence[OpenLink] = (),
) -> list[int]:
    """The case of each; new ones are counted from 1."""
    numbers = itertools.count(1)
    board = Board(ring_ms, ring_users, known)
    return [board.place(one, lambda: next(numbers))[0] for one in alerts]


def test_a_users_alerts_are_one_case_however_far_apart() -> None:
    far = alert("e3", event_time=NOON + 40 * DAY)
    assert placed([alert("e1"), alert("e2", user_id="u-2"), far]) == [1, 2, 1]


@pytest.mark.parametrize(
    "shared",
    [{"device_id": "d-1"}, {"ip": "192.0.2.7"}, {"card_token": "****4242", "merchant_id": "m-1"}],
)
def test_a_ring_is_one_case(shared: dict[str, Any]) -> None:
    one = alert("e1", **shared)
    within = alert("e2", user_id="u-2", event_time=NOON - DAY, **shared)
    outside = alert("e3", user_id="u-3", event_time=NOON + DAY + 1, **shared)
    assert placed([one, within, outside]) == [1, 1, 2]
    assert placed([one, within], ring_ms=0) == [1, 2]


def test_what_many_share_links_nobody() -> None:
    alerts = [alert(f"e{n}", user_id=f"u-{n}", ip="192.0.2.7") for n in range(5)]
    assert placed(alerts, ring_users=3) == [1, 1, 1, 2, 3]


def test_a_card_masked_whole_or_at_another_merchant_links_nobody() -> None:
    whole = [alert("e", user_id=f"u-{n}", card_token="****", merchant_id="m-1") for n in (1, 2)]
    assert placed(whole) == [1, 2]
    apart = [
        alert("e", user_id=f"u-{n}", card_token="****4242", merchant_id=f"m-{n}") for n in (1, 2)
    ]
    assert placed(apart) == [1, 2]


def test_the_users_own_case_comes_before_a_ring() -> None:
    known = [
        OpenLink(Link("device", "d-1"), 7, "u-9", NOON),
        OpenLink(Link("user", "u-1"), 8, "u-1", NOON - 9 * DAY),
    ]
    both = [alert("e1", device_id="d-1"), alert("e2", user_id="u-2", device_id="d-1")]
    assert placed(both, known=known) == [8, 7]


def test_an_alert_without_an_event_id_is_known_by_its_own() -> None:
    old = alert("")
    assert identity(old).event_id == old.alert_id
    assert links(old) == [Link("user", "u-1")]


def test_what_replaces_what() -> None:
    assert replaces(alert("e", revision=1), 0, False)
    assert not replaces(alert("e"), 0, False)
    assert not replaces(alert("e", revision=1, late=True), 0, False)
    assert replaces(alert("e"), 1, True)


alerts = st.builds(
    alert,
    st.sampled_from("abcdef"),
    user_id=st.sampled_from(["u-1", "u-2", "u-3", "u-4"]),
    event_time=st.integers(NOON, NOON + 3 * DAY),
    device_id=st.sampled_from(["", "d-1", "d-2"]),
    ip=st.sampled_from(["", "192.0.2.1", "192.0.2.2"]),
)


@given(st.lists(alerts, max_size=20), st.integers(1, 4))
def test_a_user_has_one_case_and_alone_each_their_own(found: list[Alert], most: int) -> None:
    cases = placed(found, ring_users=most)
    by_user: dict[str, set[int]] = {}
    for one, case in zip(found, cases, strict=True):
        by_user.setdefault(one.user_id, set()).add(case)
    assert all(len(own) == 1 for own in by_user.values())
    alone = placed(found, ring_ms=0)
    assert len(set(alone)) == len(by_user)
    assert len(set(cases)) <= len(set(alone))


@given(st.lists(alerts, max_size=20), st.integers(0, 20))
def test_batches_make_no_difference(found: list[Alert], cut: int) -> None:
    numbers = itertools.count(1)
    first = Board(DAY, 3, [])
    cases = [first.place(one, lambda: next(numbers))[0] for one in found[:cut]]
    latest: dict[tuple[Link, int, str], int] = {}
    for one, case in zip(found[:cut], cases, strict=True):
        for link in links(one):
            key = link, case, one.user_id
            latest[key] = max(one.event_time, latest.get(key, 0))
    second = Board(DAY, 3, [OpenLink(*key, time) for key, time in latest.items()])
    cases += [second.place(one, lambda: next(numbers))[0] for one in found[cut:]]
    assert cases == placed(found)
