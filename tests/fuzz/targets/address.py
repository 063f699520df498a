"""Addresses of the API and of the console: paths, queries, cursors, filters and header values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request

from risk.console.api import alerts, asked, payments
from risk.console.api.problem import Problem
from risk.console.api.table import CALLS
from risk.console.cookies import Cookies
from risk.console.csrf import is_own, is_right
from risk.console.live import filters, place
from risk.console.live.filters import BadFilter
from risk.console.review import asked as queue
from risk.console.review.acting import case_of, seen
from risk.console.review.steps import Given
from risk.ops.outbox.answers import asked as retry_after
from tests.fuzz.target import Target

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
REFUSALS = (Problem, BadFilter, HTTPException)


def once(data: bytes) -> object:
    """`path?query` and a line of one value: which of its readers refuse it, and why."""
    came = []
    raw, _, value = data.partition(b"\n")
    path, _, query = raw.partition(b"?")
    text = value.decode("latin-1")
    for read in (_api, _live, _queue, _values):
        try:
            read(path, query, text)
        except REFUSALS as refusal:
            if isinstance(refusal, Problem):
                refusal.response()
            else:
                str(refusal).encode(errors="replace")
            came.append(f"{read.__name__} {refusal}"[:30])
    return came


def _api(path: bytes, query: bytes, value: str) -> None:
    words = tuple(asked.words(path.strip(b"/")))
    found = [call for call in CALLS if call.match(words) is not None]
    for call in found or CALLS:
        given = asked.query(query, call.query)
        if "wait" in given:
            payments.waited(given["wait"], 10_000)
        wanted = alerts.filters(given)
        if "cursor" in given:
            at = alerts.read_cursor(given["cursor"], wanted)
            assert alerts.read_cursor(alerts.write_cursor(at, wanted), wanted) == at
    payments.location("".join(words), value)


def _live(path: bytes, query: bytes, value: str) -> None:
    given = QueryParams(query.decode("latin-1"))
    place.parse(given.get("after"))
    wanted = filters.parse(given)
    again = dict(parse_qsl(wanted.query()))
    assert filters.parse(again) == wanted


def _queue(path: bytes, query: bytes, value: str) -> None:
    given = QueryParams(query.decode("latin-1"))
    found = queue.parse(given, "ann")
    again = queue.parse(dict(parse_qsl(found.query())), "ann")
    assert again == found, (again, found)


def _values(path: bytes, query: bytes, value: str) -> None:
    scope: dict[str, Any] = {
        "type": "http",
        "headers": [(b"cookie", value.encode("latin-1"))],
        "path_params": {"case_id": value},
    }
    Cookies(True).session(Request(scope))
    Cookies(False).visitor(Request(scope))
    is_own(value, ("https://risk.example.org",))
    is_right("secret", value)
    wait_s = retry_after(value, NOW)
    assert wait_s is None or 0 <= wait_s <= 86_400
    given = _Given(value)
    for read in (lambda: case_of(Request(scope)), lambda: given.revision, lambda: given.until,
                 lambda: seen(value)):  # fmt: skip
        try:
            found = read()
            assert not isinstance(found, int) or 0 <= found < 2**63
        except HTTPException:
            continue


class _Given(Given):
    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, name: str) -> str:
        return self._value.strip()


SEEDS = (
    b"/v1/payments?wait=200ms\n7",
    b"/v1/payments/u1/e%2F1?wait=2s\nTue, 04 Mar 2025 07:28:00 GMT",
    b"/v1/alerts?decision=BLOCK&min_score=50&from=2025-03-01&to=1740830400000&limit=5\n120",
    b"/v1/alerts?cursor=WyJhIiwxLCJlIiwidSIsInIiLDFd\n1:2,3:4",
    b"/live?decision=block&score=70&user=u1&country=de&rule=ip_burst&after=0123abcd-17\n42",
    b"/cases?state=new,open&who=me&sort=stake&after=stake:7:12.5&older=24&overdue=1&score=9\n"
    b"risk_session=abc; __Host-risk_session=def",
)
WORDS = (
    *(
        "wait=",
        "cursor=",
        "decision=",
        "min_score=",
        "user_id=",
        "ruleset=",
        "from=",
        "to=",
        "limit=",
    ),
    *(
        "state=",
        "who=nobody",
        "level=lead",
        "verdict=fraud",
        "stake=",
        "older=",
        "sort=due",
        "after=",
    ),
    *(
        "age:7:2025-03-01 12:00:00+00:00",
        "risk:1:-5",
        "%ZZ",
        "%ff",
        "%00",
        "&",
        "=",
        "0" * 30 + "9" * 5_000,
    ),
    *(
        "Tue, 04 Mar 0001 07:28:00 +2359",
        "Tue, 04 Mar 9999 23:59:59 -2359",
        "12.34.56",
        "GMT",
        "+9999",
    ),
)
TARGET = Target("address", once, REFUSALS, SEEDS, WORDS)
