"""The exporter's HTTP: metrics, and whoever asks whether all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from socket import AF_INET6
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.registry import Collector

Ask = Callable[[str], tuple[int, bytes] | None]  # a path; its status and JSON, None: metrics


class _Server(ThreadingMixIn, WSGIServer):
    """Answers each in a thread of its own: one that asks about jobs may take seconds."""

    daemon_threads = True


class _Server6(_Server):
    address_family = AF_INET6


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Being asked is no news."""


def serve(collectors: Sequence[Collector], host: str, port: int, ask: Ask) -> None:
    """Serve over HTTP until it is ended. Raises OSError if the address can't be had."""
    kind: type[_Server] = _Server6 if ":" in host else _Server
    with make_server(host, port, application(collectors, ask), kind, _Silent) as server:
        server.serve_forever()


def application(collectors: Sequence[Collector], ask: Ask) -> Any:
    """The same, as a WSGI application."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    metrics = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        found = ask(environ.get("PATH_INFO", ""))
        if found is None:
            return metrics(environ, start)  # type: ignore[no-any-return]
        status, body = found
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        start(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]

    return answer
