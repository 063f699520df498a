"""`risk migrate`: bring the schema of Postgres up to date."""

from __future__ import annotations

import argparse

from risk.cli.common import console
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops.settings import home, load_settings
from risk.stack.secrets import with_generated
from sinks import registry
from sinks.store import MigrationError


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk migrate`."""
    text = "apply the migrations in sql/migrations that Postgres doesn't have yet"
    parser = subparsers.add_parser("migrate", help="update Postgres's schema", description=text)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: the schema is up to date."""
    settings = load_settings()
    try:
        settings = with_generated(settings, home(settings), "owner")
        applied = registry.migrate(settings)
    except Unavailable as error:
        raise UserError(f"{error}: is it up, and postgres.* of the settings right?") from None
    except (MigrationError, StackError) as error:
        raise UserError(str(error)) from None
    for name in applied:
        console.print(f"applied {name}", markup=False)
    if not applied:
        console.print("the schema is up to date")
    return 0
