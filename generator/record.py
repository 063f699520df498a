"""What the generator makes: Kafka records with their truth."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from risk.engine.payment.transaction import Transaction

Kind = Literal["on_time", "out_of_order", "late", "duplicate", "malformed"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Record(NamedTuple):
    """One record for risk.transactions, to be sent `due_ms` after the start of the stream.

    `label` is the JSON of a `Label` for risk.labels; None for malformed records and repetitions.
    `kind` is what the way to Kafka did to it.
    """

    key: bytes | None
    value: bytes
    label: bytes | None
    due_ms: int
    kind: Kind


class Event(NamedTuple):
    """A transaction as it happens, before disorder. `attack` is None for an honest one.

    `habit` names what makes an honest one look odd, if anything does; no label tells it.
    """

    due_ms: int
    txn: Transaction
    attack: str | None
    habit: str | None = None
