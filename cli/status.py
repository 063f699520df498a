"""`risk status`: how the embedded servers are."""

from __future__ import annotations

import argparse

import msgspec
from rich.table import Table

from cli.common import UserError, console, load_settings
from cli.up import home
from stack.process import StackError
from stack.up import Status, status

COLOURS = {"up": "green", "starting": "yellow", "degraded": "red", "down": "red"}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk status`."""
    text = "show how the embedded servers are; exit code 1 if one of them isn't up"
    parser = subparsers.add_parser("status", help="show the embedded servers", description=text)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 if all are up, else 1."""
    settings = load_settings()
    try:
        found = status(settings, home(settings))
    except StackError as error:
        raise UserError(str(error)) from None
    if args.json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        console.print(_table(found))
    return 0 if all(server.state == "up" for server in found) else 1


def _table(found: list[Status]) -> Table:
    table = Table()
    for column in ("server", "state", "pid", "address", "log"):
        table.add_column(column, overflow="fold")
    for server in found:
        state = f"[{COLOURS[server.state]}]{server.state}[/]"
        if server.problem:
            state += f": {server.problem}"
        pid = str(server.pid) if server.pid else ""
        table.add_row(server.name, state, pid, server.address, server.log)
    return table
