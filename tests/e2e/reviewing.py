"""What tests of the review in a browser share: who works there, and cases to work on."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from playwright.sync_api import Browser, Page

from risk.config.settings import Settings
from risk.engine.messages import Reason
from risk.ops.cases import queue
from risk.registry.cases.records import STATES, Filters
from risk.registry.users import Role
from tests.browser import raise_alerts
from tests.pipeline import until
from tests.unit.console.alerts import alert

PICTURES: Final = Path("build/screenshots")
PEOPLE: Final[dict[str, Role]] = {
    "vera": "viewer",
    "ana": "analyst",
    "ben": "analyst",
    "lea": "lead",
}
SIZES: Final = {"wide": (1280, 800), "phone": (390, 844)}


class Console(NamedTuple):
    settings: Settings
    origin: str
    browser: Browser


class Open(Protocol):
    """Opens a browser of somebody's own."""

    def __call__(self, name: str, scheme: str = "light", size: str = "wide") -> Page:
        raise NotImplementedError


def raised(console: Console, *users: str, payments: int = 1, rule: str = "ip_burst") -> None:
    """Cases of these users, by alerts of now that a rule raised."""
    at = time.time_ns() // 1_000_000
    raise_alerts(
        console.settings,
        *(
            alert(
                at * 1_000 + 97 * n + index,
                {
                    "ip": f"198.51.{sum(user.encode()) % 250}.{n + 1}",
                    "device_id": f"phone-of-{user}",
                    "card_token": "",
                },
                user_id=user,
                reasons=(Reason(rule, 1, 70, "14 users from 192.0.2.77 in 2 minutes"),),
                event_time=at - 1_000 * index,
                raised_at=at,
                event_id=f"{user}-{at}-{index}",
            )
            for n, user in enumerate(users)
            for index in range(payments)
        ),
    )
    for user in users:
        until(partial(case_of, console, user), f"the case of {user}")


def case_of(console: Console, user: str) -> int:
    """The latest case of a user; 0 if there is none."""
    found, _ = queue.page(console.settings, Filters(user=user, states=STATES), "age", 500)
    return found[-1].id if found else 0
