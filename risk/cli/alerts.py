"""`risk alerts`: what was flagged, and what is being flagged now, for terminals."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing

from confluent_kafka import Message
from rich.text import Text

from risk.audit.moments import length, moment, shown
from risk.cli import tables
from risk.cli.common import console, whole
from risk.cli.tables import Column, Table
from risk.engine.decoding import decoder
from risk.engine.messages import Alert
from risk.errors import UserError
from risk.kafka.follow import follow
from risk.kafka.scan import read_all
from risk.ops.cases.money import money
from risk.ops.settings import settings_with_passwords

_COLUMNS = (
    "raised, UTC", "score", "decision", Column("user", least=12), Column("event", least=12),
    Column("amount", right=True), Column("country", rank=2), Column("rules", least=12, rank=1),
    Column("late", rank=3),
)  # fmt: skip
_STYLES = {"REVIEW": "yellow", "BLOCK": "red"}
_decode = decoder(Alert)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk alerts`."""
    parser = subparsers.add_parser(
        "alerts",
        help="list alerts, or follow them live",
        description="The latest alerts of risk.alerts; or, with --follow, each as it is raised.",
    )
    add = parser.add_argument
    add("--follow", action="store_true", help="go on until it is ended")
    add("--since", metavar="TIME", help="how long ago (5m, 2h), or ISO 8601 in UTC")
    add("--decision", choices=("REVIEW", "BLOCK"))
    add("--score", type=whole(0, 100), metavar="N", help="at least")
    add("--rule", metavar="NAME", help="which hit")
    add("--user", metavar="ID")
    add("--country", metavar="XX")
    add("--limit", type=whole(1, 1_000_000), metavar="N", help="how many (default: 20, or all)")
    add("--json", action="store_true", help="a JSON object a line")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0."""
    settings, since = settings_with_passwords(), _since(args.since)
    topic = settings.topics.alerts
    if args.follow:
        with closing(follow(settings, topic, since)) as messages:
            _follow(args, chosen(messages, args))
        return 0
    found = [
        one for one in chosen(read_all(settings, topic), args) if one[0].raised_at >= (since or 0)
    ]
    found = sorted(found, key=lambda one: one[0].raised_at)[-(args.limit or 20) :]
    if args.json:
        for _, raw in found:
            sys.stdout.write(raw + "\n")
        return 0
    table = Table(*_COLUMNS)
    for alert, _ in found:
        table.row(*_cells(alert))
    if found:
        tables.show(console, table)
    else:
        print("no alerts", file=sys.stderr)
    return 0


def chosen(messages: Iterable[Message], args: argparse.Namespace) -> Iterator[tuple[Alert, str]]:
    """The alerts that the options choose, each with its JSON in one line."""
    for message in messages:
        raw = message.value() or b""
        try:
            alert = _decode(raw)
        except ValueError:  # the intake says so; here it would only be in the way
            continue
        if (
            (args.decision in (None, alert.decision))
            and alert.score >= (args.score or 0)
            and (args.rule is None or any(one.rule == args.rule for one in alert.reasons))
            and args.user in (None, alert.user_id)
            and args.country in (None, alert.transaction.country)
        ):
            yield alert, raw.decode()


def _follow(args: argparse.Namespace, found: Iterator[tuple[Alert, str]]) -> None:
    if not args.json and not console.is_terminal:
        sys.stdout.write("\t".join(Table(*_COLUMNS).columns[at].name for at in range(9)) + "\n")
        sys.stdout.flush()
    for number, (alert, raw) in enumerate(found, 1):
        if args.json:
            sys.stdout.write(raw + "\n")
        elif console.is_terminal:
            console.print(_line(alert), soft_wrap=False, overflow="ellipsis", no_wrap=True)
        else:
            table = Table(*_COLUMNS)
            table.row(*_cells(alert))
            sys.stdout.write([*table.lines()][-1] + "\n")
        sys.stdout.flush()
        if number == args.limit:
            return


def _cells(alert: Alert) -> tuple[str | int, ...]:
    payment = alert.transaction
    return (
        *(shown(alert.raised_at), alert.score, alert.decision, alert.user_id),
        *(alert.event_id or alert.alert_id, money({payment.currency: payment.amount})),
        *(payment.country, ",".join(one.rule for one in alert.reasons)),
        "late" if alert.late else "",
    )


def _line(alert: Alert) -> Text:
    time_, score, decision, user, event, amount, country, rules, late = map(str, _cells(alert))
    line = Text(f"{time_[11:19]} {score:>3} ")
    line.append(f"{decision:<6}", _STYLES.get(decision, ""))
    words = f" {amount:>16} {country:<2} {user} {event} {rules} {late}"
    line.append("".join(c if c.isprintable() else " " for c in words).rstrip())
    return line


def _since(text: str | None) -> int | None:
    if text is None:
        return None
    ago = length(text)
    found = time.time_ns() // 1_000_000 - ago if ago is not None else moment(text)
    if found is None:
        raise UserError(f"--since {text}: use how long ago, such as 5m, or 2025-03-01T14:30")
    return found
