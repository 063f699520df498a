"""TLS for an embedded server that was built without it: the front speaks it, and passes on what is
inside to the server's Unix socket, which only its owner can open. The server has no other listener.

`python -m risk.stack.tls_front HANDSHAKE HOST PORT CERTIFICATE KEY SOCKET`. HANDSHAKE is what comes
before TLS: `none`, or `postgres` for the request that Postgres' clients begin with.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

CHUNK: Final = 65_536
HANDSHAKE_S: Final = 10.0  # what says nothing for longer is closed
GOODBYE_S: Final = 5.0
WAITING: Final = 256  # connections that nobody has accepted yet
SSL_REQUEST: Final = bytes((0, 0, 0, 8, 4, 210, 22, 47))
GSS_REQUEST: Final = bytes((0, 0, 0, 8, 4, 210, 22, 48))
# What Postgres itself says where its pg_hba.conf has lines for TLS alone.
REFUSAL: Final = (
    b"SFATAL\0VFATAL\0C28000\0Mthis server takes TLS only: set sslmode to verify-full\0\0"
)

Handshake = Callable[[socket.socket], Awaitable[bool]]


async def serve(
    handshake: Handshake, where: tuple[str, int], context: ssl.SSLContext, inner: str
) -> None:
    """Accept and pass on until it is cancelled. Raises `OSError` if it can't listen."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(*where, type=socket.SOCK_STREAM)
    family, address = found[0][0], found[0][4]
    tasks: set[asyncio.Task[None]] = set()
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(WAITING)
        listener.setblocking(False)
        while True:
            try:
                one, _ = await loop.sock_accept(listener)
            except OSError as error:  # no more files, say: those that are open go on
                print(f"accepting: {error}", flush=True)
                await asyncio.sleep(0.1)
                continue
            task = asyncio.create_task(_connection(one, handshake, context, inner))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


async def none(_: socket.socket) -> bool:
    """TLS comes at once."""
    return True


async def postgres(client: socket.socket) -> bool:
    """Postgres' request for TLS; False after anything else, which was refused."""
    loop = asyncio.get_running_loop()
    for _ in range(2):
        # No more than the request: what follows it before TLS, whoever wrote it, is no handshake.
        request = await _exactly(client, len(SSL_REQUEST))
        if request == GSS_REQUEST:
            await loop.sock_sendall(client, b"N")
            continue
        if request == SSL_REQUEST:
            await loop.sock_sendall(client, b"S")
            return True
        break
    await loop.sock_sendall(client, b"E" + (len(REFUSAL) + 4).to_bytes(4, "big") + REFUSAL)
    client.shutdown(socket.SHUT_WR)
    while await loop.sock_recv(client, CHUNK):  # closed with words unread, it would be reset
        pass
    return False


async def _connection(
    client: socket.socket, handshake: Handshake, context: ssl.SSLContext, inner: str
) -> None:
    """One client from beginning to end. What goes wrong with it is its own."""
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as ends, contextlib.suppress(OSError, EOFError, TimeoutError):
        async with asyncio.timeout(HANDSHAKE_S):
            if not await _asked(client, handshake):
                return
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            # From here on the socket is the transport's: closed by anybody else, its number would
            # be the next client's while the loop still waits for this one.
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol,
                client,
                ssl=context,
                ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=GOODBYE_S,
            )
            ends.callback(transport.close)
            to_server = await asyncio.open_unix_connection(inner)
            ends.callback(to_server[1].close)
        to_client = asyncio.StreamWriter(transport, protocol, reader, loop)
        ways = [
            asyncio.create_task(_pass_on(reader, to_server[1])),
            asyncio.create_task(_pass_on(to_server[0], to_client)),
        ]
        # TLS has no half of a connection: where one way has ended, nobody waits for the other.
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _asked(client: socket.socket, handshake: Handshake) -> bool:
    """Whether TLS comes next; if not, the socket is closed."""
    asked = False
    try:
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        asked = await handshake(client)
    finally:
        if not asked:
            client.close()
    return asked


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(CHUNK):
        target.write(data)
        await target.drain()


async def _exactly(client: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    found = b""
    while len(found) < size:
        part = await loop.sock_recv(client, size - len(found))
        if not part:
            raise EOFError
        found += part
    return found


def context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What it speaks: TLS 1.2 or later, with this certificate. Raises `OSError`."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    found.load_cert_chain(certificate, key)
    return found


def main(argv: Sequence[str]) -> None:
    """Serve until it is ended."""
    name, host, port, certificate, key, inner = argv
    handshake = {"none": none, "postgres": postgres}[name]
    spoken = context(Path(certificate), Path(key))
    os.chdir(Path(inner).parent)  # the whole path may be longer than a socket's may be
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(handshake, (host, int(port)), spoken, Path(inner).name))


if __name__ == "__main__":
    main(sys.argv[1:])
