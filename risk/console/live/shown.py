"""An alert as templates and programs get it: masked, unless one payment was asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from risk.console import masking
from risk.console.live.entry import Entry
from risk.engine.messages import Alert, MaskedTransaction, Reason


class Shown(NamedTuple):
    """What may be seen of an alert. `hidden` are the fields that are masked."""

    seq: int
    alert: Alert
    transaction: MaskedTransaction
    reasons: tuple[Reason, ...]
    hidden: tuple[str, ...]


def shown(entry: Entry, reveal: bool = False) -> Shown:
    """The alert with its sensitive fields masked, or with `reveal` as they are."""
    alert = entry.alert
    if reveal:
        return Shown(entry.seq, alert, alert.transaction, alert.reasons, ())
    return Shown(
        entry.seq,
        alert,
        masking.masked(alert.transaction),
        masking.reasons(alert.reasons, alert.transaction),
        masking.present(alert.transaction),
    )


def as_json(entry: Entry) -> dict[str, Any]:
    """The alert as `schemas/alert.json` has it, masked, for the feed."""
    masked = shown(entry)
    alert = msgspec.structs.replace(
        entry.alert, transaction=masked.transaction, reasons=masked.reasons
    )
    found: dict[str, Any] = msgspec.to_builtins(alert)
    return found
