"""What the exporter answers by path, over HTTP; Flink and Kafka are away."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from wsgiref.simple_server import make_server

import httpx
import pytest

from risk.config.settings import parse
from risk.monitoring.server import application
from risk.ops.health_answers import answers
from risk.ops.readiness import Jobs
from risk.ops.submit import every_kind

NOWHERE = parse("kafka: {bootstrap: '127.0.0.1:1'}\nflink: {rest_port: 1}", {})


@pytest.fixture
def url() -> Iterator[str]:
    ask = answers(Jobs(NOWHERE), every_kind(), lambda: False)
    with make_server("127.0.0.1", 0, application([], ask)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/healthz", 200, {"status": "up"}),
        ("/readyz", 503, {"status": "not ready", "kafka": "no answer"}),
        ("/readyz/jobs/nonsense", 404, {"status": "unknown", "jobs": list(every_kind())}),
    ],
)
def test_an_answer(url: str, path: str, status: int, said: object) -> None:
    found = httpx.get(url + path)
    assert (found.status_code, found.json()) == (status, said)


def test_without_flink_no_job_is_ready(url: str) -> None:
    found = httpx.get(f"{url}/readyz/jobs")
    assert found.status_code == 503
    assert [one["job"] for one in found.json()["jobs"]] == [*every_kind()]
    assert all("1" in one["problem"] for one in json.loads(found.text)["jobs"])
    (one,) = httpx.get(f"{url}/readyz/jobs/redis").json()["jobs"]
    assert one["job"] == "redis"


def test_every_other_path_has_the_metrics(url: str) -> None:
    for path in ("/metrics", "/", "/readyz/nothing/here"):
        found = httpx.get(url + path)
        assert found.status_code == 200
        assert found.headers["content-type"].startswith("text/plain")
