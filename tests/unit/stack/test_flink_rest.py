"""Whatever answers in Flink's place, it is `FlinkUnavailable` and no other error."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.stack import flink_rest
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable, Job

JOBS = {"jobs": [{"jid": "a", "name": "n", "state": "RUNNING", "start-time": 1,
                  "tasks": {"total": 2, "running": 2}}]}  # fmt: skip
Ask = Callable[[FlinkRest], object]
ASKS: dict[str, Ask] = {
    "overview": FlinkRest.overview,
    "jobs": FlinkRest.jobs,
    "free_slots": FlinkRest.free_slots,
    "slots": lambda rest: rest.slots("a"),
    "slots_of": lambda rest: rest.slots_of("a"),
    "stop": lambda rest: rest.stop("a"),
    "savepoint": lambda rest: rest.savepoint("a", "b"),
    "begin_checkpoint": lambda rest: rest.begin_checkpoint("a"),
    "checkpoint": lambda rest: rest.checkpoint("a", "b"),
    "metrics": lambda rest: rest.metrics("/jobs/a", "m"),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["jobs", "tasks", "vertices", "taskmanagers", "jid", "status", "id", "operation"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@contextlib.contextmanager
def answering(*pieces: bytes, reset: bool = False) -> Iterator[FlinkRest]:
    """A server that answers each request with these bytes, and closes the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(65536)
                        for piece in pieces:
                            connection.sendall(piece)
                        if reset:
                            linger = b"\x01\0\0\0\0\0\0\0"
                            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield FlinkRest(f"http://127.0.0.1:{server.getsockname()[1]}")
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def ok(body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (size, body)


def test_an_answer_is_read() -> None:
    with answering(ok(json.dumps(JOBS).encode())) as rest:
        assert rest.jobs() == [Job("a", "n", "RUNNING", 2, 2)]


@pytest.mark.parametrize(
    "pieces",
    [
        (ok(b'{"jobs": ['),),
        (ok(b'{"jobs": [', length=500),),
        (ok(b'{"jobs": []}\xff'),),
        (ok(b"[" * 100_000),),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{}",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",),
        (b"HTTP/1.1 503 No\r\nContent-Length: 900\r\n\r\nto be",),
        (b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n",),
        (b"SSH-2.0-OpenSSH\r\n",),
        (b"",),
        (ok(b""),),
    ],
    ids=lambda pieces: repr(pieces[0][:60]),
)
@pytest.mark.parametrize("reset", [False, True])
def test_a_broken_answer_is_one_error(pieces: tuple[bytes, ...], reset: bool) -> None:
    with answering(*pieces, reset=reset) as rest, pytest.raises(FlinkUnavailable):
        rest.jobs()


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(FlinkUnavailable, match="no answer from Flink at"):
        FlinkRest(f"http://127.0.0.1:{port}").jobs()


@pytest.mark.parametrize("name", ["TIMEOUT_S", "WHOLE_S"])
def test_one_that_is_too_slow(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flink_rest, name, 0.05 if name == "TIMEOUT_S" else -1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        rest = FlinkRest(f"http://127.0.0.1:{server.getsockname()[1]}")

        def serve() -> None:
            connection, _ = server.accept()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
            done.wait(10)
            connection.close()

        done = threading.Event()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(FlinkUnavailable):
            rest.jobs()
        done.set()
        thread.join(5)


class Canned(FlinkRest):
    """Answers with the same JSON to everything."""

    def __init__(self, found: object) -> None:
        super().__init__("")
        self.found = found

    def _call(self, method: str, path: str, body: bytes | None) -> object:
        return self.found


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
@given(found=JSON)
def test_an_answer_of_another_shape_is_one_error(ask: Ask, found: object) -> None:
    with contextlib.suppress(FlinkUnavailable):
        ask(Canned(found))
