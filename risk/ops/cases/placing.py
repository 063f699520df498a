"""Which case an alert belongs to. Pure.

A user's alerts are one case as long as it isn't closed. Alerts of several users are one case, a
ring, if their payments share a device, an address or a card and are within a day of each other.
What very many share links nobody: it is an office or a mobile network.

A card is known by what an alert shows of it, the last four characters: so it counts only together
with the merchant, and never where it is masked whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from risk.engine.messages import Alert

HOUR_MS: Final = 3_600_000
_SHOWN: Final = 4  # characters of a card token


class Link(NamedTuple):
    """What a payment has: `kind` is user, device, ip or card."""

    kind: str
    value: str


class Identity(NamedTuple):
    """What makes an alert the same one."""

    user_id: str
    event_id: str
    event_time: int
    ruleset: str
    ruleset_version: int


class OpenLink(NamedTuple):
    """That a case which isn't closed has a payment with this link; times in ms UTC."""

    link: Link
    case_id: int
    user_id: str
    last_event_time: int


def identity(alert: Alert) -> Identity:
    """The alert's identity: its payment's, under a version of a ruleset."""
    event_id = alert.event_id or alert.alert_id
    return Identity(alert.user_id, event_id, alert.event_time, alert.ruleset, alert.ruleset_version)


def links(alert: Alert) -> list[Link]:
    """The user, and what may link others, the surest first."""
    payment = alert.transaction
    found = [Link("user", alert.user_id)]
    if payment.device_id:
        found.append(Link("device", payment.device_id))
    if payment.ip:
        found.append(Link("ip", payment.ip))
    shown = payment.card_token.lstrip("*")
    if len(shown) == _SHOWN and payment.merchant_id:
        found.append(Link("card", f"{shown} at {payment.merchant_id}"))
    return found


class Board:
    """The cases that aren't closed, as far as a batch of alerts touches them."""

    def __init__(self, ring_ms: int, ring_users: int, known: Iterable[OpenLink]) -> None:
        """`ring_ms`: how far apart payments of a ring are at most; 0: each user is alone."""
        self._ring_ms, self._ring_users = ring_ms, ring_users
        self._cases: dict[Link, dict[int, dict[str, int]]] = {}
        for one in known:
            self._note(one.link, one.case_id, one.user_id, one.last_event_time)

    def place(self, alert: Alert, new: Callable[[], int]) -> tuple[int, bool]:
        """The alert's case, and whether it is a `new` one's id; noted for those that follow."""
        own, *others = links(alert)
        case_id = min(self._cases.get(own, ()), default=None)
        for link in others if self._ring_ms else ():
            case_id = self._ring(link, alert) if case_id is None else case_id
        opened = case_id is None
        placed = new() if case_id is None else case_id
        for link in (own, *others):
            self._note(link, placed, alert.user_id, alert.event_time)
        return placed, opened

    def _ring(self, link: Link, alert: Alert) -> int | None:
        cases = self._cases.get(link, {})
        users = {alert.user_id}.union(*cases.values())
        if len(users) > self._ring_users:
            return None
        near = (
            case_id
            for case_id, times in cases.items()
            if any(abs(alert.event_time - time) <= self._ring_ms for time in times.values())
        )
        return min(near, default=None)

    def _note(self, link: Link, case_id: int, user_id: str, time: int) -> None:
        times = self._cases.setdefault(link, {}).setdefault(case_id, {})
        times[user_id] = max(time, times.get(user_id, time))


def replaces(alert: Alert, revision: int, late: bool) -> bool:
    """Whether the alert says something newer than what is known: as stores decide it."""
    return (not alert.late, alert.revision) > (not late, revision)
