"""`risk status`: how the embedded servers are, and the jobs on Flink."""

from __future__ import annotations

import argparse

import msgspec

from risk.cli.common import console, say
from risk.cli.tables import Column, Styled, Table, show
from risk.errors import StackError, UserError
from risk.ops.job_health import read_all
from risk.ops.settings import home, load_settings
from risk.stack.up import Status, status

COLOURS = {"up": "green", "starting": "yellow", "degraded": "red", "down": "red"}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk status`."""
    text = (
        "show how the embedded servers and the jobs are; exit code 1 if a server isn't up, or a "
        "job doesn't do its work"
    )
    parser = subparsers.add_parser("status", help="show servers and jobs", description=text)
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 if all are up and every job works, else 1."""
    settings = load_settings()
    try:
        found = status(settings, home(settings))
    except StackError as error:
        raise UserError(str(error)) from None
    jobs = read_all(settings)
    if args.json:
        print(msgspec.json.format(msgspec.json.encode([*found, *jobs])).decode())
    else:
        show(console, _table(found))
        for job in jobs:
            say(job.line)
    well = all(server.state == "up" for server in found) and not any(job.problem for job in jobs)
    return 0 if well else 1


def _table(found: list[Status]) -> Table:
    problems = any(server.problem for server in found)
    table = Table(
        "server",
        "state",
        Column("pid", right=True, rank=3),
        Column("address", rank=1),
        Column("log", rank=2),
        *([Column("problem", least=30, wrap=True)] if problems else []),
    )
    for server in found:
        table.row(
            server.name,
            Styled(server.state, COLOURS[server.state]),
            str(server.pid or ""),
            server.address,
            server.log,
            *([server.problem] if problems else []),
        )
    return table
