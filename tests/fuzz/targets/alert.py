"""A message of risk.alerts, as the console and the intake of cases read it."""

from __future__ import annotations

import msgspec

from risk.console.live.entry import Entry
from risk.console.live.filters import Filter
from risk.console.live.projection import place
from risk.console.live.ring import Ring
from risk.console.live.shown import as_json
from risk.console.live.summary import summarise
from risk.engine.decoding import decoder
from risk.engine.messages import Alert
from risk.ops.cases.money import money
from risk.ops.cases.placing import identity
from risk.ops.cases.take_in import _row
from tests.fuzz.target import Target
from tests.unit.console.alerts import ALERT, NOW

DECODE = decoder(Alert)


def once(data: bytes) -> None:
    """What is an alert can be shown, summed up and taken in."""
    alert = DECODE(data)
    if alert.decision == "ALLOW":
        return
    ring = Ring()
    ring.add(alert)
    entry = Entry(1, alert)
    msgspec.json.encode(as_json(entry)).decode()
    summarise([entry], NOW)
    Filter(user="u1", rule="ip_burst").matches(alert)
    txn = alert.transaction
    if txn.lat is not None and txn.lon is not None:
        place(txn.lat, txn.lon)
    money({txn.currency: txn.amount})
    for value in _row(alert, identity(alert), 1).values():
        if isinstance(value, str):
            value.encode()


SEEDS = (
    msgspec.json.encode(ALERT),
    msgspec.json.encode(ALERT).replace(b'"lat"', b'"undeclared":{"a":"\\u0000"},"lat"'),
)
WORDS = (*ALERT.__struct_fields__, '"attributes":{"a":1}', "REVIEW", "BLOCK", "192.0.2.77", "EUR")
TARGET = Target("alert", once, (ValueError,), SEEDS, WORDS, "json")
