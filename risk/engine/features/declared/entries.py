"""What stages remember: of a payment, or of a verdict on one."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

from risk.engine.features.declared import payments
from risk.engine.features.declared.keycode import Remembered, entry_type
from risk.engine.features.entry import Entry
from risk.engine.payment.transaction import Transaction

BEFORE_ALL: Final = "\0"  # a verdict's id begins so: it counts for all payments of its time

_who = attrgetter("event_time", "event_id")
_what = attrgetter(
    *("user_id", "ip", "device_id", "amount", "currency", "merchant_id", "country", "lat", "lon")
)


class Entries:
    """Makes the entries that compiled classes take.

    Where verdicts are counted, a payment meets no condition: it only looks.
    """

    def __init__(self, remembered: Remembered) -> None:
        self.type: Any = entry_type(remembered)
        self._of_verdicts = remembered.of_verdicts
        self._fields = payments.fields(remembered.further)
        self._flags = payments.flags(remembered.conditions)
        self._none = (0,) * len(remembered.replaced)
        self._plain = self.type is Entry
        self._flags_only = not (remembered.further or remembered.replaced)

    def more(self, txn: Transaction) -> tuple[Any, ...]:
        """What the entry of a payment holds behind what every entry does."""
        if self._plain:
            return ()
        flags = 0 if self._of_verdicts else self._flags(txn, "")
        if self._flags_only:
            return (flags,)
        return flags, *self._fields(txn), *self._none

    def payment(self, txn: Transaction) -> Entry:
        """A payment's."""
        found: Entry = self.type(*_who(txn), *_what(txn), 0, *self.more(txn))
        return found

    def verdict(
        self, txn: Transaction, verdict: str, at: int, was: str = "", since: int = 0
    ) -> Entry:
        """That of a verdict on a payment from `at` on, which replaces another; times in ms UTC."""
        replaced = (self._flags(txn, was) if was else 0, since)
        flags = self._flags(txn, verdict)
        payment = f"{BEFORE_ALL}{txn.event_id}{BEFORE_ALL}{txn.event_time}"
        found: Entry = self.type(at, payment, *_what(txn), 0, flags, *self._fields(txn), *replaced)
        return found


def is_verdict(entry: Entry) -> bool:
    """Whether it is of a verdict."""
    return entry.event_id[0] == BEFORE_ALL
