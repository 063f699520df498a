"""What the latest alerts come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.console.live.arrivals import Arrivals
from risk.console.live.entry import Entry
from risk.console.live.projection import HEIGHT, WIDTH, place
from risk.console.live.summary import BARS, HEATS, TOP, WINDOW_MS, Bar, summarise
from risk.engine.messages import Alert
from tests.unit.console.alerts import NOW, alert

AGES = st.lists(st.tuples(st.integers(-5_000, 400_000), st.sampled_from(["REVIEW", "BLOCK"])))


def entries(*alerts: Alert) -> list[Entry]:
    return [Entry(at + 1, one) for at, one in enumerate(alerts)]


@given(AGES)
def test_bars_and_totals_agree(ages: list[tuple[int, str]]) -> None:
    alerts = [alert(at, raised_at=NOW - age, decision=how) for at, (age, how) in enumerate(ages)]
    found = summarise(entries(*alerts), NOW)
    inside = [(age, how) for age, how in ages if age < WINDOW_MS]
    assert found.total == len(inside) == found.review + found.block
    assert (
        found.block == sum(how == "BLOCK" for _, how in inside) == sum(b.block for b in found.bars)
    )
    assert found.last_minute == sum(age < 60_000 for age, _ in inside)
    assert len(found.bars) == BARS
    assert all(1 <= one.heat <= HEATS for one in found.countries)


def test_the_newest_bar_is_the_last() -> None:
    found = summarise(entries(alert(1), alert(2, raised_at=NOW - 5_000, decision="BLOCK")), NOW)
    assert found.bars[-2:] == [Bar(0, 1), Bar(1, 0)]
    assert found.per_s == pytest.approx(2 / 60)


def test_the_most_frequent_come_first_with_their_share() -> None:
    alerts = [alert(at, user_id=f"u{min(at, 7)}", score=at) for at in range(11)]
    found = summarise(entries(*alerts), NOW)
    assert len(found.users) == TOP
    assert found.users[0][:3] == ("u7", 4, 10)
    assert [one.share for one in found.users] == [100, 25, 25, 25, 25, 25]


def test_alerts_about_one_place_are_one_point() -> None:
    near = [alert(1), alert(2, {"lat": 52.49, "lon": 13.41}, decision="BLOCK")]
    far = alert(3, {"lat": -33.9, "lon": 151.2})
    nowhere = alert(4, {"lat": None, "lon": None})
    found = summarise(entries(*near, far, nowhere), NOW)
    assert [(one.alerts, one.blocked) for one in found.points] == [(2, True), (1, False)]


# As d3-geo prints them in `vendor/build.mjs`, which draws the map.
@pytest.mark.parametrize(
    ("at", "drawn"),
    [
        ((0, 0), (480.0, 234.0)),
        ((52.5, 13.4), (508.8, 60.5)),
        ((37.8, -122.4), (187.4, 103.8)),
        ((-33.9, 151.2), (849.3, 351.8)),
        ((70, 179), (803.3, 20.3)),
    ],
)
def test_a_place_is_where_the_map_has_it(
    at: tuple[float, float], drawn: tuple[float, float]
) -> None:
    assert place(*at) == pytest.approx(drawn, abs=0.06)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_is_on_the_map(lat: float, lon: float) -> None:
    x, y = place(lat, lon)
    assert 0 <= x <= WIDTH
    assert 0 <= y <= HEIGHT


def test_arrivals_are_told_of_the_last_minute() -> None:
    arrivals = Arrivals()
    assert arrivals.recent(NOW) is None
    for second in range(90):
        arrivals.add(NOW + second * 1_000, 100 + second * 10)
    assert arrivals.recent(NOW + 89_000) == (600, 60_000)
    assert arrivals.recent(NOW + 200_000) is None  # nothing was heard for long
    arrivals.add(NOW + 90_000, 5)  # another topic of that name
    assert arrivals.recent(NOW + 90_000) is None
