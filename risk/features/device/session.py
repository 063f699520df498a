"""A device's session window: a run of its events with gaps of up to 30 minutes."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from risk.features.catalogue import SESSION_GAP, SESSION_USERS
from risk.features.entry import Entry

FEW: Final = 8  # users that are found in a list as fast as in a set


class Session(msgspec.Struct, gc=False):
    """The running session."""

    start: int = 0
    last: int = 0
    events: int = 0
    users: Any = []  # a list, or a set once they are many

    def observe(self, entry: Entry) -> tuple[int, int, int]:
        """device_session_ms, device_session_events, device_session_users."""
        time, user = entry.time, entry.user_id
        if not self.events or time - self.last > SESSION_GAP:
            self.start, self.events, self.users = time, 0, []
        self.last = time
        self.events += 1
        if user not in self.users and len(self.users) < SESSION_USERS:
            self._add(user)
        return time - self.start, self.events, len(self.users)

    def count(self, entry: Entry) -> None:
        """Count the entry in."""
        self.observe(entry)

    def dump(self) -> Any:
        """As msgpack can hold it."""
        return [self.start, self.last, self.events, list(self.users)]

    def load(self, dumped: Any) -> None:
        """Become what was dumped."""
        self.start, self.last, self.events, users = dumped
        self.users = users if len(users) <= FEW else set(users)

    def _add(self, user: str) -> None:
        if isinstance(self.users, set):
            self.users.add(user)
        elif len(self.users) < FEW:
            self.users.append(user)
        else:
            self.users = {*self.users, user}
