"""Small random streams for the stages, as Hypothesis strategies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from risk.config.settings import Scoring
from risk.engine.payment.transaction import OPTIONAL, Transaction, encode
from risk.engine.stages.base import FLUSH, Raw
from risk.engine.stages.reading import Idle, Reading

START = 1_790_000_000_000
SCORING = Scoring()
# What a payment may lack, and have besides.
LACKED: tuple[tuple[str, ...], ...] = (
    *((), (), (), (), ("ip",), ("device_id",), ("merchant_id", "country")),
    OPTIONAL,
)
ATTRIBUTES: tuple[dict[str, Any] | None, ...] = (
    *(None, None, None, {"tier": "gold"}, {"tier": "none", "n": 2**63 - 1, "x": 0.5}),
    {"basket": [{"sku": "a:b", "n": None}], "attributes": {"é": True}},
)


def reading(partitions: Iterable[int] = (0,), **changes: Any) -> Reading:
    """All of these partitions, from their first record, judged as by default."""
    starts = dict.fromkeys(partitions, 0)
    return Reading.of(starts, SCORING)._replace(**changes)


def quiet(partitions: Iterable[int] = (0,), latest_elsewhere: int = -1) -> Idle:
    """Nothing has come for long: everything settles."""
    return Idle(frozenset(partitions), None, FLUSH, latest_elsewhere)


def transaction(number: int, **changes: object) -> Transaction:
    """A valid transaction; whatever is given is changed."""
    fields: dict[str, object] = {
        "schema_version": 1,
        "event_id": f"e{number:04d}",
        "user_id": "u1",
        "event_time": START,
        "amount": 1_000,
        "currency": "EUR",
        "merchant_id": "m1",
        "merchant_category": "5411",
        "channel": "web",
        "country": "DE",
        "ip": "10.0.0.1",
        "device_id": "d1",
        "card_token": "tok_0123456789",
        "source": "bank-a",
        "lat": None,
        "lon": None,
    }
    return Transaction(**(fields | changes))  # type: ignore[arg-type]


def raw(txn: Transaction, offset: int, partition: int = 0) -> Raw:
    """The record of a transaction, appended an instant after it happened."""
    return Raw(partition, offset, txn.event_time + 5, txn.user_id.encode(), encode(txn))


@st.composite
def transactions(draw: st.DrawFn, partition: int, most: int = 40) -> list[Transaction]:
    """Transactions of a few users, ips and devices, in the order in which they are published.

    Times wander by up to 35 s back and at times leap far ahead, so that some are late and sessions
    and windows end.
    """
    found: list[Transaction] = []
    clock = START
    for number in range(draw(st.integers(0, most))):
        clock += draw(st.sampled_from((0, 1, 500, 1_000, 20_000, 60_000, 119_999, 300_000)))
        if draw(st.integers(0, 30)) == 0:
            clock += draw(st.sampled_from((1_800_000, 1_800_001, 86_400_000, 31 * 86_400_000)))
        back = draw(st.sampled_from((0, 0, 0, 1, 999, 5_000, 29_000, 30_000, 30_001, 35_000)))
        duplicate = found and draw(st.integers(0, 12)) == 0
        if duplicate:
            found.append(draw(st.sampled_from(found[-5:])))
            continue
        place = draw(st.sampled_from((None, (52.5, 13.4), (48.1, 11.6), (40.7, -74.0))))
        fields: dict[str, Any] = {
            "merchant_id": draw(st.sampled_from(("m1", "m2", "m3"))),
            "country": draw(st.sampled_from(("DE", "FR", "US"))),
            "ip": draw(st.sampled_from(("10.0.0.1", "10.0.0.2"))),
            "device_id": draw(st.sampled_from(("d1", "d2", "d3"))),
            "lat": place and place[0],
            "lon": place and place[1],
        }
        for name in draw(st.sampled_from(LACKED)):
            fields[name] = None if name in ("lat", "lon") else ""
        found.append(
            transaction(
                1000 * partition + number,
                user_id=f"u{partition}{draw(st.integers(0, 2))}",
                event_time=clock - back,
                amount=draw(
                    st.sampled_from((0, 2, 3, 100, 200, 201, 2_000, 10_000, 100_000, 12_345))
                ),
                currency=draw(st.sampled_from(("EUR", "EUR", "EUR", "USD", "JPY", "KWD"))),
                attributes=draw(st.sampled_from(ATTRIBUTES)),
                **fields,
            )
        )
    return found


@st.composite
def records(draw: st.DrawFn, partitions: int = 2) -> list[Raw]:
    """Records of several partitions, interleaved at random, each partition in its own order."""
    queues = []
    for partition in range(partitions):
        txns = draw(transactions(partition))
        queues.append([raw(txn, offset, partition) for offset, txn in enumerate(txns)])
    found: list[Raw] = []
    while any(queues):
        queue = draw(st.sampled_from([queue for queue in queues if queue]))
        count = draw(st.integers(1, 8))
        found += queue[:count]
        del queue[:count]
    return found
