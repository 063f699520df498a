"""`risk provision`: the topics, on brokers that `risk up` doesn't start."""

from __future__ import annotations

import argparse

from risk.cli.common import console
from risk.errors import StackError, UserError
from risk.kafka.client import client_config
from risk.kafka.topics import create_topics, topic_advice
from risk.ops.settings import in_role, load_settings


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk provision`."""
    text = (
        "create the topics that don't exist yet; with kafka.brokers of 3 or more each record is "
        "on three brokers (`risk up` does this by itself)"
    )
    parser = subparsers.add_parser("provision", help="create the topics", description=text)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: all topics are there."""
    settings = in_role(load_settings(), "owner")
    try:
        made = create_topics(settings, settings.kafka.servers, client_config(settings.kafka))
        more = topic_advice(settings)
    except StackError as error:
        raise UserError(f"{error}: see kafka.* of the settings") from None
    for name in made:
        console.print(f"created {name}", markup=False)
    if more:
        console.print(more, markup=False, soft_wrap=True)
    if not made:
        console.print("all topics are there")
    return 0
