"""`risk cases`: the intake, which makes cases of alerts and sends verdicts."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading

import msgspec

from risk import logs
from risk.cli.common import say
from risk.config.types import in_url
from risk.ops.cases.health import served
from risk.ops.cases.verdicts import send_due
from risk.ops.cases.worker import Report
from risk.ops.cases.worker import run as work
from risk.ops.outbox.send import check
from risk.ops.outbox.send import run as outbox
from risk.ops.settings import settings_with_passwords

EPILOG = """\
`risk up --with cases` runs it beside the servers.

examples:
  risk cases run           run it here, until it is ended
  risk cases send          send the verdicts that wait, once
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk cases`."""
    parser = subparsers.add_parser(
        "cases",
        help="make cases of alerts, and send verdicts",
        description="The intake: alerts of risk.alerts become cases, verdicts go to risk.feedback.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(metavar="action", required=True)
    running = actions.add_parser(
        "run",
        help="run the intake until it is ended",
        description="Read risk.alerts into cases, send verdicts to risk.feedback, end snoozes. "
        "Says how it is at cases.port.",
        epilog="example: risk cases run",
    )
    running.set_defaults(run=run)
    sending = actions.add_parser(
        "send",
        help="send the verdicts that are due, once",
        description="Send the verdicts that are due to risk.feedback, as the intake does.",
        epilog="example: risk cases send",
    )
    sending.set_defaults(run=run_send)


def run(args: argparse.Namespace) -> int:
    """0 once it is ended; what it did goes to stdout as JSON."""
    settings = settings_with_passwords("console")
    logs.set_up(settings, "cases", logging.INFO)
    check(settings)
    stop, report = threading.Event(), Report()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    where = settings.cases
    with served(report, where.host, where.port):
        print(f"http://{in_url(where.host)}:{where.port}/", flush=True)
        sending = threading.Thread(target=outbox, args=(settings, stop))
        if settings.outbox.destinations:
            sending.start()
        try:
            work(settings, stop, report)
        finally:
            stop.set()
            if sending.ident is not None:
                sending.join()
    sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    return 0


def run_send(args: argparse.Namespace) -> int:
    """0."""
    say(f"{send_due(settings_with_passwords('console')):,} verdicts sent")
    return 0
