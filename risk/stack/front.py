"""The process that speaks TLS for a server which can't (`risk.stack.tls_front`)."""

from __future__ import annotations

import sys
from pathlib import Path

from risk.paths import ROOT
from risk.stack import authority, process
from risk.stack.process import Home


def name(server: str) -> str:
    """Its process's name."""
    return f"{server}-tls"


def start(home: Home, server: str, handshake: str, where: tuple[str, int], inner: Path) -> None:
    """Start it before a server's Unix socket, unless it runs."""
    if process.alive(home, name(server)):
        return
    host, port = where
    files = authority.files(home, server, [host])
    process.spawn(
        home,
        name(server),
        [
            *(sys.executable, "-m", "risk.stack.tls_front", handshake, host, str(port)),
            *(files.certificate, files.key, inner),
        ],
        cwd=ROOT,
    )


def stop(home: Home, server: str) -> None:
    """Stop it: its clients' connections end."""
    process.stop(home, name(server))
