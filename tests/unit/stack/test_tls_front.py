"""What speaks TLS for a server passes on what is inside, and lets nothing else through."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from risk.paths import ROOT
from risk.stack import authority
from risk.stack.process import Home
from risk.stack.tls_front import GSS_REQUEST, REFUSAL, SSL_REQUEST
from risk.waiting import until

STARTUP = bytes((0, 0, 0, 9, 0, 3, 0, 0, 0))  # of a client of Postgres that wants no TLS
LARGE = 300_000
PART = 100_000  # more than a record of TLS, and what buffers on the way hold
PATIENCE_S = 60  # of a machine with much else to do


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def inner(tmp_path: Path) -> Iterator[Path]:
    """A server on a Unix socket that says what it is told, until it is told nothing more."""
    # Its whole path is longer than a socket's may be.
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    with contextlib.chdir(folder), socket.socket(socket.AF_UNIX) as listener:
        listener.bind("inner.sock")
        listener.listen()

        def echo(one: socket.socket) -> None:
            with one:
                while data := one.recv(65_536):
                    one.sendall(data)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=echo, args=[listener.accept()[0]], daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield folder / "inner.sock"
        listener.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def front(home: Home, inner: Path, handshake: str) -> Iterator[int]:
    """The front's port, once it listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    files = authority.files(home, "server")
    words = [handshake, "127.0.0.1", str(port), *map(str, (files.certificate, files.key, inner))]
    command = [sys.executable, "-m", "risk.stack.tls_front", *words]
    with subprocess.Popen(command, cwd=ROOT) as running:

        def answers() -> bool:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return True
            return False

        try:
            assert until(answers, 60)
            yield port
        finally:
            running.terminate()


def trusted(home: Home) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.authority(home)))


def told(conversation: ssl.SSLSocket, data: bytes) -> bytes:
    """What comes back for what is said: by parts, as two threads may not use one TLS socket."""
    found = b""
    for begin in range(0, len(data), PART):
        conversation.sendall(data[begin : begin + PART])
        wanted = min(begin + PART, len(data))
        while len(found) < wanted and (part := conversation.recv(65_536)):
            found += part
    return found


def test_what_is_inside_is_passed_on_both_ways(home: Home, inner: Path) -> None:
    with front(home, inner, "none") as port:
        for name in ("127.0.0.1", "localhost"):
            plain = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
            with trusted(home).wrap_socket(plain, server_hostname=name) as inside:
                large = bytes(range(250)) * (LARGE // 250)
                assert told(inside, b"short") == b"short"
                assert told(inside, large) == large


def test_clients_that_come_and_go_hold_up_nobody(home: Home, inner: Path) -> None:
    with front(home, inner, "postgres") as port:
        for number in range(60):
            with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as plain:
                plain.sendall(SSL_REQUEST if number % 3 else STARTUP)
                if number % 3 == 0:
                    continue  # gone before the refusal has come
                assert plain.recv(1) == b"S"
                if number % 3 == 1:
                    continue  # gone in the middle of the handshake
                with trusted(home).wrap_socket(plain, server_hostname="127.0.0.1") as inside:
                    word = b"%d" % number
                    assert told(inside, word) == word


def test_plaintext_another_name_and_another_authority_are_refused(
    home: Home, inner: Path, tmp_path: Path
) -> None:
    with front(home, inner, "none") as port:
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as plain:
            plain.sendall(b"*1\r\n$4\r\nPING\r\n")
            with contextlib.suppress(ConnectionResetError):
                while data := plain.recv(1_000):
                    assert b"PING" not in data
        for context, name in (
            (trusted(home), "other.example"),
            (trusted(Home(tmp_path / "other")), "127.0.0.1"),
        ):
            plain = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
            with plain, pytest.raises(ssl.SSLCertVerificationError):
                context.wrap_socket(plain, server_hostname=name)
        # Those who were refused hold up nobody.
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        with trusted(home).wrap_socket(plain, server_hostname="127.0.0.1") as inside:
            assert told(inside, b"here") == b"here"


def test_a_client_of_postgres_asks_for_tls_first(home: Home, inner: Path) -> None:
    with front(home, inner, "postgres") as port:
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as plain:
            plain.sendall(GSS_REQUEST)
            assert plain.recv(1) == b"N"
            plain.sendall(SSL_REQUEST)
            assert plain.recv(1) == b"S"
            with trusted(home).wrap_socket(plain, server_hostname="127.0.0.1") as inside:
                assert told(inside, STARTUP) == STARTUP
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as plain:
            plain.sendall(STARTUP)
            assert plain.recv(1_000).endswith(REFUSAL)


def test_what_is_written_before_tls_is_not_taken_for_what_is_inside(
    home: Home, inner: Path
) -> None:
    with (
        front(home, inner, "postgres") as port,
        socket.create_connection(("127.0.0.1", port), PATIENCE_S) as plain,
    ):
        plain.sendall(SSL_REQUEST + STARTUP)
        assert plain.recv(1) == b"S"
        with pytest.raises((ssl.SSLError, OSError)):
            trusted(home).wrap_socket(plain, server_hostname="127.0.0.1")
