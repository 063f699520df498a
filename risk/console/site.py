"""What every handler is given: the settings, Postgres, the feed, and how a page is rendered."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, cast

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse

from risk.config.settings import Settings
from risk.console import csrf
from risk.console.assets import Assets
from risk.console.cookies import Cookies
from risk.console.live.hub import Hub
from risk.console.navigation import navigation
from risk.console.rendering import environment
from risk.console.review.proofs import Proofs
from risk.engine.privacy import of_console
from risk.ops.payments.archived import ArchivedRulesets
from risk.ops.rule_changes.tree import RulesFolder
from risk.registry.pool import Pool
from risk.registry.sessions import Viewer


class Site:
    """One for a console; threads share it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.masks = of_console(settings.privacy)
        self.pool = Pool(settings)
        self.hub = Hub(settings, self.ask_postgres)
        self.rulesets = ArchivedRulesets(settings)
        self.proofs = Proofs()
        self.rules = RulesFolder()
        self.backtesting = Lock()  # whoever holds it has a core to themselves
        self.assets = Assets()
        self.cookies = Cookies(secure=settings.console.secure)
        self._templates = environment(self.assets.url)
        # Whether what stands beside the console can do its work; None: nothing does.
        self.ready_beside: Callable[[], bool | None] = lambda: None

    def ask_postgres(self) -> None:
        """Raises `Unavailable` if Postgres doesn't answer."""
        with self.pool.session() as cursor:
            cursor.execute("SELECT 1")

    def page(
        self, request: Request, template: str, status: int = 200, /, **values: Any
    ) -> HTMLResponse:
        """A page, or a part of one, out of its template.

        Templates know `viewer` (None before sign-in), `csrf`, `navigation`, `console` and `path`.
        """
        viewer = viewer_of(request)
        token = self.cookies.session(request) if viewer else self.cookies.visitor(request)
        shared = {
            "viewer": viewer,
            "csrf": csrf.token(token) if token else "",
            "navigation": navigation(viewer),
            "console": self.settings.console,
            "reveal_role": self.settings.privacy.console_reveal,
            "path": request.url.path,
        }
        text = self._templates.get_template(template).render(shared | values)
        return HTMLResponse(text, status)


def site(connection: HTTPConnection) -> Site:
    """That of the application which answers."""
    return cast(Site, connection.app.state.site)


def viewer_of(connection: HTTPConnection) -> Viewer | None:
    """Who is signed in, once the guard has found out; None before sign-in."""
    return cast("Viewer | None", getattr(connection.state, "viewer", None))


def address_of(connection: HTTPConnection) -> str:
    """The client's address; of a proxy's clients as the proxy says it, if its word is taken."""
    return connection.client.host if connection.client else "unknown"
