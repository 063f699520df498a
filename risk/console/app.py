"""The console as an ASGI application."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute

from risk.config.settings import Settings
from risk.console import errors
from risk.console.beside import Beside
from risk.console.guard import guarded
from risk.console.live.feed import feed
from risk.console.routes import ROUTES
from risk.console.security import Security, origins
from risk.console.site import Site
from risk.engine.delivery import Unavailable


def create(settings: Settings, beside: Sequence[Beside] = ()) -> Starlette:
    """The application. What stands `beside` it brings its own checks, as the API does.

    Of two routes for one path the console's own answers: `/healthz` and `/readyz` are its own.
    """
    own = Site(settings)
    if beside:
        own.ready_beside = lambda: all(one.ready() for one in beside)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as running:
            running.callback(own.pool.close)
            await running.enter_async_context(own.hub.running())
            for one in beside:
                await running.enter_async_context(one.running())
            yield

    pages = [Route(one.path, guarded(one), methods=[one.method]) for one in ROUTES]
    others = [route for one in beside for route in one.routes]
    app = Starlette(
        routes=[*pages, WebSocketRoute("/feed", feed), *others],
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
