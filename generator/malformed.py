"""Broken records of many kinds, each with the reason for which it must be rejected."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

import msgspec

from risk.engine.payment.transaction import MAX_EVENT_TIME, Transaction, encode

LARGE = 1_000_000


class Malformed(NamedTuple):
    """A record, and the reason code that it must get."""

    key: bytes | None
    value: bytes
    reason: str


Kind = Callable[[Transaction, Random], Malformed]


def malformed(txn: Transaction, rng: Random) -> Malformed:
    """A broken version of a transaction."""
    return rng.choice(KINDS)(txn, rng)


def each_kind(txns: Iterator[Transaction], count: int, rng: Random) -> Iterator[Malformed]:
    """`count` broken records, the kinds by turns, with some of 1 MB among them."""
    for number in range(count):
        kind = _huge if number % 250 == 0 else KINDS[number % len(KINDS)]
        yield kind(next(txns), rng)


def _with(change: Callable[[dict[str, Any]], object], reason: str = "invalid_field") -> Kind:
    def kind(txn: Transaction, rng: Random) -> Malformed:
        fields = msgspec.to_builtins(txn)
        change(fields)
        return Malformed(txn.user_id.encode(), json.dumps(fields).encode(), reason)

    return kind


def _set(**changes: Any) -> Kind:
    return _with(lambda fields: fields.update(changes))


def _text(text: bytes, reason: str) -> Kind:
    return lambda txn, _: Malformed(txn.user_id.encode(), text, reason)


def _huge(txn: Transaction, _: Random) -> Malformed:
    fields = msgspec.to_builtins(txn) | {"merchant_id": "m" * LARGE}
    return Malformed(txn.user_id.encode(), json.dumps(fields).encode(), "too_large")


def _cut(txn: Transaction, rng: Random) -> Malformed:
    value = encode(txn)
    return Malformed(txn.user_id.encode(), value[: rng.randrange(1, len(value) - 1)], "not_json")


def _random_bytes(txn: Transaction, rng: Random) -> Malformed:
    return Malformed(txn.user_id.encode(), b"\xff" + rng.randbytes(rng.randrange(300)), "not_utf8")


def _latin1(txn: Transaction, _: Random) -> Malformed:
    value = encode(txn).replace(b'"merchant_id":"', b'"merchant_id":"Caf\xe9 ')
    return Malformed(txn.user_id.encode(), value, "not_utf8")


def _wrong_key(txn: Transaction, _: Random) -> Malformed:
    return Malformed(b"someone-else", encode(txn), "wrong_key")


def _no_key(txn: Transaction, _: Random) -> Malformed:
    return Malformed(None, encode(txn), "wrong_key")


def _far_future(txn: Transaction, _: Random) -> Malformed:
    ahead = msgspec.structs.replace(txn, event_time=MAX_EVENT_TIME - txn.event_time % 86_400_000)
    return Malformed(txn.user_id.encode(), encode(ahead), "future")


def _nan(txn: Transaction, _: Random) -> Malformed:
    value = json.dumps(msgspec.to_builtins(txn) | {"amount": float("nan")}).encode()
    return Malformed(txn.user_id.encode(), value, "not_json")


KINDS: tuple[Kind, ...] = (
    _text(b"", "empty"),
    _text(b"not json at all", "not_json"),
    _text(b"\x00\x01\x02", "not_json"),
    _text(b"[" * 5_000, "invalid_field"),
    _text(b"[]", "invalid_field"),
    _text(b"null", "invalid_field"),
    _text(b"42", "invalid_field"),
    _cut,
    _random_bytes,
    _latin1,
    _nan,
    _set(amount="12.50"),
    _set(amount=12.5),
    _set(amount=-1),
    _set(amount=10**30),
    _set(amount=None),
    _set(event_time="2026-01-01T00:00:00Z"),
    _set(event_time=10**18),
    _set(schema_version=2),
    _set(currency="euro"),
    _set(country="Germany"),
    _set(channel="phone"),
    _set(ip="999.1.1.1"),
    _set(lat=91.0, lon=0.0),
    _set(lat=1.0, lon=None),
    _set(card_token="4111 1111 1111 1111"),  # noqa: S106 - a number where a token belongs
    _set(merchant_category="54"),
    _set(device_id="line\nbreak"),
    _set(user_id=""),
    _set(currency=None),
    _with(lambda fields: fields.pop("event_id")),
    _with(lambda fields: fields.pop("amount")),
    _with(dict.clear),
    _wrong_key,
    _no_key,
    _far_future,
)
