"""The oracle against answers worked out by hand."""

from __future__ import annotations

import pytest

from risk.config.settings import Scoring
from risk.engine.features.catalogue import (
    DAY,
    HISTORY,
    IP_WINDOW,
    NAMES,
    SESSION_GAP,
    USER_WINDOW,
    FeatureValue,
)
from risk.engine.oracle import Consumed, Judged, expected, outcomes
from risk.engine.oracle.features import features
from risk.engine.payment.transaction import Transaction, encode
from risk.engine.rules import load
from tests.unit.streams import SCORING, START, transaction

LATENESS, FUTURE, DEDUP = SCORING.lateness_ms, SCORING.future_ms, SCORING.dedup_ms

BERLIN, MUNICH = {"lat": 52.5, "lon": 13.4}, {"lat": 48.1, "lon": 11.6}


def record(txn: Transaction, offset: int, partition: int = 0) -> Consumed:
    return Consumed(partition, offset, txn.event_time, txn.user_id.encode(), encode(txn))


def judge(*txns: Transaction) -> list[Judged]:
    records = [record(txn, offset) for offset, txn in enumerate(txns)]
    return list(outcomes(records, SCORING))


def last(*txns: Transaction) -> dict[str, FeatureValue]:
    """The features of the last of these."""
    return list(features(txns))[-1][1]


def at(number: int, time: int, **changes: object) -> Transaction:
    """A transaction so many ms after START."""
    return transaction(number, event_time=START + time, **changes)


def test_a_first_event_alone() -> None:
    found = last(at(1, 0, amount=20_000, **BERLIN))
    assert tuple(found) == NAMES
    assert found == {
        "user_count_5m": 1,
        "user_amount_5m": 20_000,
        "user_merchants_5m": 1,
        "user_micro_5m": 0,
        "user_round_5m": 1,
        "user_distance_km": 0.0,
        "user_speed_kmh": 0.0,
        "user_new_device": False,
        "user_new_country": False,
        "user_history_count": 0,
        "user_amount_ratio": 0.0,
        "ip_count_2m": 1,
        "ip_users_2m": 1,
        "device_session_ms": 0,
        "device_session_events": 1,
        "device_session_users": 1,
    }


@pytest.mark.parametrize(("back", "count"), [(USER_WINDOW, 1), (USER_WINDOW - 1, 2)])
def test_the_far_edge_of_a_user_window_is_out(back: int, count: int) -> None:
    assert last(at(1, 0), at(2, back))["user_count_5m"] == count


@pytest.mark.parametrize(("back", "count"), [(IP_WINDOW, 1), (IP_WINDOW - 1, 2)])
def test_the_far_edge_of_an_ip_window_is_out(back: int, count: int) -> None:
    found = last(at(1, 0, user_id="u2"), at(2, back))
    assert (found["ip_count_2m"], found["ip_users_2m"]) == (count, count)


def test_a_later_event_never_counts() -> None:
    assert last(at(1, 1), at(2, 0))["user_count_5m"] == 1


def test_ties_are_ordered_by_event_id() -> None:
    found = [f for _, f in features([at(3, 0), at(1, 0), at(2, 0)])]
    assert [f["user_count_5m"] for f in found] == [3, 1, 2]
    assert [f["user_history_count"] for f in found] == [2, 0, 1]


def test_counts_of_a_user_window() -> None:
    found = last(
        at(1, 0, amount=200, merchant_id="m1"),
        at(2, 1, amount=201, merchant_id="m2"),
        at(3, 2, amount=0, merchant_id="m2"),
        at(4, 3, amount=10_000, currency="USD", merchant_id="m3"),
        at(5, 4, amount=10_001, merchant_id="m1"),
        at(6, 5, amount=30_000, merchant_id="m1"),
    )
    assert found["user_count_5m"] == 6
    assert found["user_merchants_5m"] == 3
    assert found["user_micro_5m"] == 2  # 200 and 0
    assert found["user_round_5m"] == 2  # 10,000 (of any currency) and 30,000; 0 is not round


def test_amounts_are_of_one_currency() -> None:
    found = last(
        at(1, 0, amount=100),
        at(2, 1, amount=5_000, currency="USD"),
        at(3, 2, amount=200),
        at(4, 3, amount=450),
    )
    assert found["user_amount_5m"] == 750
    assert found["user_history_count"] == 2
    assert found["user_amount_ratio"] == 3.0  # 450 over a mean of 150


def test_the_ratio_has_four_decimals() -> None:
    assert last(at(1, 0, amount=300), at(2, 1, amount=100))["user_amount_ratio"] == 0.3333


def test_a_history_of_nothing_but_zeros_has_no_ratio() -> None:
    found = last(at(1, 0, amount=0), at(2, 1, amount=100))
    assert (found["user_history_count"], found["user_amount_ratio"]) == (1, 0.0)


def test_history_is_of_thirty_utc_days() -> None:
    midnight = START // DAY * DAY - START  # of START's own day
    now = at(9, 0)
    first_day = midnight - 29 * DAY
    assert last(at(1, first_day), now)["user_history_count"] == 1
    assert last(at(1, first_day - 1), now)["user_history_count"] == 0


def test_distance_and_speed_from_the_latest_place() -> None:
    found = last(
        at(1, 0, lat=0.0, lon=1.0),
        at(2, 1_000),  # no place: says nothing of where the user is
        at(3, 3_600_000, lat=0.0, lon=2.0),
    )
    assert found["user_distance_km"] == 111.195  # a degree of 6371.0088 km · π / 180
    assert found["user_speed_kmh"] == 111.195


def test_at_least_a_second_passes() -> None:
    found = last(at(1, 0, lat=0.0, lon=1.0), at(2, 0, lat=0.0, lon=2.0))
    assert found["user_speed_kmh"] == 400_302.0  # 111.195 km in a second


def test_without_a_place_there_is_no_distance() -> None:
    found = last(at(1, 0, **BERLIN), at(2, 1_000))
    assert (found["user_distance_km"], found["user_speed_kmh"]) == (0.0, 0.0)


@pytest.mark.parametrize(("back", "known"), [(HISTORY - 1, True), (HISTORY, False)])
def test_places_are_forgotten_after_the_history(back: int, known: bool) -> None:
    found = last(at(1, 0, **BERLIN), at(2, back, device_id="d2", country="FR", **MUNICH))
    assert bool(found["user_distance_km"]) is known
    assert found["user_new_device"] is known
    assert found["user_new_country"] is known


def test_a_known_device_and_country_are_not_new() -> None:
    found = last(at(1, 0), at(2, 1, device_id="d2", country="FR"), at(3, 2))
    assert found["user_new_device"] is False
    assert found["user_new_country"] is False


@pytest.mark.parametrize(("others", "new"), [(63, False), (64, True)])
def test_sixty_four_devices_are_remembered(others: int, new: bool) -> None:
    past = [at(0, 0, device_id="d0")]
    past += [at(n, n, device_id=f"d{n}") for n in range(1, others + 1)]
    assert last(*past, at(900, 900, device_id="d0"))["user_new_device"] is new


def test_a_device_used_again_is_remembered_longer() -> None:
    past = [at(n, n, device_id=f"d{n}") for n in range(64)]
    again = at(100, 100, device_id="d0")
    another = at(101, 101, device_id="d64")  # pushes out d1, not d0
    assert last(*past, again, another, at(900, 900, device_id="d0"))["user_new_device"] is False
    assert last(*past, again, another, at(900, 900, device_id="d1"))["user_new_device"] is True


@pytest.mark.parametrize(("gap", "events"), [(SESSION_GAP, 3), (SESSION_GAP + 1, 2)])
def test_a_session_ends_after_more_than_the_gap(gap: int, events: int) -> None:
    found = last(at(1, 0), at(2, gap, user_id="u2"), at(3, gap + 10, user_id="u2"))
    assert found["device_session_events"] == events
    assert found["device_session_ms"] == (gap + 10 if events == 3 else 10)
    assert found["device_session_users"] == events - 1


def test_users_of_a_session_are_counted_up_to_a_bound() -> None:
    txns = [at(n, n, user_id=f"u{n}", ip=f"10.0.{n // 256}.{n % 256}") for n in range(1_030)]
    found = last(*txns)
    assert (found["device_session_users"], found["device_session_events"]) == (1_024, 1_030)


def test_exactly_at_the_bound_is_not_late() -> None:
    first, on_time, late = judge(at(1, LATENESS), at(2, 0), at(3, -1))
    assert [first.outcome, on_time.outcome, late.outcome] == ["scored", "scored", "late"]
    assert late.late_by == LATENESS + 1


def test_each_partition_has_its_own_order() -> None:
    records = [record(at(1, LATENESS + 1), 0), record(at(2, 0, user_id="u2"), 0, partition=1)]
    assert [one.outcome for one in outcomes(records, SCORING)] == ["scored", "scored"]


def test_too_far_ahead_is_rejected_and_makes_nobody_late() -> None:
    ahead = record(at(1, 10 * DAY), 0)
    records = [
        ahead._replace(append_time=START + 10 * DAY - FUTURE - 1),
        record(at(2, 0), 1),
        ahead._replace(append_time=START + 10 * DAY - FUTURE, offset=2),
        record(at(3, 0), 3),
    ]
    found = list(outcomes(records, SCORING))
    assert [one.outcome for one in found] == ["rejected", "scored", "scored", "late"]
    assert found[0].reason == "future"


def test_a_duplicate_moves_the_maximum_all_the_same() -> None:
    found = judge(at(1, 0), at(1, LATENESS + 1), at(2, 0))
    assert [one.outcome for one in found] == ["scored", "duplicate", "late"]
    assert found[1].conflict


def test_the_same_content_is_no_conflict() -> None:
    assert [(one.outcome, one.conflict) for one in judge(at(1, 0), at(1, 0))] == [
        ("scored", False),
        ("duplicate", False),
    ]


@pytest.mark.parametrize(("later", "outcome"), [(DEDUP, "duplicate"), (DEDUP + 1, "scored")])
def test_an_event_id_is_free_again_once_it_is_forgotten(later: int, outcome: str) -> None:
    assert judge(at(1, 0), at(1, later))[1].outcome == outcome


def test_a_copy_of_an_id_that_was_used_again_is_a_duplicate() -> None:
    found = judge(at(1, 0), at(1, DEDUP + 1), at(1, DEDUP + 1), at(1, DEDUP + 1))
    assert [one.outcome for one in found] == ["scored", "scored", "duplicate", "duplicate"]


def test_a_payment_ahead_of_the_clock_is_remembered_until_its_copies_are_late() -> None:
    """Else its copy would be scored once more, under the same name."""
    ahead = record(at(1, FUTURE), 0)._replace(append_time=START)
    for later in range(DEDUP - FUTURE, DEDUP + FUTURE + 2, 1_000):
        other = record(at(2, later, user_id="u2"), 1)
        copy = ahead._replace(offset=2, append_time=START + later)
        found = list(outcomes([ahead, other, copy], SCORING))
        assert found[2].outcome in ("duplicate", "late")


def test_an_event_id_is_one_users_own() -> None:
    assert judge(at(1, 0), at(1, 0, user_id="u2"))[1].outcome == "scored"


def test_a_copy_that_comes_late_is_a_duplicate_of_a_remembered_payment() -> None:
    assert judge(at(1, 0), at(2, LATENESS + 1), at(1, 0))[2].outcome == "duplicate"


def test_a_copy_of_a_late_payment_is_a_duplicate() -> None:
    found = judge(at(1, LATENESS + 1), at(2, 0), at(2, 0))
    assert [one.outcome for one in found] == ["scored", "late", "duplicate"]


def test_a_payment_that_came_in_two_partitions_is_scored_once() -> None:
    records = [record(at(1, 0), 0), record(at(1, 0), 0, partition=1)]
    assert [one.outcome for one in outcomes(records, SCORING)] == ["scored", "duplicate"]


def test_what_is_recorded_as_late_is_late_though_its_partition_does_not_show_it() -> None:
    records = [record(at(1, 0), 0), record(at(2, 1), 1)]
    found = list(outcomes(records, SCORING, {(0, 1): 7}))
    assert [(one.outcome, one.late_by) for one in found] == [("scored", 0), ("late", 7)]


def test_a_record_that_the_engine_failed_on_has_no_effect() -> None:
    failed = record(at(1, LATENESS + 1), 0)._replace(fault="internal_error")
    found = list(outcomes([failed, record(at(2, 0), 1)], SCORING))
    assert [(one.outcome, one.reason) for one in found] == [
        ("rejected", "internal_error"),
        ("scored", ""),
    ]


def test_a_clock_ahead_makes_nobody_late() -> None:
    """Its payment counts, but the partition's mark stays with the broker's clock."""
    ahead = record(at(1, FUTURE - 1_000), 0)._replace(append_time=START)
    honest = [record(at(2 + n, n, user_id=f"u{n}"), 1 + n) for n in range(2_400)]
    found = [one.outcome for one in outcomes([ahead, *honest], SCORING)]
    assert found == ["scored"] * 2_401


def test_late_and_duplicate_events_count_in_no_feature() -> None:
    ruleset = load(RULESET)
    records = [
        record(txn, offset)
        for offset, txn in enumerate(
            [at(1, 40_000), at(1, 40_000), at(2, 0), at(3, 40_001, amount=100_000)]
        )
    ]
    records.append(Consumed(0, 4, START, b"u1", b"{"))
    found = expected(records, ruleset, Scoring())
    assert (found.events, len(found.scores), found.duplicate, found.conflicts) == (5, 2, 1, 0)
    assert len(found.late) == 1
    assert found.rejected_by_reason == {"not_json": 1}
    settled = found.scores["e0003", "u1", START + 40_001]
    assert settled.features["user_count_5m"] == 2
    assert (settled.outcome.score, settled.outcome.decision) == (60, "REVIEW")
    assert [reason.text for reason in settled.outcome.reasons] == ["2 events"]


RULESET = {
    "ruleset.yaml": """
name: small
version: 1
description: One rule.
thresholds: {review: 50, block: 90}
""",
    "twice.yaml": """
id: twice
version: 1
description: Two events in five minutes.
points: 60
when: user_count_5m >= 2
reason: "{user_count_5m} events"
tests:
  - name: two
    hit: true
    given: {user_count_5m: 2}
  - name: one
    hit: false
    given: {user_count_5m: 1}
""",
}
