"""What the bar at the top leads to: a page that is new gets a line here."""

from __future__ import annotations

from typing import Final, NamedTuple

from risk.console.roles import allows
from risk.registry.sessions import Viewer
from risk.registry.users import Role


class Link(NamedTuple):
    """A page, and the role that it needs, which is that of its route."""

    path: str
    text: str
    role: Role


LINKS: Final = (
    Link("/live", "Live", "viewer"),
    Link("/cases", "Cases", "viewer"),
    Link("/verdicts", "Verdicts", "lead"),
    Link("/rules", "Rules", "viewer"),
    Link("/models", "Models", "viewer"),
    Link("/access", "Access log", "lead"),
    Link("/users", "Users", "admin"),
)


def navigation(viewer: Viewer | None) -> list[Link]:
    """The pages that somebody may open."""
    return [link for link in LINKS if viewer and allows(viewer.role, link.role)]
