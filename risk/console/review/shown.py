"""A case as the queue and its page show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from risk.console import masking
from risk.console.formatting import money
from risk.engine.messages import MaskedTransaction, Reason
from risk.engine.payment.identity import payment_key
from risk.engine.privacy import Masks
from risk.registry.cases.records import Case, CaseAlert

FEW_SUMS: Final = 1


class Row(NamedTuple):
    """A case, and what the queue says of it.

    `sums` are the first by currency, `every` are all. `left_s` is until it is due; less than 0: it
    is overdue.
    """

    case: Case
    sums: str
    every: str
    age_s: float
    left_s: float


class ShownAlert(NamedTuple):
    """An alert of a case, masked unless it is revealed; `hidden` are the fields that are masked.

    `key` names its payment in addresses.
    """

    key: str
    alert: CaseAlert
    transaction: MaskedTransaction
    reasons: tuple[Reason, ...]
    hidden: tuple[str, ...]


def row(case: Case, now: datetime) -> Row:
    """The line of a case."""
    age, left = now - case.opened_at, case.due_at - now
    few, every = sums(case.amounts, FEW_SUMS), sums(case.amounts, len(case.amounts))
    return Row(case, few, every, age.total_seconds(), left.total_seconds())


def sums(amounts: Mapping[str, int], most: int) -> str:
    """Sums by currency, the first few of them."""
    told = [money(amount, currency) for currency, amount in sorted(amounts.items())]
    more = f" + {len(told) - most} more" if len(told) > most else ""
    return " + ".join(told[:most]) + more


def key_of(alert: CaseAlert) -> str:
    """The key of an alert's payment."""
    return payment_key(alert.user_id, alert.event_id, alert.event_time)


def alert(one: CaseAlert, by: Masks, reveal: bool = False) -> ShownAlert:
    """An alert with its sensitive fields masked, or with `reveal` as they are."""
    txn = msgspec.convert(one.payment, MaskedTransaction)
    reasons = tuple(msgspec.convert(one.reasons, list[Reason]))
    if reveal:
        return ShownAlert(key_of(one), one, txn, reasons, ())
    told, masked = masking.reasons(reasons, txn, by), masking.masked(txn, by)
    return ShownAlert(key_of(one), one, masked, told, masking.present(txn, by))


def by_payment(alerts: Sequence[CaseAlert]) -> dict[str, list[CaseAlert]]:
    """The alerts by their payments, in the order in which they come: one a ruleset's version."""
    found: dict[str, list[CaseAlert]] = {}
    for one in alerts:
        found.setdefault(key_of(one), []).append(one)
    return found
