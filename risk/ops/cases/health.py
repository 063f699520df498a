"""Says over HTTP how the intake is, for whoever started it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET6

import msgspec

from risk.errors import UserError
from risk.ops.cases.worker import Report


@contextmanager
def served(report: Report, host: str, port: int) -> Iterator[None]:
    """Answer each GET with the report: 200, or 503 with its `problem`; `/healthz` always with 200.

    Raises `UserError`.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            body = msgspec.json.encode(report)
            self.send_response(503 if report.problem and self.path != "/healthz" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Being asked is no news."""

    class Server(ThreadingHTTPServer):
        address_family = AF_INET6 if ":" in host else ThreadingHTTPServer.address_family

    try:
        server = Server((host, port), Handler)
    except OSError as error:
        raise UserError(f"cases.port: {host}:{port}: {error.strerror}: set another") from None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
