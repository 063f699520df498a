"""`risk api`: the HTTP API that payments come through."""

from __future__ import annotations

import argparse
import socket

from risk.config.settings import Settings
from risk.config.types import in_url
from risk.errors import UserError
from risk.ops.settings import settings_with_passwords


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk api`."""
    parser = subparsers.add_parser(
        "api", help="serve the HTTP API", description="The HTTP API that payments come through."
    )
    actions = parser.add_subparsers(metavar="action", required=True)
    run = actions.add_parser(
        "run",
        help="serve it until it is ended",
        description="Serve the HTTP API of the section api: of the settings, until it is ended.",
    )
    run.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> int:
    """0 once it is told to end."""
    settings = settings_with_passwords("api")
    _check_port(settings)
    from risk.console.api.serve import serve  # half a second to import

    print(settings.api.url, flush=True)
    serve(settings)
    return 0


def _check_port(settings: Settings) -> None:
    """Raise `UserError` if it can't be listened on."""
    host, port = settings.api.host, settings.api.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(found[0], found[1]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[4])
    except OSError as error:
        why = error.strerror or "not an address here"
        raise UserError(f"api.port: {in_url(host)}:{port}: {why}: set another") from None
