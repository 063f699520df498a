"""The archive of rulesets: whatever ran can be read, compared and gone back to."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from risk.settings import Settings
from sinks.session import as_json, session
from sinks.sql import statement


class Conflict(Exception):
    """Another content ran under this name and version before."""


class Archived(msgspec.Struct, frozen=True):
    """A ruleset as it ran: `files` are paths in its folder to texts."""

    ruleset: str
    version: int
    fingerprint: str
    files: dict[str, str]


def archive(
    settings: Settings, ruleset: str, version: int, fingerprint: str, files: Mapping[str, str]
) -> None:
    """Keep a ruleset. Raises `Conflict` and `Unavailable`.

    Files that mean the same, having the same fingerprint, may differ: the first ones are kept.
    """
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
    """A ruleset's version, or its highest that ran; None if none did. Raises `Unavailable`."""
    values = {"ruleset": ruleset, "version": version}
    with session(settings) as cursor:
        row = cursor.execute(statement("get_ruleset"), values).fetchone()
    return msgspec.convert(row, Archived) if row else None
