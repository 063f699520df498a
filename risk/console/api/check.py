"""The checks of a payment that scoring makes, made before it is published: so none is put aside.

Pure: the code of the engine, and what it is told of the time and of the ruleset.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from risk.console.api.problem import Fault, field_of, of_faults
from risk.engine.payment.contract import Contract
from risk.engine.payment.rejected import Rejected
from risk.engine.payment.transaction import Transaction, encode, read

UNREADABLE: Final = ("empty", "not_utf8", "not_json")


class Rules(NamedTuple):
    """What holds now: the broker's time in ms UTC, and what the active ruleset asks."""

    now: int
    future_ms: int
    most_bytes: int
    contract: Contract


class Payment(NamedTuple):
    """A payment, and its message: the same for every way to write the same payment."""

    txn: Transaction
    message: bytes

    @property
    def identity(self) -> tuple[str, str]:
        """User and event."""
        return self.txn.user_id, self.txn.event_id


def checked(raws: Sequence[bytes], many: bool, rules: Rules) -> list[Payment]:
    """The payments of a body, each of them one that scoring takes. Raises `Problem`."""
    found: list[Payment] = []
    faults: list[Fault] = []
    for index, raw in enumerate(raws):
        try:
            found.append(payment(raw, rules))
        except Rejected as error:
            told = field_of(error.message) if error.reason not in UNREADABLE else None
            faults.append(Fault(error.reason, error.message, told, index))
    if faults:
        codes = {fault.code for fault in faults}
        kind = (
            "too_large" if "too_large" in codes
            else "bad_request" if codes & set(UNREADABLE)
            else "invalid"
        )  # fmt: skip
        raise of_faults(kind, faults, many)
    return found


def payment(raw: bytes, rules: Rules) -> Payment:
    """One payment. Raises `Rejected`, in the words and the order of the first stage of scoring."""
    txn = read(raw)
    ahead = txn.event_time - rules.now
    if ahead > rules.future_ms:
        raise Rejected(
            "future", f"event_time: {ahead} ms ahead of the broker's time: mend the clock"
        )
    rules.contract.check(txn)
    found = canonical(txn)
    if len(found.message) > rules.most_bytes:
        size = len(found.message)
        raise Rejected("too_large", f"{size:,} bytes: a payment has up to {rules.most_bytes:,}")
    return found


def canonical(txn: Transaction) -> Payment:
    """A payment with the one message that says it, in whatever way its sender has written it."""
    if txn.attributes:
        attributes = {name: txn.attributes[name] for name in sorted(txn.attributes)}
        txn = replace(txn, attributes=attributes)
    return Payment(txn, encode(txn))
