"""The proxy on real sockets, in front of a server that says everything back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from risk.verify.chaos.proxy import Mode, Proxy

PATIENCE_S = 5.0
DELAY_S = 0.2


def echo(connection: socket.socket) -> None:
    with connection:
        while piece := connection.recv(1_024):
            connection.sendall(piece)


@pytest.fixture
def port() -> Iterator[int]:
    """A server that says everything back."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def proxy(port: int) -> Iterator[Proxy]:
    """In front of it."""
    found = Proxy("127.0.0.1", port, DELAY_S)
    found.start()
    yield found
    found.stop()


def connected(proxy: Proxy) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", proxy.port), PATIENCE_S)
    found.settimeout(PATIENCE_S)
    return found


def said(client: socket.socket, text: bytes) -> bytes:
    client.sendall(text)
    return client.recv(1_024)


def test_everything_passes_at_first(proxy: Proxy) -> None:
    with connected(proxy) as client:
        assert said(client, b"hello") == b"hello"
        assert said(client, b"again") == b"again"


def test_slow_is_a_delay_either_way(proxy: Proxy) -> None:
    with connected(proxy) as client:
        proxy.become("slow")
        begun = time.monotonic()
        assert said(client, b"hello") == b"hello"
        assert time.monotonic() - begun >= 2 * DELAY_S


def test_a_reset_ends_the_connections_there_are_and_new_ones(proxy: Proxy) -> None:
    with connected(proxy) as client:
        said(client, b"hello")
        proxy.become("reset")
        with pytest.raises(ConnectionError):
            assert said(client, b"hello"), "closed without a reset"
    with pytest.raises(ConnectionError), connected(proxy) as client:
        assert said(client, b"hello"), "closed without a reset"
    proxy.become("pass")
    with connected(proxy) as client:
        assert said(client, b"hello") == b"hello"


def test_a_half_open_connection_is_never_answered_again_and_new_ones_are(proxy: Proxy) -> None:
    with connected(proxy) as client, connected(proxy) as other:
        said(client, b"hello")
        said(other, b"hello")
        proxy.become("half-open")
        proxy.become("pass")
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            said(client, b"hello")
        with connected(proxy) as fresh:
            assert said(fresh, b"hello") == b"hello"


def test_what_a_black_hole_held_up_comes_when_it_is_over(proxy: Proxy) -> None:
    with connected(proxy) as client:
        said(client, b"hello")
        proxy.become("black-hole")
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            said(client, b"held")
        proxy.become("pass")
        client.settimeout(PATIENCE_S)
        assert client.recv(1_024) == b"held"


def test_a_connection_made_in_a_black_hole_leads_somewhere_when_it_is_over(proxy: Proxy) -> None:
    proxy.become("black-hole")
    with connected(proxy) as client:
        client.sendall(b"hello")
        proxy.become("pass")
        assert client.recv(1_024) == b"hello"


def test_a_server_that_is_away_closes_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        unused = taken.getsockname()[1]
    proxy = Proxy("127.0.0.1", unused)
    proxy.start()
    try:
        with connected(proxy) as client:
            assert client.recv(1_024) == b""
    finally:
        proxy.stop()


@pytest.mark.parametrize("mode", ["pass", "slow", "half-open", "black-hole"])
def test_it_stops_without_a_word_while_there_are_connections(
    port: int, mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    proxy = Proxy("127.0.0.1", port, DELAY_S)
    proxy.start()
    with connected(proxy) as client:
        said(client, b"hello")
        proxy.become(mode)
        client.sendall(b"on its way")
        time.sleep(DELAY_S / 2)
        proxy.stop()
    assert [record.getMessage() for record in caplog.records] == []
