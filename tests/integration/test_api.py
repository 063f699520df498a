"""The HTTP API on real servers: payments in, decisions out, and what holds while a server is away.

The tests are one story, in their order. All that is answered is held to the description, and in the
end each status that it tells of was seen.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import pytest
from jsonschema import Draft202012Validator

from risk.config.settings import Settings
from risk.console.api.call import Call
from risk.console.api.openapi import described, statuses
from risk.console.api.table import CALLS
from risk.engine.payment.transaction import Transaction
from risk.ops import jobs
from risk.registry import api_keys
from risk.registry.api_keys import SCOPES, Scope
from risk.stack.process import Home
from risk.stack.up import down, up
from sinks import feedback
from sinks.postgres.migrations import migrate
from tests.databases import own_database
from tests.pipeline import APART_MS, DAY_MS, transaction, until, with_own_topics
from tests.topics import count

NAME = "api-apart"
WAIT = {"wait": "10s"}
NDJSON = {"content-type": "application/x-ndjson"}
JSON = {"content-type": "application/json"}
NOT_PROVOKED = {500}  # a mistake of the API's own


class Caller:
    """Asks the API; `seen` are the calls and statuses so far."""

    def __init__(self, settings: Settings, keys: dict[str, str]) -> None:
        self.keys, self.seen = keys, set[tuple[str, str, int]]()
        self._description = described()
        self._http = httpx.Client(base_url=settings.api.url, timeout=60)

    def __call__(self, method: str, path: str, key: str = "whole", **more: Any) -> httpx.Response:
        headers = more.pop("headers", {})
        if key:
            headers = {"authorization": f"Bearer {self.keys.get(key, key)}", **headers}
        found = self._http.request(method, path, headers=headers, **more)
        self.note(method, path, found.status_code, found.text)
        return found

    def send(self, *payments: Transaction, key: str = "whole", **params: str) -> httpx.Response:
        """One payment, or several a line each."""
        lines = b"\n".join(encode(one) for one in payments)
        kind = JSON if len(payments) == 1 else NDJSON
        return self("POST", "/v1/payments", key, content=lines, headers=kind, params=params)

    def note(self, method: str, path: str, status: int, text: str) -> None:
        """An answer is as the description says."""
        words = tuple(path.partition("?")[0].strip("/").split("/"))
        call = next((c for c in CALLS if c.method == method and c.match(words) is not None), None)
        if call is None:
            return
        self.seen.add((call.method, call.path, status))
        (content,) = self._description["paths"][call.path][method.lower()]["responses"][
            str(status)
        ]["content"].values()
        schema = {**content["schema"], "components": self._description["components"]}
        Draft202012Validator(schema).validate(json.loads(text))

    def ready(self) -> bool:
        """Whether payments can be taken."""
        try:
            return self("GET", "/readyz", "").status_code == 200
        except httpx.TransportError:
            return False


def encode(txn: Transaction) -> bytes:
    return msgspec.json.encode(txn)


def made(settings: Settings, name: str, *scopes: Scope, rate: int | None = None) -> str:
    return api_keys.add(settings, name, scopes, "tests", rate, rate).text


class Scored:
    """Scoring, and the deliveries to Postgres, on topics and a database of their own."""

    def __init__(self, settings: Settings, home: Home) -> None:
        self.settings, self.home = settings, home
        self._clock = time.time_ns() // 1_000_000 - DAY_MS

    def moment(self, length_ms: int = 0) -> int:
        """An event time, in ms UTC, after which so long nothing else happens."""
        start = self._clock
        self._clock += length_ms + APART_MS
        return start

    @contextmanager
    def running(self) -> Iterator[None]:
        """The jobs run."""
        places = ["--group", f"{NAME}-score", "--start", "earliest"]
        jobs.fresh_slots(self.settings, self.home, 3)
        started = [self._submit("score.py", "--ruleset", "rules/default", *places)]
        for store in ("postgres", "feedback"):
            places = ["--group", f"{NAME}-{store}", "--start", "earliest"]
            started.append(self._submit("deliver.py", "--store", store, *places))
        try:
            for job in started:
                jobs.wait_running(self.settings, job)
            yield
        finally:
            for job in started:
                jobs.discard(self.settings, self.home, job)

    def _submit(self, script: str, *arguments: str) -> str:
        return jobs.submit(self.settings, self.home, script, list(arguments))


@pytest.fixture(scope="module")
def pipeline(kafka: Settings, postgres: Settings, flink: Settings, home: Home) -> Iterator[Scored]:
    with own_database(flink) as settings:
        migrate(settings)
        found = Scored(with_own_topics(settings, NAME), home)
        with found.running():
            yield found


@pytest.fixture(scope="module")
def api(pipeline: Scored) -> Iterator[Caller]:
    settings = pipeline.settings
    keys = {
        "whole": made(settings, "whole", *SCOPES),
        "none": made(settings, "none", "sensitive:read"),
        "masked": made(settings, "masked", "payments:read", "alerts:read"),
        "slow": made(settings, "slow", *SCOPES, rate=1),
    }
    up(settings, pipeline.home, ["api"])
    caller = Caller(settings, keys)
    until(caller.ready, "the API is ready")
    yield caller
    down(settings, pipeline.home, ["api"])


def payment(pipeline: Scored, name: str, **fields: Any) -> Transaction:
    return transaction(f"api-{name}", f"api-user-{name}", pipeline.moment(), **fields)


def test_a_payment_is_decided_in_the_answer(api: Caller, pipeline: Scored) -> None:
    one = payment(pipeline, "first")
    before = count(pipeline.settings, pipeline.settings.topics.transactions)
    found = api.send(one, **WAIT)
    assert found.status_code == 200, found.text
    told = found.json()
    assert (told["status"], told["known"]) == ("decided", False)
    assert told["decision"]["decision"] == "ALLOW"
    assert found.headers["location"] == "/v1/payments/api-user-first/api-first"
    again = api.send(one, **WAIT)
    assert again.json() == {**told, "known": True}
    assert count(pipeline.settings, pipeline.settings.topics.transactions) == before + 1
    other = api.send(msgspec.structs.replace(one, amount=1))
    assert (other.status_code, other.json()["field"]) == (409, "event_id")
    assert count(pipeline.settings, pipeline.settings.topics.transactions) == before + 1


def test_many_are_decided_at_once(api: Caller, pipeline: Scored) -> None:
    moment = pipeline.moment(1_000)
    many = [transaction(f"api-many-{n}", f"api-m{n % 7}", moment + n) for n in range(100)]
    found = api.send(*many, **WAIT)
    assert found.status_code == 200, found.text
    assert [one["event_id"] for one in found.json()["payments"]] == [one.event_id for one in many]


def test_what_is_not_waited_for_is_asked_for_later(api: Caller, pipeline: Scored) -> None:
    odd = "a/b?c%2F ü"
    one = payment(pipeline, odd, ip="198.51.100.7")
    found = api.send(one)
    assert found.status_code == 202
    where = found.headers["location"]
    assert api("GET", where).json()["status"] in ("pending", "stored")

    def stored() -> bool:
        return bool(api("GET", where).json()["status"] == "stored")

    until(stored, "the payment is in Postgres")
    (told,) = api("GET", where).json()["payments"]
    assert told["transaction"]["ip"] == "198.51.100.7"
    assert told["transaction"]["card_token"] == "****6789"
    (masked,) = api("GET", where, "masked").json()["payments"]
    assert masked["transaction"]["ip"] == "198.51.100.0/24"
    assert api("GET", "/v1/payments/api-user-first/none").status_code == 404


def test_pages_of_alerts_are_stable_while_more_arrive(api: Caller, pipeline: Scored) -> None:
    moment = pipeline.moment(60_000)

    def burst(first: int, number: int, at: int) -> list[Transaction]:
        return [
            transaction(f"api-b{n:03}", "api-burst", at + n) for n in range(first, first + number)
        ]

    def flagged(*payments: Transaction) -> list[str]:
        """Those that the answer says are flagged, the latest first."""
        found = api.send(*payments, **WAIT)
        assert found.status_code == 200, found.text
        told = found.json()["payments"]
        return [one["event_id"] for one in told if one["decision"]["decision"] != "ALLOW"][::-1]

    query = {"user_id": "api-burst", "limit": "4"}

    def alerts(**params: str) -> Any:
        return api("GET", "/v1/alerts", params=params).json()

    def stored() -> list[str]:
        return [one["event_id"] for one in alerts(**{**query, "limit": "500"})["alerts"]]

    expected = flagged(*burst(0, 40, moment))
    assert len(expected) >= 12
    until(lambda: stored() == expected, "all that is flagged is in Postgres")
    page = alerts(**query)
    got = list(page["alerts"])
    later = flagged(*burst(40, 5, moment + 10_000))
    assert later
    until(lambda: stored() == later + expected, "more is in Postgres")
    while page["next"]:
        page = api("GET", page["next"]).json()
        got += page["alerts"]
    assert [one["event_id"] for one in got] == expected
    assert {one["transaction"]["ip"] for one in got} == {transaction("e", "api-burst", 0).ip}
    blocked = alerts(**query, decision="BLOCK", min_score="70")
    assert {one["decision"] for one in blocked["alerts"]} <= {"BLOCK"}


def test_a_verdict_comes_to_the_table(api: Caller, pipeline: Scored) -> None:
    said = {"event_id": "api-first", "verdict": "legitimate", "by": "ana", "note": "called"}
    until(
        lambda: api("GET", "/v1/payments/api-user-first/api-first").json()["payments"],
        "the payment is stored",
    )
    found = api("POST", "/v1/feedback", json=said)
    assert found.status_code == 202, found.text
    assert found.json()["by"] == "whole/ana"

    def held() -> list[Any]:
        return feedback.history(pipeline.settings, "api-first", "api-user-first")

    until(held, "the verdict is in Postgres")
    assert [(one.feedback.verdict, one.feedback.by) for one in held()] == [
        ("legitimate", "whole/ana")
    ]
    told = api("POST", "/v1/feedback", json=[said, {**said, "verdict": "frud"}])
    assert (told.status_code, told.json()["index"], told.json()["field"]) == (422, 1, "verdict")


def test_each_call_refuses_what_it_should(api: Caller, pipeline: Scored) -> None:
    for call in CALLS:
        path = call.path.replace("{", "").replace("}", "")
        wanted = statuses(call)
        assert api(call.method, path, "", params={"odd": "1"}).status_code in (400, 401)
        if 401 in wanted:
            assert api(call.method, path, "", json={}).status_code == 401
            assert api(call.method, path, "none", json={}).status_code == 403
            assert api(call.method, path, json={}, params={"odd": "1"}).status_code == 400
            until(
                lambda c=call, p=path: api(c.method, p, "slow", json={}).status_code == 429,  # type: ignore[misc]
                "the slow key has to wait",
            )
        if call.body:
            assert api(call.method, path, content=b"{", headers=JSON).status_code == 400
            assert api(call.method, path, content=b"{}", headers=JSON).status_code == 422
            assert api(call.method, path, content=b"{}").status_code == 415
            large = b" " * (pipeline.settings.api.max_body_bytes + 1)
            assert api(call.method, path, content=large, headers=JSON).status_code == 413
            assert slow_body(api, call, pipeline.settings) == 408
    assert api("GET", "/v1/openapi.json", "").json() == described()
    assert api("GET", "/healthz", "").status_code == 200


def slow_body(api: Caller, call: Call, settings: Settings) -> int:
    """The status of a request whose body never comes."""
    head = (
        f"{call.method} {call.path} HTTP/1.1\r\nhost: api\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {api.keys['whole']}\r\ncontent-length: 9\r\n\r\n{{"
    )
    with socket.create_connection((settings.api.host, settings.api.port), 60) as connection:
        connection.sendall(head.encode())
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    status = int(answer.split()[1])
    api.note(call.method, call.path, status, answer.partition(b"\r\n\r\n")[2].decode())
    return status


def test_a_new_process_knows_what_came_before(api: Caller, pipeline: Scored) -> None:
    one = payment(pipeline, "before")
    told = api.send(one, **WAIT).json()
    where = told["location"]
    until(lambda: api("GET", where).json()["status"] == "stored", "the payment is stored")
    down(pipeline.settings, pipeline.home, ["api"])
    up(pipeline.settings, pipeline.home, ["api"])
    until(api.ready, "the API is ready")
    before = count(pipeline.settings, pipeline.settings.topics.transactions)
    assert api.send(one, **WAIT).json() == {**told, "known": True}
    assert api.send(msgspec.structs.replace(one, amount=1)).status_code == 409
    assert count(pipeline.settings, pipeline.settings.topics.transactions) == before


def test_without_postgres_known_keys_still_score(api: Caller, pipeline: Scored, home: Home) -> None:
    down(pipeline.settings, home, ["postgres"])
    try:
        assert api.send(payment(pipeline, "no-postgres"), **WAIT).status_code == 200
        assert api("GET", "/v1/alerts").status_code == 503
        assert api("GET", "/v1/payments/u/none").status_code == 503
        said = {"event_id": "api-first", "verdict": "fraud"}
        assert api("POST", "/v1/feedback", json=said).status_code == 503
        assert api("GET", "/readyz", "").status_code == 200
    finally:
        up(pipeline.settings, home, ["postgres"])
    until(lambda: api("GET", "/v1/alerts").status_code == 200, "Postgres is asked again")


def test_without_kafka_nothing_is_half_done(api: Caller, pipeline: Scored, home: Home) -> None:
    one = payment(pipeline, "no-kafka")
    down(pipeline.settings, home, ["kafka"])
    try:
        until(lambda: not api.ready(), "it is seen that Kafka is away")
        found = api.send(one, **WAIT)
        assert (found.status_code, found.json()["code"]) == (503, "kafka_unavailable")
        assert int(found.headers["retry-after"]) > 0
    finally:
        up(pipeline.settings, home, ["kafka"])
    until(api.ready, "Kafka is there again")
    before = count(pipeline.settings, pipeline.settings.topics.transactions)
    found = api.send(one)
    assert (found.status_code, found.json()["known"]) == (202, False)
    assert count(pipeline.settings, pipeline.settings.topics.transactions) == before + 1
    until(
        lambda: api("GET", found.json()["location"]).json()["status"] == "stored",
        "scoring and delivery go on",
    )


def test_each_status_of_the_description_was_seen(api: Caller) -> None:
    expected = {
        (call.method, call.path, status)
        for call in CALLS
        for status in statuses(call) - NOT_PROVOKED
    }
    assert expected - api.seen == set()
