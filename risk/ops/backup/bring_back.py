"""Brings a backup back, onto a stack that holds nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec.structs import asdict

from risk.config.settings import Settings
from risk.errors import StackError, UserError
from risk.kafka.client import client_config
from risk.kafka.scan import check_listening, offsets
from risk.kafka.topics import create_topics, existing_topics, new_partitions
from risk.ops.backup import dump, records
from risk.ops.backup.manifest import Manifest, read
from risk.ops.backup.records import Report
from risk.registry import tables
from sinks import registry
from sinks.store import MigrationError


class Restored(msgspec.Struct, frozen=True):
    """What was brought back. `moved` are records whose offset is another than it was."""

    records: dict[str, int]  # by topic
    moved: dict[str, int]


def restore(settings: Settings, folder: Path, report: Report = lambda *_: None) -> Restored:
    """Check that the backup is whole and the stack empty, then write all of it.

    Topics and tables are made where they are missing. Raises `UserError` and `Unavailable`, of a
    stack that isn't empty before anything of it is changed.
    """
    manifest = read(folder)
    check_listening(settings)
    try:
        _check_rows(settings)
        _check_topics(settings, manifest)
        create_topics(settings, settings.kafka.servers, client_config(settings.kafka))
        registry.migrate(settings)
    except (StackError, MigrationError) as error:
        raise UserError(str(error)) from None
    _check_schema(settings, manifest)
    dump.load(settings, folder / manifest.postgres.name)
    names = asdict(settings.topics)
    written, moved = {}, {}
    for field, topic in manifest.topics.items():
        name = names[field]
        moved[name] = records.publish(settings, name, folder / topic.file.name, report)
        written[name] = topic.file.rows
    return Restored(written, {name: count for name, count in moved.items() if count})


def _check_topics(settings: Settings, manifest: Manifest) -> None:
    """Raise `UserError` unless they hold nothing, and have or will have as many partitions."""
    names, there = asdict(settings.topics), existing_topics(settings)
    for field, topic in manifest.topics.items():
        if field not in names:
            raise UserError(
                f"{field}: no topic of this version: restore with the version that made the "
                f"backup ({manifest.code_version}), then upgrade"
            )
        name, had = names[field], len(topic.ends)
        found = offsets(settings, name) if name in there else {}
        if held := [p for p, (_, end) in found.items() if end]:
            raise UserError(
                f"{name} is not empty (partition {min(held)}): a backup is only brought "
                "back onto an empty stack: name another data_dir, or other brokers"
            )
        count = len(found) or new_partitions(settings, name)
        if count != had:
            raise UserError(
                f"{name} has {count} partitions, and had {had}: make it with {had}, by "
                "kafka.partitions or with Kafka's tools, while it is empty"
            )


def _check_rows(settings: Settings) -> None:
    """Raise `UserError` unless Postgres holds none."""
    if filled := tables.filled(settings):
        raise UserError(
            f"Postgres is not empty ({filled[0]} has rows): a backup is only brought back onto an "
            "empty stack: name another database"
        )


def _check_schema(settings: Settings, manifest: Manifest) -> None:
    """Raise `UserError` unless Postgres' tables are those that the rows are of."""
    there = tables.migrations(settings)
    if differ := sorted(there.items() ^ manifest.migrations.items()):
        raise UserError(
            f"Postgres' schema differs from the backup's from {differ[0][0]} on: restore with the "
            f"version that made it ({manifest.code_version}), then upgrade"
        )
