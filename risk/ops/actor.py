"""Who acts, and as what."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, get_args

Role = Literal["viewer", "analyst", "lead", "admin", "system"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)[:-1]  # those of people, the least first


class Actor(NamedTuple):
    """A person, or the system itself. The name is what the trail and feedback say."""

    name: str
    role: Role

    @property
    def leads(self) -> bool:
        """Whether this role decides about others' work."""
        return self.role in ("lead", "admin")


SYSTEM: Final = Actor("system", "system")
