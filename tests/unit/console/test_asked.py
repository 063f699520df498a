"""What an address asks of the queue, and the small drawings of a case."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import get_args
from urllib.parse import parse_qsl

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.config.privacy import Privacy
from risk.console.formatting import lasting
from risk.console.live.filters import BadFilter
from risk.console.live.projection import place
from risk.console.review import graph, places
from risk.console.review.asked import Asked, parse
from risk.console.review.strip import HEIGHT, WIDTH, strip
from risk.engine.privacy import of_console
from risk.registry.cases.records import SORTS, STATES, CaseAlert, Filters, State
from sinks.postgres.timeline import Past

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
NAMES = TEXT.map(str.strip).filter(lambda text: text not in ("", "me", "nobody"))
ASKED = st.builds(
    Asked,
    st.builds(
        Filters,
        states=st.none() | st.lists(st.sampled_from(STATES), min_size=1, unique=True).map(tuple),
        assignee=st.none() | st.just("") | NAMES,
        decision=st.sampled_from((None, "REVIEW", "BLOCK")),
        least_score=st.none() | st.integers(0, 100),
        least_stake=st.none() | st.integers(0, 10**12),
        rule=st.none() | st.just("card_testing"),
        user=st.none() | NAMES,
        country=st.none() | st.just("DE"),
        older_s=st.none() | st.integers(0, 8_760).map(lambda hours: 3_600 * hours),
        overdue=st.booleans(),
    ),
    st.sampled_from(SORTS),
)


@given(ASKED)
def test_an_address_is_read_as_it_was_written(asked: Asked) -> None:
    again = parse(dict(parse_qsl(asked.query())), "ana")
    assert msgspec.to_builtins(again) == msgspec.to_builtins(asked)


def test_me_and_nobody_are_names_of_the_page() -> None:
    assert parse({"who": "me"}, "ana").filters.assignee == "ana"
    assert parse({"who": "nobody"}, "ana").filters.assignee == ""
    assert parse({"after": "risk:17:-90"}, "ana").query() == "after=risk%3A17%3A-90"
    assert parse({"after": "risk:17:-90"}, "ana").query(after=None) == ""


@given(st.dictionaries(st.sampled_from(("sort", "score", "state", "after", "older")), TEXT))
def test_whatever_stands_there_is_read_or_refused(given_: dict[str, str]) -> None:
    with contextlib.suppress(BadFilter):
        found = parse(given_, "ana")
        assert set(found.filters.states or ()) <= set(get_args(State))


def one(number: int, **payment: object) -> CaseAlert:
    return CaseAlert(
        user_id=f"u{number % 3}", event_id=f"e{number}", event_time=number, ruleset="default",
        ruleset_version=1, case_id=1, revision=0, late=False, score=80, decision="BLOCK", rules=[],
        reasons=[], payment={"amount": 1, "currency": "EUR", **payment}, amount=1, currency="EUR",
        country="DE", run_id="r", raised_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def test_what_is_shared_comes_first_and_is_masked() -> None:
    alerts = [one(n, device_id="device-0123456789", ip=f"192.0.2.{n}") for n in range(30)]
    found = graph.drawn(alerts)
    assert [node.text for node in found.users] == ["u0", "u1", "u2"]
    assert (found.things[0].kind, found.things[0].text) == ("Device", "dev•••")
    assert len(found.things) == graph.MOST
    assert found.left_out == 31 - graph.MOST
    assert sum(line.payments for line in found.lines if line.end == found.things[0].y) == 30
    assert all(node.y < found.height for node in (*found.users, *found.things))
    assert graph.drawn([]).lines == []


def test_the_last_places_are_numbered_and_bounded() -> None:
    alerts = [one(n, lat=float(n % 80), lon=13.4) for n in range(200)]
    found = places.of(alerts)
    assert [spot.number for spot in found] == list(range(1, places.MOST + 1))
    assert places.of([one(1)]) == []


def test_a_map_shows_places_as_the_policy_says() -> None:
    alerts = [one(1, lat=52.5163, lon=13.3777)]
    (exact,), (rough,) = (
        places.of(alerts, of_console(Privacy(console_place=way))) for way in ("clear", "tenth")
    )
    assert (rough.x, rough.y) == tuple(round(at, 1) for at in place(52.5, 13.4))
    assert (exact.x, exact.y) == tuple(round(at, 1) for at in place(52.5163, 13.3777))
    assert places.of(alerts, of_console(Privacy(console_place="omit"))) == []


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 100)), max_size=90))
def test_a_strip_stays_within_its_frame(given_: list[tuple[int, int]]) -> None:
    payments = [
        Past(
            event_id=f"e{n}", user_id="u", event_time=at, ruleset="r", ruleset_version=1,
            revision=0, late=False, score=score, decision="REVIEW", features={},
        )
        for n, (at, score) in enumerate(given_)
    ]  # fmt: skip
    dots = strip(payments, here=7)
    assert all(0 < dot.x < WIDTH and 0 < dot.y < HEIGHT for dot in dots)
    assert [dot.x for dot in dots] == sorted(dot.x for dot in dots)
    assert all(dot.is_here == (dot.one.event_time == 7) for dot in dots)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (-7_199, "119 min"),
        (7_200, "2 h"),
        (1e6, "11 d"),
    ],
)
def test_how_long_is_told_in_one_unit(seconds: float, told: str) -> None:
    assert lasting(seconds) == told
