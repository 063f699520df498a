"""What another application brings to stand at the console's address: routes, and their life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

from starlette.routing import BaseRoute

from risk.config.settings import Settings
from risk.ops.settings import in_role


class Beside(NamedTuple):
    """Routes that bring their own checks; `running()` is held open as long as they are served."""

    routes: Sequence[BaseRoute]
    running: Callable[[], AbstractAsyncContextManager[None]]
    ready: Callable[[], bool] = lambda: True


def beside(settings: Settings) -> Sequence[Beside]:
    """What the settings ask for. Raises `UserError` for a wrong ruleset of the settings."""
    if not settings.console.api:
        return ()
    # Late: a console without the API has no use for what it imports.
    from risk.console.api.app import routes
    from risk.console.api.health import can_take
    from risk.console.api.services import Services

    services = Services(in_role(settings, "api"))
    return (Beside(routes(services), services.running, lambda: can_take(services)),)
