"""Which ports are free: is a server's, and which setting changes it?"""

from __future__ import annotations

import errno
import os
import socket

from msgspec.structs import asdict

from risk.config.settings import ENV_PREFIX, PORT_STEP, Settings
from risk.config.types import in_url
from risk.errors import StackError
from risk.stack.server import Server
from risk.waiting import until

FREED_S = 3.0
STEPS = {"kafka": PORT_STEP}  # a server that has a port for each of its processes


def free_port(host: str) -> int:
    """One that nothing listens at there, just now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as found:
        found.bind((host, 0))
        port: int = found.getsockname()[1]
        return port


def check_free(settings: Settings, server: Server) -> None:
    """Raise `StackError` if something else listens where the server is going to."""
    seen: set[tuple[str, int]] = set()
    for address in server.addresses():
        host, port = address
        path = setting(settings, server.name, port)
        variable = ENV_PREFIX + path.replace(".", "__").upper()
        if address in seen:
            raise StackError(f"port {port} is given to {server.name} twice: change {path}")
        seen.add(address)
        code = _bind(host, port)
        if code == errno.EADDRINUSE:
            code = _once_freed(host, port)
        if code == errno.EADDRINUSE:
            raise StackError(
                f"port {port} ({path}) is in use: stop what listens there or set {variable}"
            )
        if code == errno.EACCES:
            raise StackError(f"port {port} ({path}) is for root only: set {variable}")
        if code:
            raise StackError(f"{server.name}.host: {host} is no address here: {os.strerror(code)}")


def setting(settings: Settings, name: str, port: int) -> str:
    """The path of the setting that a server's port comes from: the one equal, or next below.

    Next below in the steps in which the server counts its ports.
    """
    section = asdict(getattr(settings, name))
    step = STEPS.get(name, 1)
    ports = {field: value for field, value in section.items() if field.endswith("port")}

    def fits(field: str) -> tuple[bool, bool, int]:
        above = port - ports[field]
        return above >= 0, above % step == 0, -abs(above)

    return f"{name}.{max(ports, key=fits)}"


def clients(settings: Settings, server: Server) -> str:
    """Where clients reach a server: `host:port`, and more of them if it has several processes."""
    addresses = server.addresses()
    first = setting(settings, server.name, addresses[0][1])
    return ",".join(
        f"{in_url(host)}:{port}"
        for host, port in addresses
        if setting(settings, server.name, port) == first
    )


def _once_freed(host: str, port: int) -> int:
    """As `_bind`, a moment later: what was just killed may not have given its port back yet."""
    until(lambda: _bind(host, port) != errno.EADDRINUSE, FREED_S)
    return _bind(host, port)


def _bind(host: str, port: int) -> int:
    """0 if the address can be listened on, else the error number."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        return errno.EADDRNOTAVAIL
    with socket.socket(found[0], found[1]) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(found[4])
        except OSError as error:
            return error.errno or errno.EINVAL
    return 0
