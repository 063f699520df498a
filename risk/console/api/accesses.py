"""What a key with `sensitive:read` is shown stands in the access log before it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from risk.config.settings import Settings
from risk.console.api import masking
from risk.console.api.asked import Asked
from risk.console.api.problem import unavailable
from risk.engine.delivery import Unavailable
from risk.engine.privacy import Masks
from risk.registry import access_log
from risk.registry.access_log import Reader
from risk.registry.session import session

SENSITIVE: Final = "sensitive:read"
KEY: Final = "api key"  # where the access log has the role of a user of the console

# user_id, event_id, event_time in ms UTC; and the payment, if a store has it
Told = tuple[tuple[str, str, int], Mapping[str, Any] | None]


async def sees_all(asked: Asked, payments: Iterable[Told], by: Masks) -> bool:
    """Whether the key sees these as they are stored. Raises `Problem` if that can't be noted."""
    if asked.key is None or not asked.may(SENSITIVE):
        return False
    shown = [(identity, masking.present(txn, by)) for identity, txn in payments if txn]
    noted = [one for one in shown if one[1]]
    if noted:
        reader = Reader(asked.key.name, KEY, asked.address)
        try:
            await asyncio.to_thread(_note, asked.services.settings, reader, noted)
        except Unavailable as error:
            then = f"what {SENSITIVE} shows is noted first, and can't be: ask again"
            raise unavailable(error, then) from None
    return True


def _note(
    settings: Settings, reader: Reader, shown: list[tuple[tuple[str, str, int], tuple[str, ...]]]
) -> None:
    with session(settings) as cursor:
        access_log.note_all(cursor, reader, shown)
