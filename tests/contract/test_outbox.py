"""The outbox on a real Postgres, against a real HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from msgspec.structs import replace
from standardwebhooks.webhooks import Webhook

from risk.config.outbox import Outbox
from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.actor import Actor
from risk.ops.cases import queue, steps
from risk.ops.cases.take_in import take_in
from risk.ops.outbox.send import entries, resend, send_due
from risk.registry.cases.records import Filters
from sinks.postgres.connect import connect
from tests.unit.ops.cases.alerts import alert

pytestmark = pytest.mark.stack
ANA = Actor("ana", "analyst")
KEY = "whsec_" + "bmV3" * 8


class Destination(ThreadingHTTPServer):
    """Keeps what it is sent, and answers with the next of `answers`, then with 200."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        super().__init__(("127.0.0.1", 0), Answer)

    def of(self, path: str) -> list[Any]:
        return [json.loads(body) for at, _, body in self.got if at == path]


class Answer(BaseHTTPRequestHandler):
    server: Destination

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def destination(monkeypatch: pytest.MonkeyPatch) -> Iterator[Destination]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = Destination()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def own(migrated: Settings, destination: Destination) -> Settings:
    base = f"http://127.0.0.1:{destination.server_port}"
    outbox = Outbox(
        webhook_url=f"{base}/hook",
        webhook_secret=KEY,
        slack_url=f"{base}/slack",
        pagerduty_url=f"{base}/pagerduty",
        pagerduty_key="r" * 32,
        timeout_s=5,
    )
    return replace(migrated, outbox=outbox)


def webhook_alone(settings: Settings) -> Settings:
    return replace(settings, outbox=replace(settings.outbox, slack_url=None, pagerduty_key=None))


def make_due(settings: Settings) -> None:
    with connect(settings) as connection:
        connection.execute("UPDATE outbox SET send_at = now()")


def test_each_destination_is_told_of_a_case_from_beginning_to_end(
    own: Settings, destination: Destination
) -> None:
    take_in(own, own, [alert("e1"), alert("low", user_id="u-2", points=50)])
    case, _ = queue.page(own, Filters())[0]
    assert send_due(own) == 3
    assert send_due(own) == 0
    take_in(own, own, [alert("e2")])
    assert send_due(own) == 0
    steps.claim(own, case.id, ANA)
    steps.close(own, case.id, ANA, "fraud")
    assert send_due(own) == 3
    assert [one["event_action"] for one in destination.of("/pagerduty")] == ["trigger", "resolve"]
    assert {one["dedup_key"] for one in destination.of("/pagerduty")} == {f"risk-case-{case.id}"}
    assert [one["type"] for one in destination.of("/hook")] == ["case.opened", "case.closed"]
    assert "closed: fraud" in destination.of("/slack")[1]["text"]
    for path, headers, body in destination.got:
        if path == "/hook":
            named = {name.lower(): value for name, value in headers.items()}
            Webhook(KEY).verify(body, named)
    steps.undo(own, case.id, ANA)
    send_due(own)
    assert destination.of("/pagerduty")[-1]["event_action"] == "trigger"


def test_what_fails_is_sent_again_under_the_same_id(
    own: Settings, destination: Destination
) -> None:
    own = webhook_alone(own)
    destination.answers = [(500, {}), (429, {"Retry-After": "3600"})]
    take_in(own, own, [alert("e1")])
    assert send_due(own) == 1
    (waiting,) = entries(own)
    assert (waiting.state, waiting.error, waiting.attempts) == ("waiting", "HTTP 500", 1)
    assert send_due(own) == 0
    make_due(own)
    send_due(own)
    (waiting,) = entries(own)
    assert (waiting.send_at - waiting.since).total_seconds() > 3_500
    make_due(own)
    send_due(own)
    assert [one.state for one in entries(own)] == ["sent"]
    assert len({headers["webhook-id"] for _, headers, _ in destination.got}) == 1


def test_what_is_given_up_can_be_sent_again(own: Settings, destination: Destination) -> None:
    own = webhook_alone(own)
    destination.answers = [(410, {}), (503, {"Retry-After": "90000"})]
    take_in(own, own, [alert("e1")])
    send_due(own)
    (dead,) = entries(own, ["dead"])
    assert dead.error == "HTTP 410"
    make_due(own)
    assert send_due(own) == 0
    assert resend(own) == 1
    send_due(own)  # asked to wait for a day, which is all the time there is
    (dead,) = entries(own, ["dead"])
    assert resend(own, [dead.id]) == 1
    with pytest.raises(UserError, match="weren't given up"):
        resend(own, [dead.id])
    send_due(own)
    assert [one.state for one in entries(own)] == ["sent"]


def test_a_destination_that_is_away_is_no_loss_and_no_leak(own: Settings) -> None:
    away = replace(
        own.outbox, webhook_url=None, pagerduty_key=None, slack_url="http://127.0.0.1:9/x"
    )
    own = replace(own, outbox=away)
    take_in(own, own, [alert("e1")])
    send_due(own)
    (waiting,) = entries(own)
    assert (waiting.state, waiting.error) == ("waiting", "ConnectError")


def test_a_step_meanwhile_is_told_afterwards(own: Settings, destination: Destination) -> None:
    own = webhook_alone(own)
    take_in(own, own, [alert("e1")])
    (case,) = queue.page(own, Filters())[0]
    destination.answers = [(503, {})]
    send_due(own)
    steps.claim(own, case.id, ANA)
    send_due(own)
    assert [one["type"] for one in destination.of("/hook")] == ["case.opened", "case.claimed"]
    ids = [headers["webhook-id"] for _, headers, _ in destination.got]
    assert len(set(ids)) == 2
