"""The features and the score the usual way: one event, one key's state, lists and dicts.

What a team writes whose framework hands it an event and its key's state: the baseline in plain
PyFlink and the peers in other frameworks all do this and differ in what calls it. Events are taken
in the order in which they arrive, so it agrees with the oracle on a stream that is in order.
"""

from __future__ import annotations

from typing import Any

import msgspec

from risk.engine.features import named
from risk.engine.features.catalogue import (
    DAY,
    HISTORY,
    IP_WINDOW,
    MICRO_AMOUNT,
    MOST,
    NAMES,
    ROUND_AMOUNT,
    SESSION_GAP,
    USER_WINDOW,
    FeatureValue,
)
from risk.engine.features.geo import distance_km
from risk.engine.messages import Score, masked
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.payment.transaction import SCHEMA_VERSION, Transaction
from risk.engine.rules import Ruleset
from risk.engine.rules.declaration import KNOWN, STEP_DISTINCT
from risk.engine.scoring import score

State = dict[str, Any]
Features = dict[str, FeatureValue]

_decode = msgspec.json.Decoder(Transaction).decode
_encode = msgspec.json.Encoder().encode


def decode(value: str | bytes) -> Transaction:
    """A transaction. Raises `msgspec.DecodeError`, `UnicodeError` or `RecursionError`."""
    return _decode(value)


def user_features(state: State, txn: Transaction) -> Features | None:
    """The user's features, the event counted into `state`; None for a duplicate."""
    since = txn.event_time - USER_WINDOW
    window = [seen for seen in state.get("window", ()) if seen[0] > since]
    if any(seen[1] == txn.event_id for seen in window):
        return None
    window.append([txn.event_time, txn.event_id, txn.amount, txn.currency, txn.merchant_id])
    state["window"] = window
    count, ratio = _spend(state, txn)
    return {
        "user_count_5m": len(window),
        "user_amount_5m": min(sum(s[2] for s in window if s[3] == txn.currency), MOST),
        "user_merchants_5m": len({seen[4] for seen in window} - {""}),
        "user_micro_5m": sum(s[2] <= MICRO_AMOUNT * MAJOR_UNIT[s[3]] for s in window),
        "user_round_5m": sum(
            s[2] > 0 and s[2] % (ROUND_AMOUNT * MAJOR_UNIT[s[3]]) == 0 for s in window
        ),
        **_move(state, txn),
        **_news(state, txn),
        "user_history_count": count,
        "user_amount_ratio": ratio,
    }


def ip_features(state: State, txn: Transaction) -> Features:
    """The address's features, the event counted into `state`."""
    since = txn.event_time - IP_WINDOW
    window = [seen for seen in state.get("window", ()) if seen[0] > since]
    window.append([txn.event_time, txn.user_id])
    state["window"] = window
    return {"ip_count_2m": len(window), "ip_users_2m": len({seen[1] for seen in window})}


def device_features(state: State, txn: Transaction) -> Features:
    """The device's features, the event counted into `state`."""
    time = txn.event_time
    if "last" not in state or time - state["last"] > SESSION_GAP:
        state.update(start=time, count=0, users=[])
    state["last"] = time
    state["count"] += 1
    if txn.user_id not in state["users"] and len(state["users"]) < STEP_DISTINCT:
        state["users"].append(txn.user_id)
    return {
        "device_session_ms": time - state["start"],
        "device_session_events": state["count"],
        "device_session_users": len(state["users"]),
    }


def message(ruleset: Ruleset, run_id: str, txn: Transaction, features: Features, now: int) -> bytes:
    """The JSON of a score, as the engine writes it. `now` in ms UTC."""
    ordered = {name: features[name] for name in NAMES}
    outcome = score(ruleset, named.Features.of(ordered), txn)
    return _encode(
        Score(
            schema_version=SCHEMA_VERSION,
            event_id=txn.event_id,
            user_id=txn.user_id,
            event_time=txn.event_time,
            run_id=run_id,
            ruleset=ruleset.name,
            ruleset_version=ruleset.version,
            fingerprint=ruleset.fingerprint,
            revision=0,
            score=outcome.score,
            decision=outcome.decision,
            reasons=outcome.reasons,
            features=ordered,
            transaction=masked(txn),
            scored_at=now,
            models=outcome.models,
            control_group=outcome.control_group,
        )
    )


def _move(state: State, txn: Transaction) -> Features:
    distance = speed = 0.0
    if txn.lat is not None and txn.lon is not None and (txn.lat or txn.lon):
        place = state.get("place")
        state["place"] = [txn.event_time, txn.lat, txn.lon]
        if place and txn.event_time - place[0] < HISTORY:
            distance = distance_km(place[1], place[2], txn.lat, txn.lon)
            hours = max(txn.event_time - place[0], 1_000) / 3_600_000
            speed = round(distance / hours, 3)
    return {"user_distance_km": distance, "user_speed_kmh": speed}


def _news(state: State, txn: Transaction) -> Features:
    since = txn.event_time - HISTORY
    known = state.get("last", since) > since
    state["last"] = txn.event_time
    found: Features = {}
    for name, value in (("device", txn.device_id), ("country", txn.country)):
        if not value:  # never new, nor remembered
            found[f"user_new_{name}"] = False
            continue
        seen: dict[str, int] = state.setdefault(name, {})
        found[f"user_new_{name}"] = known and seen.pop(value, since) <= since
        seen.pop(value, None)
        seen[value] = txn.event_time
        if len(seen) > KNOWN:
            del seen[next(iter(seen))]
    return found


def _spend(state: State, txn: Transaction) -> tuple[int, float]:
    """Earlier events in the currency, and the amount over their mean; by UTC day."""
    today = txn.event_time // DAY
    days = [day for day in state.get("days", ()) if day[0] > today - HISTORY // DAY]
    state["days"] = days
    same = [day for day in days if day[1] == txn.currency]
    count, total = sum(day[2] for day in same), sum(day[3] for day in same)
    if same and same[-1][0] == today:
        same[-1][2] += 1
        same[-1][3] += txn.amount
    else:
        days.append([today, txn.currency, 1, txn.amount])
    return count, round(txn.amount * count / total, 4) if total else 0.0
