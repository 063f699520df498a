"""Roles, each of which may do all that those before it may."""

from __future__ import annotations

from typing import Final

from risk.registry.users import Role

ORDER: Final[tuple[Role, ...]] = ("viewer", "analyst", "lead", "admin")


def allows(role: Role, needed: Role) -> bool:
    """Whether who has this role may do what needs that one."""
    return ORDER.index(role) >= ORDER.index(needed)
