"""Who shares what in a case: a small drawing of users beside devices, addresses and cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from risk.console.masking import BY_DEFAULT
from risk.engine.messages import MaskedTransaction
from risk.engine.privacy import Masks
from risk.registry.cases.records import CaseAlert

MOST: Final = 8  # nodes on a side: those with most payments
ROW: Final = 30
TOP: Final = 18
LEFT: Final = 118
RIGHT: Final = 202
KINDS: Final = ("Device", "Address", "Card", "Merchant")


class Node(NamedTuple):
    """A user, or what a payment has. `text` is masked; `y` is where it stands, `x` its edge."""

    kind: str
    text: str
    x: int
    y: int


class Line(NamedTuple):
    """Payments of a user that have something; `width` by how many."""

    begin: int
    end: int
    width: float
    payments: int


class Graph(NamedTuple):
    """Users on the left, what they have on the right. `left_out` nodes found no room."""

    users: list[Node]
    things: list[Node]
    lines: list[Line]
    height: int
    left_out: int


def drawn(alerts: Sequence[CaseAlert], by: Masks = BY_DEFAULT) -> Graph:
    """The drawing of a case's alerts, what is shared first."""
    lines: Counter[tuple[str, tuple[str, str]]] = Counter()
    for key in {(one.user_id, one.event_id, one.event_time): one for one in alerts}.values():
        for thing in _things(key):
            lines[key.user_id, thing] += 1
    of_user: Counter[str] = Counter()
    of_thing: Counter[tuple[str, str]] = Counter()
    users_of: Counter[tuple[str, str]] = Counter()
    for (user, thing), count in lines.items():
        of_user[user] += count
        of_thing[thing] += count
        users_of[thing] += 1
    users = sorted(of_user, key=lambda one: (-of_user[one], one))
    things = sorted(of_thing, key=lambda one: (-users_of[one], -of_thing[one], one))
    at_user = {user: TOP + ROW * n for n, user in enumerate(users[:MOST])}
    at_thing = {thing: TOP + ROW * n for n, thing in enumerate(things[:MOST])}
    return Graph(
        [Node("User", user, LEFT, y) for user, y in at_user.items()],
        [Node(kind, _masked(kind, value, by), RIGHT, y) for (kind, value), y in at_thing.items()],
        [
            Line(at_user[user], at_thing[thing], min(5.0, 1 + count / 3), count)
            for (user, thing), count in lines.items()
            if user in at_user and thing in at_thing
        ],
        ROW * max(len(at_user), len(at_thing), 1) + 6,
        len(users) + len(things) - len(at_user) - len(at_thing),
    )


def _things(alert: CaseAlert) -> list[tuple[str, str]]:
    txn = msgspec.convert(alert.payment, MaskedTransaction)
    values = (txn.device_id, txn.ip, txn.card_token, txn.merchant_id)
    return [(kind, value) for kind, value in zip(KINDS, values, strict=True) if value]


def _masked(kind: str, value: str, by: Masks) -> str:
    ways = {"Device": by.of_device, "Address": by.of_address, "Card": by.of_card}
    return (ways[kind](value) or by.mark) if kind in ways else value
