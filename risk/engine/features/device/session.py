"""A device's session window: a run of its events with gaps of up to 30 minutes."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from risk.engine.features.catalogue import SESSION_GAP, SESSION_USERS
from risk.engine.features.entry import Entry

PARTS: Final = ("start", "last", "events", "users")  # of what is dumped
FEW: Final = 8  # users that are found in a list as fast as in a set


class Session(msgspec.Struct, gc=False):
    """The running session. Most have one user: that is kept without a list."""

    start: int = 0
    last: int = 0
    events: int = 0
    user: str = ""  # the first
    others: list[str] | set[str] | None = None

    def observe(self, entry: Entry) -> tuple[int, int, int]:
        """device_session_ms, device_session_events, device_session_users."""
        time, user = entry.time, entry.user_id
        if not self.events or time - self.last > SESSION_GAP:
            self.start, self.events, self.user, self.others = time, 0, user, None
        self.last = time
        self.events += 1
        if user == self.user and self.others is None:
            return time - self.start, self.events, 1
        return time - self.start, self.events, self._count_users(user)

    def count(self, entry: Entry) -> None:
        """Count the entry in."""
        self.observe(entry)

    def dump(self) -> Any:
        """As msgpack can hold it."""
        users = [self.user, *(self.others or ())] if self.events else []
        return [self.start, self.last, self.events, users]

    def load(self, dumped: Any) -> None:
        """Become what was dumped."""
        self.start, self.last, self.events, users = dumped
        if users:
            self.user = users[0]
        if len(users) > 1:
            self.others = users[1:] if len(users) <= FEW else set(users[1:])

    def _count_users(self, user: str) -> int:
        """How many there are, up to 1,024, with this one."""
        others = self.others
        if others is None:
            others = self.others = []
        if user != self.user and user not in others and len(others) < SESSION_USERS - 1:
            if isinstance(others, set):
                others.add(user)
            elif len(others) < FEW:
                others.append(user)
            else:
                self.others = others = {*others, user}
        return 1 + len(others)
