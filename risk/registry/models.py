"""Models that were trained or deployed: the content of a model's file is its identity."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from risk.config.settings import Settings
from risk.registry.session import Cursor, as_json, session
from sinks.sql import statement

SHOWN = 100


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model, `sha256` that of its file in hexadecimal digits.

    `set_sha256` is that of the training set, empty if it isn't known; `card` what the card says.
    """

    sha256: str
    name: str
    kind: str
    set_sha256: str = ""
    card: dict[str, Any] = {}
    note: str = ""


class Registered(Model, frozen=True, kw_only=True):
    """One that Postgres knows, since `created_at`.

    `status` follows from the active ruleset: production (it answers), rollout (it answers for a
    share of the users), shadow (it is told beside), retired (it was one of these), else candidate.
    """

    created_at: datetime
    status: str


def register(settings: Settings, model: Model) -> None:
    """Note a model. What is said once more of one adds to what is known. Raises `Unavailable`."""
    with session(settings) as cursor:
        add(cursor, model)


def add(cursor: Cursor, model: Model) -> None:
    """`register`, as a part of a transaction."""
    cursor.execute(statement("register_model"), as_json(msgspec.structs.asdict(model)))


def registered(settings: Settings, name: str | None = None, limit: int = SHOWN) -> list[Registered]:
    """The latest models, maybe of one name, the latest first. Raises `Unavailable`."""
    with session(settings) as cursor:
        values = {"name": name, "limit": limit}
        rows = cursor.execute(statement("list_models"), values).fetchall()
    return msgspec.convert(rows, list[Registered])
