"""Payments that share a device, an address, a card or a merchant with one."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from risk.audit.document import row
from risk.audit.query import TEXTS, TIME
from risk.config.settings import Settings
from risk.engine.messages import MaskedTransaction
from sinks.elasticsearch.search import search

DAY_MS: Final = 86_400_000
AROUND_MS: Final = 7 * DAY_MS
SHOWN: Final = 6
# What is shared: its name for people, the payment's field, and that of a document.
SHARED: Final = (
    ("device", "device_id", TEXTS["device"]),
    ("address", "ip", TEXTS["ip"]),
    ("card", "card_token", "risk.transaction.card_token"),
    ("merchant", "merchant_id", TEXTS["merchant"]),
)


class Shared(NamedTuple):
    """What `total` other payments have in common with one: the latest of them are `rows`.

    `value` is what they share, as the payment has it. Of a card it is the last four characters.
    """

    kind: str
    field: str
    value: str
    total: int
    rows: list[dict[str, Any]]


def sharing(
    settings: Settings, payment: tuple[str, str, int], txn: MaskedTransaction
) -> list[Shared]:
    """What other live payments share with this one, a week before and after it.

    `payment` is event_id, user_id and event_time. Raises `Unavailable`.
    """
    event_id, user_id, event_time = payment
    span = {"gte": event_time - AROUND_MS, "lte": event_time + AROUND_MS, "format": "epoch_millis"}
    found = []
    for kind, field, name in SHARED:
        value = getattr(txn, field)
        if not value:
            continue
        query = {
            "bool": {
                "filter": [
                    {"term": {name: value}},
                    {"term": {TEXTS["kind"]: "live"}},
                    {"range": {TIME: span}},
                ],
                "must_not": [
                    {"bool": {"filter": [
                        {"term": {TEXTS["event"]: event_id}}, {"term": {TEXTS["user"]: user_id}},
                    ]}},
                ],
            }
        }  # fmt: skip
        total, hits = search(settings, query, SHOWN)
        found.append(Shared(kind, field, value, total, [row(hit) for hit in hits]))
    return found
