"""Rows to payments with their labels, or to a rejection that says row, column and why.

Each payment goes through the engine's own decoder: what is imported is what scoring accepts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from risk.engine.feedback import Feedback, build, encode
from risk.engine.payment.redaction import redact_text
from risk.engine.payment.transaction import Rejected, decode
from risk.ops.imports.batch import Batch
from risk.ops.imports.cells import MISSING, Cell
from risk.ops.imports.columns import Faults, amounts_of, column_of
from risk.ops.imports.labels import Label, labels_of, with_words
from risk.ops.imports.mapping import Map
from risk.ops.imports.times import shown

_encode = msgspec.json.Encoder().encode
SOURCE: Final = "import"  # of the labels, as feedback has it


class Payment(NamedTuple):
    """A record for risk.transactions, made from a row of the file, and its label if it has one."""

    row: int
    event_time: int
    event_id: str
    user_id: str
    value: bytes
    label: Label | None

    def feedback(self) -> bytes | None:
        """The record for risk.feedback."""
        if self.label is None:
            return None
        verdict, known_at, by, note = self.label
        ids = (self.event_id, self.user_id, self.event_time)
        return encode(Feedback(1, *ids, verdict, SOURCE, known_at, by, note))


class Rejection(NamedTuple):
    """A row that is no payment. `column` is empty if the fault is of more than one.

    Nothing of it has a card number in it.
    """

    row: int
    column: str
    reason: str
    message: str
    values: dict[str, Any]


class Limits(NamedTuple):
    """What scoring refuses besides: event times after `latest` (ms UTC), records over `bytes`."""

    latest: int
    bytes: int


def converted(map_: Map, limits: Limits, batch: Batch) -> Iterator[Payment | Rejection]:
    """What each row of a batch is, in their order."""
    faults: Faults = {at: ("", why) for at, why in batch.broken.items()}
    currency = next(field for field in map_.fields if field.name == "currency")
    members: dict[str, Sequence[Any]] = {}
    constants: dict[str, Any] = {}
    for field in map_.fields:
        if field.column is None:
            constants[field.name] = field.constant
        else:
            members[field.name] = column_of(field, batch, faults)
    currencies = members.get("currency") or [currency.constant] * batch.size
    members["amount"] = amounts_of(map_.amount, batch, currencies, faults)
    times = members.get("event_time") or [constants.get("event_time")] * batch.size
    labels: list[Label | None] = [None] * batch.size
    if map_.labels:
        labels = labels_of(map_.labels, batch, times, faults)
        labels = with_words(map_.labels, batch, labels, faults)
    worded = bool(map_.labels and map_.labels.words)
    names = tuple(members)
    sparse = any(MISSING in made for made in members.values())
    tail = b"," + _encode(constants)[1:]  # the same for all, so it is made once
    user = constants.get("user_id")
    origin = {field.name: field.column or "" for field in (*map_.fields, map_.amount.field)}
    for at, (row, label) in enumerate(
        zip(zip(*members.values(), strict=True), labels, strict=True)
    ):
        if at in faults:
            yield _rejection(batch, at, faults[at][0], "unreadable", faults[at][1])
            continue
        fields = dict(zip(names, row, strict=True))
        if sparse:
            fields = {name: value for name, value in fields.items() if value is not MISSING}
        try:
            value = _encode(fields)[:-1] + tail
            txn = decode(value, str(fields.get("user_id", user)).encode())
            if worded and label:
                payment = (txn.event_id, txn.user_id, txn.event_time)
                said = build(payment, label.verdict, SOURCE, label.known_at, label.by, label.note)
                label = label._replace(note=said.note)  # without card numbers
        except Rejected as rejected:
            named = rejected.message.partition(":")[0]
            column = origin.get(named, "")
            yield _rejection(batch, at, column, rejected.reason, rejected.message)
            continue
        except UnicodeEncodeError:
            yield _rejection(batch, at, "", "not_utf8", "half of a surrogate pair")
            continue
        except ValueError as error:
            yield _rejection(batch, at, "", "invalid_label", str(error))
            continue
        if txn.event_time > limits.latest:
            told = f"event_time: {shown(txn.event_time)} is in the future: is 'time' right?"
            yield _rejection(batch, at, origin["event_time"], "future", told)
        elif len(value) > limits.bytes:
            told = f"{len(value):,} bytes of JSON: kafka.max_payment_bytes allows {limits.bytes:,}"
            yield _rejection(batch, at, "", "too_large", told)
        else:
            yield Payment(batch.first + at, txn.event_time, txn.event_id, txn.user_id, value, label)


def _rejection(batch: Batch, at: int, column: str, reason: str, message: str) -> Rejection:
    values = {name: _redacted(cell) for name, cell in batch.row(at).items()}
    return Rejection(batch.first + at, column, reason, redact_text(message), values)


def _redacted(cell: Cell) -> Any:
    """A cell for a person: as it was read, but for card numbers."""
    if cell is None or isinstance(cell, bool):
        return cell
    shown = str(cell)
    masked = redact_text(shown)
    return cell if isinstance(cell, int | float | str) and masked == shown else masked
