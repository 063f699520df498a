"""What a batch of records is sorted into."""

from __future__ import annotations

from typing import NamedTuple

from risk.engine.messages import Behind
from risk.engine.payment.transaction import Transaction
from risk.engine.stages.base import Item, Raw


class Reject(NamedTuple):
    """A record that can't be scored, and why."""

    raw: Raw
    reason: str
    message: str


class TooLate(NamedTuple):
    """A payment that came `late_by` ms too late for the windows of others.

    By 0 ms if its partition has as many in them as may be.
    """

    raw: Raw
    txn: Transaction
    late_by: int
    behind: Behind


class Ingested(NamedTuple):
    """A batch, sorted out. Late payments are among the items, too."""

    items: list[Item]
    rejected: list[Reject]
    late: list[TooLate]
