"""An alert as templates and programs get it: masked, unless one payment was asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from risk.console import masking
from risk.console.live.entry import Entry
from risk.console.masking import BY_DEFAULT
from risk.engine.messages import Alert, MaskedTransaction, Reason
from risk.engine.privacy import Masks


class Shown(NamedTuple):
    """What may be seen of an alert. `hidden` are the fields that are masked."""

    seq: int
    alert: Alert
    transaction: MaskedTransaction
    reasons: tuple[Reason, ...]
    hidden: tuple[str, ...]


def shown(entry: Entry, by: Masks = BY_DEFAULT, reveal: bool = False) -> Shown:
    """The alert with its sensitive fields masked, or with `reveal` as they are."""
    alert = entry.alert
    if reveal:
        return Shown(entry.seq, alert, alert.transaction, alert.reasons, ())
    return Shown(
        entry.seq,
        alert,
        masking.masked(alert.transaction, by),
        masking.reasons(alert.reasons, alert.transaction, by),
        masking.present(alert.transaction, by),
    )


def as_json(entry: Entry, by: Masks = BY_DEFAULT) -> dict[str, Any]:
    """The alert as `schemas/alert.json` has it, masked, for the feed."""
    masked = shown(entry, by)
    alert = msgspec.structs.replace(
        entry.alert, transaction=masked.transaction, reasons=masked.reasons
    )
    found: dict[str, Any] = msgspec.to_builtins(alert)
    return found
