"""What the stage of a key remembers: of a payment, or of a verdict on one."""

from __future__ import annotations

from typing import Any, Final

from risk.engine.features.declared import payments
from risk.engine.features.declared.keycode import KeyCode, entry_type
from risk.engine.features.entry import Entry
from risk.engine.payment.transaction import Transaction

BEFORE_ALL: Final = "\0"  # a verdict's id begins so: it counts for all payments of its time


class Entries:
    """Makes the entries that the classes of a key take.

    Where verdicts are counted, a payment meets no condition: it only looks.
    """

    def __init__(self, code: KeyCode) -> None:
        self.type: Any = entry_type(code)
        self._of_verdicts = code.of_verdicts
        self._fields = payments.fields(code.fields)
        self._flags = payments.flags(code.conditions)
        self._none = (0,) * len(code.replaced)

    def payment(self, txn: Transaction) -> Entry:
        """A payment's."""
        flags = 0 if self._of_verdicts else self._flags(txn, "")
        return self._made(txn, txn.event_time, txn.event_id, flags, self._none)

    def verdict(
        self, txn: Transaction, verdict: str, at: int, was: str = "", since: int = 0
    ) -> Entry:
        """That of a verdict on a payment from `at` on, which replaces another; times in ms UTC."""
        replaced = (self._flags(txn, was) if was else 0, since)
        flags = self._flags(txn, verdict)
        payment = f"{BEFORE_ALL}{txn.event_id}{BEFORE_ALL}{txn.event_time}"
        return self._made(txn, at, payment, flags, replaced)

    def _made(
        self, txn: Transaction, time: int, event_id: str, flags: int, replaced: tuple[int, ...]
    ) -> Entry:
        device, values = txn.device_id or None, self._fields(txn)
        found: Entry = self.type(time, event_id, txn.user_id, device, flags, *values, *replaced)
        return found


def is_verdict(entry: Entry) -> bool:
    """Whether it is of a verdict."""
    return entry.event_id[0] == BEFORE_ALL
