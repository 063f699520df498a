"""`risk console`: serve the page that analysts work in."""

from __future__ import annotations

import argparse
import socket

from msgspec.structs import replace

from risk.cli.common import whole
from risk.config.types import in_url
from risk.errors import UserError
from risk.ops.settings import settings_with_passwords

EPILOG = """\
Before the first sign-in add a user: risk user add NAME --role admin

examples:
  risk console run
  risk console run --port 8443
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk console`."""
    layout = argparse.RawDescriptionHelpFormatter
    text = "serve the page that analysts work in"
    parser = subparsers.add_parser(
        "console", help=text, description=text, epilog=EPILOG, formatter_class=layout
    )
    actions = parser.add_subparsers(metavar="action", required=True)
    running = actions.add_parser(
        "run", help="serve it until it is ended", description="Serve it until it is ended."
    )
    running.add_argument("--port", type=whole(1, 65_535), help="default: console.port")
    running.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serves until it is ended."""
    settings = settings_with_passwords("console")
    console = settings.console
    if args.port:
        console = replace(console, port=args.port)
        settings = replace(settings, console=console)
    _check_free(console.host, console.port)
    # Late, because its libraries are slow to load, and every command loads this module.
    from risk.console.serve import serve

    print(console.origin, flush=True)
    serve(settings)
    return 0


def _check_free(host: str, port: int) -> None:
    """Raise `UserError` if the address can't be listened on."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        where = f"{in_url(host)}:{port}"
        raise UserError(f"console.port: {where}: {error.strerror}: name another") from None
