"""Sends what is due; and what was given up, again."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import UserError
from risk.ops.outbox.answers import Verdict, judged, pause_s
from risk.ops.outbox.messages import Request, outside, request
from risk.registry import outbox
from risk.registry.cases import store
from risk.registry.cases.session import within
from risk.registry.outbox import STATES, Entry, Leased

BATCH: Final = 20
POLL_S: Final = 1.0
_SPARE_S: Final = 30  # of a lease, over what sending a batch may take

log = logging.getLogger(__name__)


def check(settings: Settings) -> None:
    """Raise `UserError` if a destination lacks its secret.

    It isn't for the settings to say: jobs are given them without secrets.
    """
    if settings.outbox.webhook_url and not settings.outbox.webhook_secret:
        raise UserError("outbox.webhook_secret: a webhook is signed: set one")


def run(settings: Settings, stop: threading.Event) -> None:
    """Send until `stop`. While Postgres is away it waits."""
    away = ""
    with _client(settings) as client:
        while not stop.is_set():
            try:
                more = send_due(settings, client) == BATCH
                away = ""
            except Unavailable as error:
                if away != str(error):
                    log.warning("outbox: %s: waiting for it", error)
                away, more = str(error), False
            if not more:
                stop.wait(POLL_S)


def send_due(settings: Settings, client: httpx.Client | None = None) -> int:
    """Send up to a batch of what is due; how many were tried. Raises `Unavailable`."""
    rule = settings.outbox
    if client is None:
        with _client(settings) as own:
            return send_due(settings, own)
    with within(settings) as cursor:
        lease_s = BATCH * rule.timeout_s + _SPARE_S
        due = outbox.lease(cursor, rule.destinations, BATCH, lease_s)
        cases = {one.case_id: store.get(cursor, one.case_id) for one in due}
    for one in due:
        case = cases[one.case_id]
        assert case is not None, "it is referred to"
        shown, now = outside(case, settings.privacy), datetime.now(UTC)
        _settle(settings, one, _post(client, request(rule, one, shown, now)))
    return len(due)


def entries(settings: Settings, states: Sequence[str] = STATES, limit: int = 100) -> list[Entry]:
    """What is told, the latest first. Raises `Unavailable`."""
    with within(settings) as cursor:
        return outbox.entries(cursor, states, limit)


def resend(settings: Settings, ids: Sequence[int] | None = None) -> int:
    """Have what was given up sent again; how many. Raises `UserError` and `Unavailable`."""
    with within(settings) as cursor:
        found = outbox.resend(cursor, ids)
    if ids is not None and found < len(set(ids)):
        raise UserError(f"{found} of {len(set(ids))} are sent again: the others weren't given up")
    return found


def _client(settings: Settings) -> httpx.Client:
    return httpx.Client(timeout=settings.outbox.timeout_s, follow_redirects=False)


def _post(client: httpx.Client, what: Request) -> Verdict:
    try:
        # The answer's body is of no interest, however long it is.
        with client.stream("POST", what.url, headers=what.headers, content=what.body) as answer:
            return judged(answer.status_code, answer.headers.get("retry-after"), datetime.now(UTC))
    # Of a host's name that can't be, such as xn--a, the client says so in errors of its own.
    except (
        httpx.HTTPError,
        httpx.InvalidURL,
        ValueError,
    ) as error:  # its text may hold the address, which may be a secret
        return Verdict("again", type(error).__name__)


def _settle(settings: Settings, one: Leased, found: Verdict) -> None:
    wait_s = pause_s(one.attempts, random.random(), found.wait_s)  # no secret
    until = datetime.now(UTC) + timedelta(seconds=wait_s)
    give_up = one.since + timedelta(hours=settings.outbox.give_up_hours)
    with within(settings) as cursor:
        if found.what == "sent":
            outbox.settle(cursor, one, "sent")
        elif found.what == "dead" or until > give_up:
            log.warning("outbox: %s is given up: %s", one.message_id, found.error)
            outbox.settle(cursor, one, "dead", 0, found.error)
        else:
            outbox.settle(cursor, one, "waiting", wait_s, found.error)
