"""The archive of rulesets: whatever ran can be read, compared and gone back to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from risk.config.settings import Settings
from risk.registry.session import Cursor, as_json, session
from sinks.sql import statement


class Conflict(Exception):
    """Another content ran under this name and version before."""


class Unusable(Exception):
    """What stands in Postgres can't be a ruleset: the message says which row, and why."""


class Archived(msgspec.Struct, frozen=True):
    """A ruleset as it ran: `files` are paths in its folder to texts."""

    ruleset: str
    version: int
    fingerprint: str
    files: dict[str, str]


class Kept(msgspec.Struct, frozen=True):
    """A version of the archive, without its files."""

    ruleset: str
    version: int
    fingerprint: str
    archived_at: datetime


MOST_KEPT = 1_000
MOST_FILES = 1_000
MOST_CHARACTERS = 8_000_000
# No part begins with a dot: nothing is hidden, and nothing leads out of the folder.
FILE = re.compile(
    r"([A-Za-z0-9_][A-Za-z0-9_.-]{0,99}/){0,3}[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.yaml"
    r"|models/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.json"
)


def fault(files: Mapping[str, str]) -> str | None:
    """Why these can't be the files of a ruleset; None if they can."""
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_CHARACTERS:
        return f"more than {MOST_FILES:,} files or {MOST_CHARACTERS:,} characters"
    odd = next((name for name in files if not FILE.fullmatch(name)), None)
    return None if odd is None else f"{odd[:200]!r} is no name of a file in its folder"


def archive(
    settings: Settings, ruleset: str, version: int, fingerprint: str, files: Mapping[str, str]
) -> None:
    """Keep a ruleset. Raises `Conflict`, `Unusable` and `Unavailable`.

    Files that mean the same, having the same fingerprint, may differ: the first ones are kept.
    """
    if wrong := fault(files):
        raise Unusable(f"{ruleset} version {version}: {wrong}")
    values = {
        "ruleset": ruleset,
        "version": version,
        "fingerprint": fingerprint,
        "files": dict(files),
    }
    with session(settings) as cursor:
        cursor.execute(statement("archive_ruleset"), as_json(values))
        row = cursor.execute(statement("get_ruleset"), as_json(values)).fetchone()
    assert row is not None
    if row["fingerprint"] != fingerprint:
        raise Conflict(
            f"{ruleset} version {version} ran before with another content: "
            "give it a new version, and `risk rules lock` it"
        )


def get(settings: Settings, ruleset: str, version: int | None = None) -> Archived | None:
    """A ruleset's version, or its highest that ran; None if none did.

    Raises `Unavailable`, and `Unusable` for a row that no `archive` has written.
    """
    values = {"ruleset": ruleset, "version": version}
    with session(settings) as cursor:
        row = cursor.execute(statement("get_ruleset"), values).fetchone()
    if row is None:
        return None
    where = f"{row['ruleset']} version {row['version']} in Postgres' table rulesets"
    try:
        found = msgspec.convert(row, Archived)
    except msgspec.ValidationError as error:
        raise Unusable(f"{where}: {error}") from None
    if wrong := fault(found.files):
        raise Unusable(f"{where}: {wrong}")
    return found


def kept(cursor: Cursor, limit: int = MOST_KEPT) -> list[Kept]:
    """The archive, by name, the highest version of each first."""
    rows = cursor.execute(statement("list_rulesets"), {"limit": limit}).fetchall()
    return msgspec.convert(rows, list[Kept])
