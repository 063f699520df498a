"""Makes a backup, beside whatever runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec.structs import asdict

from flink_jobs.version import CODE_VERSION
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.scan import check_listening, offsets
from risk.ops.backup import dump, records
from risk.ops.backup.manifest import FORMAT, File, Manifest, Topic, digest, write
from risk.ops.backup.records import Report
from risk.registry import tables

ROWS: Final = "postgres.copy.gz"
# Where one ends is asked before what it is made of is: so no score lacks its payment.
ORDER: Final = ("dlq", "alerts", "late", "scores", "control", "feedback", "labels", "transactions")


def backup(settings: Settings, folder: Path, report: Report = lambda *_: None) -> Manifest:
    """Write all of it into a folder that is empty, or not there. Raises `UserError`, `Unavailable`.

    Postgres comes first: what it has of the topics is in them.
    """
    check_listening(settings)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds payments
        if any(folder.iterdir()):
            raise UserError(f"{folder} is not empty: name another folder")
    except OSError as error:
        raise UserError(f"{folder}: {error.strerror}") from None
    try:
        migrations = tables.migrations(settings)
        dump.save(settings, folder / ROWS)
        names = asdict(settings.topics)
        assert sorted(ORDER) == sorted(names), "each topic is in the order"
        ends = {field: offsets(settings, names[field]) for field in ORDER}
        topics = {}
        for field in ORDER:
            path = folder / f"{field}.jsonl.gz"
            count = records.save(settings, names[field], ends[field], path, report)
            topics[field] = Topic(names[field], ends[field], File(path.name, digest(path), count))
        made = Manifest(
            format=FORMAT,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            code_version=CODE_VERSION,
            topics=topics,
            postgres=File(ROWS, digest(folder / ROWS)),
            migrations=migrations,
        )
        write(folder, made)
        return made
    except OSError as error:
        raise UserError(f"{error.filename or folder}: {error.strerror}") from None
