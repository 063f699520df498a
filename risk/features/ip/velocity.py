"""How busy an IP address is in 2 minutes: ip_count_2m, ip_users_2m."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Velocity:
    """Entries and distinct users of the window. Entries are (time, event_id, user_id, …)."""

    __slots__ = ("count", "users")

    def __init__(self) -> None:
        self.count = 0
        self.users: dict[str, int] = {}

    def add(self, entry: Any) -> None:
        """Count an entry in."""
        user = entry[2]
        self.count += 1
        self.users[user] = self.users.get(user, 0) + 1

    def drop(self, entry: Any) -> None:
        """Take an entry out."""
        user = entry[2]
        self.count -= 1
        left = self.users[user] - 1
        if left:
            self.users[user] = left
        else:
            del self.users[user]

    def read(self, entry: Any) -> tuple[int, int]:
        """ip_count_2m, ip_users_2m."""
        return self.count, len(self.users)

    @staticmethod
    def of(entries: Sequence[Any]) -> tuple[int, int]:
        """The same of the last of these entries, which are all in its window."""
        if len(entries) == 1:  # as most addresses
            return 1, 1
        return len(entries), len({entry[2] for entry in entries})
