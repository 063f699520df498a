"""How busy an IP address is in 2 minutes: ip_count_2m, ip_users_2m."""

from __future__ import annotations

from collections.abc import Iterator

from risk.engine.features.entry import Entry


class Velocity:
    """Entries and distinct users of the window."""

    __slots__ = ("count", "users")

    def __init__(self) -> None:
        self.count = 0
        self.users: dict[str, int] = {}

    def add(self, entry: Entry) -> None:
        """Count an entry in."""
        user = entry.user_id
        self.count += 1
        self.users[user] = self.users.get(user, 0) + 1

    def drop(self, entry: Entry) -> None:
        """Take an entry out."""
        user = entry.user_id
        self.count -= 1
        left = self.users[user] - 1
        if left:
            self.users[user] = left
        else:
            del self.users[user]

    def read(self, entry: Entry) -> tuple[int, int]:
        """ip_count_2m, ip_users_2m."""
        return self.count, len(self.users)

    @staticmethod
    def of(newest_first: Iterator[Entry], far: int) -> tuple[int, int]:
        """The same of the first of these entries. Those up to the time `far` are too old."""
        count, users = 0, set()
        for entry in newest_first:
            if entry.time <= far:
                break
            users.add(entry.user_id)
            count += 1
        return count, len(users)
