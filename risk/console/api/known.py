"""The payments that came lately, by their identity: what is sent again is told from what is new.

It goes by the rules of scoring's own memory: the first of `(user_id, event_id)` counts for
`scoring.dedup_ms`; the same again is a duplicate, and another one under the same ids a conflict.
Belongs to one event loop. Pure but for its futures: it is told what time it is.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal, NamedTuple

from risk.console.api.check import Payment
from risk.console.api.problem import Fault, of_faults

State = Literal["sending", "sent", "unknown"]
Identity = tuple[str, str]  # user_id, event_id


class Known:
    """One payment that came. `decision` is JSON, once there is one; `error` is why none knows."""

    __slots__ = ("acked", "content", "decided", "decision", "error", "event_time", "state", "until")

    def __init__(self, content: bytes, event_time: int, until: float) -> None:
        self.content, self.event_time, self.until = content, event_time, until
        self.state: State = "sending"
        self.error = ""
        self.decision: bytes | None = None
        self.acked: asyncio.Future[None] | None = None
        self.decided: asyncio.Future[None] | None = None


class Claim(NamedTuple):
    """A payment of a request. `again`: it was known before; `send`: it is to be published."""

    payment: Payment
    known: Known
    again: bool
    send: bool


class KnownPayments:
    """Those of the last `keep_s` seconds, at most `most` of them: then the oldest is forgotten."""

    def __init__(self, keep_s: float, most: int) -> None:
        self._keep_s, self._most = keep_s, most
        self._known: OrderedDict[Identity, Known] = OrderedDict()
        # For the thread that reads decisions: the events of a user, by the key of its messages.
        self.awaited: dict[bytes, dict[str, Known]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, identity: Identity) -> Known | None:
        """The payment, if it came lately."""
        return self._known.get(identity)

    def claim(self, payments: Sequence[Payment], many: bool, now: float) -> list[Claim]:
        """What each payment of a request is; all of them are known from now on.

        Raises `Problem` if one is in conflict with another: then none of them is. `now` in seconds.
        """
        self._forget(now)
        contents = [content_of(one) for one in payments]
        self._check(payments, contents, many)
        return [self._claim(*one, now) for one in zip(payments, contents, strict=True)]

    def remember(self, identity: Identity, content: bytes, event_time: int, now: float) -> None:
        """A payment that was published `now`, before this process began. The first counts."""
        if identity not in self._known:
            self._new(identity, content, event_time, now).state = "sent"

    def acknowledged(self, identity: Identity, known: Known, error: str) -> None:
        """Kafka has the payment, or (`error`) hasn't said so."""
        known.state, known.error = ("unknown", error) if error else ("sent", "")
        if known.acked is not None and not known.acked.done():
            known.acked.set_result(None)
        known.acked = None

    def decided(self, identity: Identity, event_time: int, decision: bytes) -> None:
        """The payment's first decision was read."""
        known = self._known.get(identity)
        if known is None or known.event_time != event_time or known.decision is not None:
            return
        known.decision = decision
        if known.decided is not None and not known.decided.done():
            known.decided.set_result(None)
        known.decided = None
        self._not_awaited(identity, known)

    def _check(self, payments: Sequence[Payment], contents: Sequence[bytes], many: bool) -> None:
        own: dict[Identity, bytes] = {}
        faults = []
        for index, (one, content) in enumerate(zip(payments, contents, strict=True)):
            known = self._known.get(one.identity)
            other = own.setdefault(one.identity, content) if known is None else known.content
            if other != content:
                detail = (
                    "event_id: another payment of this user has it: send a new id for a new payment"
                )
                faults.append(Fault("conflict", detail, "event_id", index))
        if faults:
            raise of_faults("conflict", faults, many)

    def _claim(self, payment: Payment, content: bytes, now: float) -> Claim:
        known = self._known.get(payment.identity)
        if known is None:
            known = self._new(payment.identity, content, payment.txn.event_time, now)
            known.acked = asyncio.get_running_loop().create_future()
            self._await(payment.identity, known)
            return Claim(payment, known, again=False, send=True)
        send = known.state == "unknown"
        if send:
            known.state, known.acked = "sending", asyncio.get_running_loop().create_future()
        return Claim(payment, known, again=True, send=send)

    def _new(self, identity: Identity, content: bytes, event_time: int, now: float) -> Known:
        while len(self._known) >= self._most:
            self._drop(*self._known.popitem(last=False))
        known = self._known[identity] = Known(content, event_time, now + self._keep_s)
        return known

    def _forget(self, now: float) -> None:
        while self._known:
            identity = next(iter(self._known))
            if self._known[identity].until > now:
                return
            self._drop(identity, self._known.pop(identity))

    def _drop(self, identity: Identity, known: Known) -> None:
        if known.decision is None:
            self._not_awaited(identity, known)

    def _await(self, identity: Identity, known: Known) -> None:
        user, event = identity
        self.awaited.setdefault(user.encode(), {})[event] = known

    def _not_awaited(self, identity: Identity, known: Known) -> None:
        key, event = identity[0].encode(), identity[1]
        events = self.awaited.get(key)
        if events is not None and events.get(event) is known:
            del events[event]
            if not events:
                del self.awaited[key]


def content_of(payment: Payment) -> bytes:
    """What tells a payment from another: 16 bytes."""
    return blake2b(payment.message, digest_size=16).digest()
