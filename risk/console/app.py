"""The console as an ASGI application."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from risk.config.settings import Settings
from risk.console import errors
from risk.console.guard import guarded
from risk.console.live.feed import feed
from risk.console.routes import ROUTES
from risk.console.security import Security, origins
from risk.console.site import Site
from risk.engine.delivery import Unavailable


def create(settings: Settings, beside: Sequence[BaseRoute] = ()) -> Starlette:
    """The application. `beside` are routes that bring their own checks, such as the API's."""
    own = Site(settings)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with own.hub.running():
            yield
        own.pool.close()

    pages = [Route(one.path, guarded(one), methods=[one.method]) for one in ROUTES]
    app = Starlette(
        routes=[*pages, WebSocketRoute("/feed", feed), *beside],
        middleware=[Middleware(Security, console=settings.console)],
        exception_handlers={
            HTTPException: errors.refused,
            Unavailable: errors.unavailable,
            Exception: errors.failed,
        },
        lifespan=lifespan,
    )
    app.state.site = own
    app.state.origins = origins(settings.console)
    return app
