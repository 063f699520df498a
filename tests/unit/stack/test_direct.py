"""The engine's own servers are asked directly, not by the proxy that the environment names."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from risk.stack.direct import open_url

ROOT = Path(__file__).parents[3]
PACKAGES = ("risk", "flink_jobs", "generator", "sinks", "stack", "monitoring", "cli", "docker")


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"here")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_what_speaks_no_http_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def echo() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(connection.recv(65_536))

        threading.Thread(target=echo, daemon=True).start()
        with pytest.raises(OSError, match="no answer in HTTP: GET / HTTP"):
            open_url(f"http://127.0.0.1:{server.getsockname()[1]}/", 5)


def test_no_proxy_stands_between(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with open_url(url, 5) as answer:
        assert answer.read() == b"here"


def test_all_requests_go_that_way() -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            if path.name != "direct.py":
                assert not re.search(
                    r"urlopen|build_opener|http\.client[^\n]*HTTPS?Connection|import requests", text
                ), f"{path}: use risk.stack.direct.open_url"
