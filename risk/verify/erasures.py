"""What has not to be in a store, as its user was erased."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.erasure import Erased
from risk.engine.feedback import Logged
from risk.engine.oracle import Expected
from risk.errors import UserError
from sinks import registry
from sinks.postgres.erased import erased
from sinks.store import Erases

_NOBODY = Erased(b"")


def listed(settings: Settings) -> Erased | None:
    """The list of erased users, by which every store goes; None where Postgres is away."""
    try:
        return erased(settings)
    except Unavailable:
        return None


def of(name: str, settings: Settings, known: Erased | None) -> Erased:
    """The list; where Postgres is away, the store's own copy. Raises `UserError`."""
    if known is not None:
        return known
    store = registry.delivery(name).load()
    try:
        own = store.erased(settings) if isinstance(store, Erases) else None
    except Unavailable as error:
        reason = str(error).partition("\n")[0]
        raise UserError(f"{name} can't be read: {reason}: see `risk status`") from None
    return own or _NOBODY


def without(want: Expected, gone: Erased) -> Expected:
    """What a store has to have, without what was erased."""
    if not gone.users:
        return want

    def stays(key: tuple[str, str, int]) -> bool:
        _, user_id, event_time = key
        return not gone.holds(user_id, event_time)

    scores = {k: v for k, v in want.scores.items() if stays(k)}
    late = {k: v for k, v in want.late_scores.items() if stays(k)}
    return msgspec.structs.replace(want, scores=scores, late_scores=late)


def said_of_others(log: Iterable[Logged], gone: Erased) -> Iterator[Logged]:
    """The feedback on payments that were not erased."""
    for one in log:
        if not gone.holds(one.feedback.user_id, one.feedback.event_time):
            yield one
