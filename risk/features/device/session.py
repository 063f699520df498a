"""A device's session window: a run of its events with gaps of up to 30 minutes."""

from __future__ import annotations

from typing import Any

from risk.features.catalogue import SESSION_GAP, SESSION_USERS


class Session:
    """The running session. Entries are (time, event_id, user_id, …)."""

    __slots__ = ("events", "last", "start", "users")

    def __init__(self) -> None:
        self.start = self.last = self.events = 0
        self.users: set[str] = set()

    def observe(self, entry: Any) -> tuple[int, int, int]:
        """device_session_ms, device_session_events, device_session_users."""
        time, user = entry[0], entry[2]
        if not self.events or time - self.last > SESSION_GAP:
            self.start, self.events, self.users = time, 0, set()
        self.last = time
        self.events += 1
        if len(self.users) < SESSION_USERS:
            self.users.add(user)
        return time - self.start, self.events, len(self.users)

    def count(self, entry: Any) -> None:
        """Count the entry in."""
        self.observe(entry)

    def dump(self) -> Any:
        """As msgpack can hold it."""
        return [self.start, self.last, self.events, list(self.users)]

    def load(self, dumped: Any) -> None:
        """Become what was dumped."""
        self.start, self.last, self.events, users = dumped
        self.users = set(users)
