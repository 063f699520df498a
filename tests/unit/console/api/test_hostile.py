"""Whatever is sent, the answer is one clear problem, and never a 500."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from risk.console.api import body as bodies
from risk.console.api.problem import Problem
from tests.unit.console.api.conftest import READER, SLOW, Client, Problems, bearer

PAYMENT = {
    "event_id": "e1",
    "user_id": "u1",
    "event_time": 1_740_830_400_000,
    "amount": 1_234,
    "currency": "EUR",
}
NDJSON = "application/x-ndjson"


def text(**changes: Any) -> bytes:
    return json.dumps(PAYMENT | changes).encode()


BODIES = [
    (b"", 400, "empty", None),
    (b"null", 422, "invalid_field", None),
    (b"{", 400, "not_json", None),
    (b'"text"', 422, "invalid_field", None),
    (b"\xff\xfe", 400, "not_utf8", None),
    (b"\xef\xbb\xbf" + text(), 400, "not_json", None),
    (text()[:-1] + b',"note":"\xff"}', 400, "not_utf8", None),
    (b"[" * 100_000, 400, "not_json", None),
    (b'{"a":' * 100_000, 400, "not_json", None),
    (text()[:-1] + b',"deep":' + b"[" * 70 + b"]" * 70 + b"}", 400, "not_json", None),
    (b"[]", 422, "empty", None),
    (b"{}", 422, "invalid_field", "event_id"),
    (text(amount=-1), 422, "invalid_field", "amount"),
    (text(amount=10**400), 422, "invalid_field", "amount"),
    (text(amount="12"), 422, "invalid_field", "amount"),
    (text()[:-1] + b',"amount":1}', 422, "invalid_field", "amount"),
    (text()[:-1] + b',"amount":1e999}', 422, "invalid_field", "amount"),
    (text(user_id="a\0b"), 422, "invalid_field", "user_id"),
    (text(user_id="\ud800"), 422, "invalid_field", "user_id"),
    (text(user_id="x" * 129), 422, "invalid_field", "user_id"),
    (text(user_id="4111 1111 1111 1111"), 422, "invalid_field", "user_id"),
    (text(currency="eur"), 422, "invalid_field", "currency"),
    (text(lat=1.0), 422, "invalid_field", "lat"),
    (text(ip="fe80::1%eth0"), 422, "invalid_field", "ip"),
    (text(event_time=253_402_300_799_999), 422, "future", "event_time"),
    (b" " * 1_048_577, 413, "too_large", None),
    (b"[" + b",".join([text()] * 21) + b"]", 413, "too_large", None),
]


@pytest.mark.parametrize(("body", "status", "code", "field"), BODIES, ids=range(len(BODIES)))
def test_a_payment_that_is_wrong_is_told_by_its_field(
    client: Client, problem: Problems, body: bytes, status: int, code: str, field: str | None
) -> None:
    found = problem(client.post("/v1/payments", body), status, code)
    assert found.get("field") == field


def test_of_many_the_index_is_told(client: Client, problem: Problems) -> None:
    lines = b"\n".join([text(), b"", text(event_id="e2", amount=-1), text(event_id="")])
    found = problem(client.post("/v1/payments", lines, NDJSON), 422, "invalid_field")
    assert (found["index"], found["field"]) == (1, "amount")
    assert [(one["index"], one["field"]) for one in found["errors"]] == [
        (1, "amount"),
        (2, "event_id"),
    ]
    assert found["detail"].startswith("payment 1: amount: ")
    array = b"[" + text() + b',{"a":"\xff"}]'
    found = problem(client.post("/v1/payments", array), 400, "not_utf8")
    assert found["index"] == 1


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/json; charset=latin-1", "application/problem+json", "\xff"],
)
def test_another_type_is_refused(client: Client, problem: Problems, kind: str) -> None:
    headers = [
        ("authorization", bearer()["authorization"]),
        ("content-type", kind.encode("latin-1")),
    ]
    answer = client("POST", "/v1/payments", content=text(), headers=headers)
    problem(answer, 415, "unsupported_type")
    assert "application/json" in answer.headers["accept-post"]


def test_a_compressed_body_is_refused(client: Client, problem: Problems) -> None:
    headers = {**bearer(), "content-type": "application/json", "content-encoding": "gzip"}
    problem(client("POST", "/v1/payments", content=b"x", headers=headers), 415, "unsupported_type")


def test_a_body_that_does_not_come_is_not_waited_for(client: Client) -> None:
    async def receive() -> Any:
        await asyncio.Event().wait()

    # What asks in this process sends a body as a whole: so its reader is asked.
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}
    with pytest.raises(Problem) as caught:
        client.run(bodies.items(Request(scope, receive), client.services.settings.api))
    assert (caught.value.status, caught.value.headers["connection"]) == (408, "close")


def test_keys(client: Client, problem: Problems) -> None:
    path = "/v1/payments"
    json_ = {"content-type": "application/json"}
    wrong = [
        {},
        {"authorization": "Basic x"},
        bearer("rk_00000000_" + "x" * 43),
        bearer("x"),
        bearer(""),
    ]
    for headers in wrong:
        answer = client("POST", path, content=text(), headers={**json_, **headers})
        problem(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    answer = client("POST", path, content=text(), headers={**json_, **bearer(READER)})
    assert "payments:write" in problem(answer, 403, "forbidden")["detail"]
    for _ in range(3):
        answer = client("POST", path, content=text(), headers={**json_, **bearer(SLOW)})
    problem(answer, 429, "rate_limited")
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["ratelimit-policy"] == '"key";q=2;w=1'
    assert answer.headers["ratelimit"].startswith('"key";r=0')


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_another_method_is_told_what_there_is(
    client: Client, problem: Problems, method: str
) -> None:
    answer = client(method, "/v1/payments")
    assert answer.headers["allow"] == "OPTIONS, POST"
    problem(answer, 405, "method_not_allowed")


def test_options_and_head(client: Client) -> None:
    answer = client("OPTIONS", "/v1/alerts")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert client("HEAD", "/v1/openapi.json").status_code == 200
    answer = client("HEAD", "/v1/payments")
    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, POST")
    assert client("HEAD", "/healthz").status_code == 200
    assert client("OPTIONS", "/healthz").status_code == 204


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/", 404, "not_found"),
        ("/v1", 404, "not_found"),
        ("/v1/", 404, "not_found"),
        ("/v1/payments/", 404, "not_found"),
        ("/v1//payments", 404, "not_found"),
        ("/v1/payments/u", 404, "not_found"),
        ("/v1/payments/u/e/x", 404, "not_found"),
        ("/v1%2Fpayments/u/e", 404, "not_found"),
        ("/v1/payments/u/%00", 404, "not_found"),
        ("/v1/payments/u/%ff", 400, "bad_request"),
        ("/v1/payments/u/%e2%82%ac%2F%3F", 503, "store_unavailable"),
        ("/v1/alerts?limit=0", 400, "bad_request"),
        ("/v1/alerts?limit=5&limit=6", 400, "bad_request"),
        ("/v1/alerts?limt=5", 400, "bad_request"),
        ("/v1/alerts?user_id=%ff", 400, "bad_request"),
        ("/v1/alerts?user_id=%00", 400, "bad_request"),
        ("/v1/alerts?decision=ALLOW", 400, "bad_request"),
        ("/v1/alerts?from=yesterday", 400, "bad_request"),
        ("/v1/alerts?cursor=%E2%82%AC", 400, "bad_request"),
        ("/v1/alerts?cursor=WzFd", 400, "bad_request"),
        ("/v1/alerts?" + "&".join(f"p{n}=1" for n in range(30)), 400, "bad_request"),
        ("/v1/alerts", 503, "store_unavailable"),
    ],
)
def test_paths_and_queries(
    client: Client, problem: Problems, path: str, status: int, code: str
) -> None:
    problem(client("GET", path), status, code)


@pytest.mark.parametrize(
    "wait", ["", "200", "ms", "-1ms", "1e3ms", "10001ms", "11s", "9999999999s"]
)
def test_a_wait_that_is_none(client: Client, problem: Problems, wait: str) -> None:
    answer = client.post(f"/v1/payments?wait={wait}", text())
    assert problem(answer, 400, "bad_request")["parameter"] == "wait"


def test_without_kafka_nothing_is_sent(client: Client, problem: Problems) -> None:
    answer = client.post("/v1/payments", text())
    problem(answer, 503, "kafka_unavailable")
    assert answer.headers["retry-after"] == "2"
    assert len(client.services.known) == 0
    assert client("GET", "/healthz").status_code == 200
    assert client("GET", "/readyz").status_code == 503


VERDICT = {"event_id": "e1", "user_id": "u1", "event_time": 1_740_830_400_000, "verdict": "fraud"}


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"verdict": "frud"}, 422, "verdict"),
        ({"verdict": 1}, 422, "verdict"),
        ({"source": "gossip"}, 422, "source"),
        ({"event_id": ""}, 422, "event_id"),
        ({"event_id": "a\0"}, 422, "event_id"),
        ({"user_id": "\ud800"}, 422, "user_id"),
        ({"event_time": -1}, 422, "event_time"),
        ({"event_time": 1.5}, 422, "event_time"),
        ({"event_time": [1]}, 422, "event_time"),
        ({"event_time": True}, 422, "event_time"),
        ({"known_at": "3000-01-01"}, 422, "known_at"),
        ({"note": "x" * 1_001}, 422, "note"),
        ({"note": "\ud800"}, 422, "note"),
        ({"by": "x" * 126}, 422, "by"),
        ({"nte": "x"}, 422, "nte"),
        ({}, 503, None),
    ],
)
def test_a_verdict_that_is_wrong_is_told_by_its_field(
    client: Client, changes: dict[str, Any], status: int, field: str | None
) -> None:
    answer = client.post("/v1/feedback", json.dumps(VERDICT | changes).encode())
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*PAYMENT, *VERDICT, "ip", "lat", "lon", "source", "note"]) | st.text()
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=8).map(lambda more: json.dumps(PAYMENT | more))
TEXTS = st.one_of(
    st.binary(max_size=200),
    OBJECTS.map(str.encode),
    st.lists(OBJECTS, max_size=3).map(lambda many: f"[{','.join(many)}]".encode()),
    VALUES.map(json.dumps).map(str.encode),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    TEXTS, st.sampled_from(["application/json", NDJSON]), st.sampled_from(["payments", "feedback"])
)
def test_no_body_makes_a_500(client: Client, body: bytes, kind: str, path: str) -> None:
    answer = client.post(f"/v1/{path}", body, kind)
    assert answer.status_code in (400, 413, 415, 422, 503), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_no_path_makes_a_500(client: Client, raw: bytes) -> None:
    path = "/v1/" + "".join(f"%{byte:02x}" if byte % 3 else chr(byte % 63 + 64) for byte in raw)
    answer = client("GET", path.replace("?", "/"))
    assert answer.status_code in (400, 404, 405, 503), answer.text
