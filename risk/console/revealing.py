"""Who may have a payment's masked values shown: a role of the settings, and those above it."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from risk.console.roles import allows
from risk.console.site import Site
from risk.registry.sessions import Viewer


def may_reveal(own: Site, viewer: Viewer) -> bool:
    """Whether the role is enough (`privacy.console_reveal`)."""
    return allows(viewer.role, own.settings.privacy.console_reveal)


def check_reveal(own: Site, viewer: Viewer) -> None:
    """Raise `HTTPException` where it isn't."""
    if not may_reveal(own, viewer):
        needed = own.settings.privacy.console_reveal
        raise HTTPException(403, f"Masked values are shown to the role {needed}.")
