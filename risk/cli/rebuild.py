"""`risk rebuild`: fill a store again from Kafka."""

from __future__ import annotations

import argparse
import sys

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from risk.cli.common import console
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops.rebuild import Rebuilt, missing, rebuild, topics
from risk.ops.settings import home, load_settings
from risk.stack.secrets import with_generated
from sinks import registry


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk rebuild`."""
    text = (
        "empty a store and fill it again with all that Kafka holds, while the jobs go on; "
        "ends where the topics ended when it began"
    )
    parser = subparsers.add_parser(
        "rebuild", help="fill a store again from Kafka", description=text
    )
    titles = ", ".join(one.title for one in registry.deliveries())
    parser.add_argument("store", choices=registry.delivery_names(), help=f"which: {titles}")
    parser.add_argument("--yes", action="store_true", help="don't ask before emptying it")
    parser.add_argument(
        "--keep", action="store_true", help="don't empty it: write what is missing or older"
    )
    parser.add_argument(
        "--partial",
        action="store_true",
        help="empty it although Kafka no longer holds all that was in it",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: it holds all; 1: it refused something that the topics hold."""
    settings = load_settings()
    try:
        settings = with_generated(settings, home(settings))
        if not args.keep:
            _confirm(settings, args)
        done = _rebuild(settings, args)
    except StackError as error:
        raise UserError(str(error)) from None
    except Unavailable as error:
        raise UserError(f"{error}: is it up? see `risk status`") from None
    if args.json:
        sys.stdout.write(msgspec.json.encode(done).decode() + "\n")
    else:
        _show(done)
    return 1 if done.refused else 0


def _confirm(settings: Settings, args: argparse.Namespace) -> None:
    """Raise `UserError` unless the store may be emptied."""
    lost = missing(settings, args.store)
    if lost and not args.partial:
        raise UserError(
            f"{lost[0]}: what is older can't be rebuilt: use --keep to fill in what is missing, "
            "or --partial to lose what is older"
        )
    if args.yes:
        return
    if not sys.stdin.isatty():
        raise UserError(f"--yes is missing: this empties {args.store} before it fills it again")
    names = " and ".join(topics(settings, args.store))
    question = f"Empty {args.store} and fill it again from {names}? [y/N] "
    if console.input(question, markup=False).strip().lower() not in ("y", "yes"):
        raise UserError("nothing was changed")


def _rebuild(settings: Settings, args: argparse.Namespace) -> Rebuilt:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]} messages/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=args.json) as progress:
        task = progress.add_task(args.store, total=None, rate="0")

        def report(state: Rebuilt) -> None:
            progress.update(task, total=state.total, completed=state.read, rate=_rate(state))

        return rebuild(settings, args.store, args.keep, report)


def _show(done: Rebuilt) -> None:
    console.print(
        f"{done.store} is rebuilt: {done.read:,} messages in {done.seconds:.1f} s "
        f"({_rate(done)}/s): {done.rows:,} rows, {done.older:,} older, {done.refused:,} refused, "
        f"{done.invalid:,} invalid" + (f", {done.erased:,} erased" if done.erased else ""),
        soft_wrap=True,
    )
    for reason in done.reasons:
        console.print(reason, markup=False, soft_wrap=True)


def _rate(state: Rebuilt) -> str:
    return f"{state.read / state.seconds:,.0f}" if state.seconds else "0"
