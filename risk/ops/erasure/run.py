"""An erasure from its beginning to its certificate.

First all stores are told to take no more of the user, then what they have is removed: so nothing
that is under way brings anything back. What was done is noted after each place; one that was
interrupted goes on when it is run again, and one more changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import msgspec

from risk.config.settings import Settings
from risk.engine.erasure import Erased
from risk.errors import UserError
from risk.ops.erasure import places, topics
from risk.ops.erasure.certificate import Certificate, Remains, Removed, sealed
from risk.ops.erasure.not_reached import not_reached
from risk.ops.erasure.places import Counts
from risk.registry import erasures
from risk.registry.cases import erase as cases
from risk.registry.cases import intake
from risk.registry.erasures import Erasure
from risk.registry.session import session
from sinks.postgres.erased import erased

SHOWN = 5


class Found(msgspec.Struct):
    """What there is of a user. `open_cases` keep them from being erased; `earlier` are erasures."""

    places: Counts
    remains: list[Remains]
    open_cases: list[int]
    earlier: list[datetime]

    @property
    def total(self) -> int:
        """How much could be removed."""
        return sum(sum(kinds.values()) for kinds in self.places.values())


def look(settings: Settings, user_id: str, counted: bool = True) -> Found:
    """What would be removed, and what would remain. Changes nothing.

    Raises `UserError`, `Unavailable`.
    """
    upto = _upto(settings)
    user_hash = erased(settings).hash_of(user_id)
    with session(settings) as cursor:
        waiting = cases.open_of(cursor, user_id)
        earlier = [e.finished_at for e in erasures.listed(cursor, user_hash) if e.finished_at]
    remains = _remains(settings, user_id, counted)
    return Found(places.count(settings, user_id, upto), remains, waiting, earlier)


def erase(
    settings: Settings,
    user_id: str,
    who: str,
    reason: str = "",
    counted: bool = True,
    say: Callable[[str], object] = lambda _: None,
) -> Certificate:
    """Erase a user; the certificate, which Postgres keeps as well.

    Raises `UserError`, and `Unavailable`: then it goes on when it is called again.
    """
    known = erased(settings)
    one = _begin(settings, user_id, known.hash_of(user_id), who, reason)
    places.add_erased(settings, Erased(known.salt, {one.user_hash: one.upto}))
    removed = {name: dict(kinds) for name, kinds in one.removed.items()}
    for name, kinds in places.erase(settings, one.id, user_id, one.upto):
        _add(removed.setdefault(name, {}), kinds)
        with session(settings) as cursor:
            erasures.note(cursor, one.id, removed)
        say(f"{name}: {sum(kinds.values()):,} removed")
    for topic in topics.write_tombstones(settings, user_id):
        say(f"{topic}: a tombstone was written")
    left = places.count(settings, user_id, one.upto)
    remains = _remains(settings, user_id, counted)
    certificate = _certificate(one, removed, left, remains)
    if certificate.left:  # what came between: run again, it is removed
        return certificate
    with session(settings) as cursor:
        said = msgspec.to_builtins(certificate)
        erasures.finish(cursor, one.id, certificate.finished_at, said)
    return certificate


def listed(settings: Settings) -> list[Erasure]:
    """The latest erasures, the latest first. Raises `Unavailable`."""
    with session(settings) as cursor:
        return erasures.listed(cursor)


def _begin(settings: Settings, user_id: str, user_hash: str, who: str, reason: str) -> Erasure:
    """Note that it is under way, and put the user on the list, unless cases are open."""
    with session(settings) as cursor:
        intake.begin(cursor)  # no case is opened between the look and the list
        waiting = cases.open_of(cursor, user_id)
        if waiting:
            raise UserError(
                f"cases that are open, or whose verdicts are not sent yet, keep the user: "
                f"{_told(waiting)}: close them first"
            )
        one = erasures.begin(cursor, user_hash, _upto(settings), who, reason)
        erasures.add_erased(cursor, one.user_hash, one.upto)
        return one


def _upto(settings: Settings) -> int:
    """The event time of the last payment that can have been accepted by now, in ms UTC."""
    return time.time_ns() // 1_000_000 + settings.scoring.future_ms


def _remains(settings: Settings, user_id: str, counted: bool) -> list[Remains]:
    now = time.time_ns() // 1_000_000
    with session(settings) as cursor:
        naming = erasures.rulesets_naming(cursor, user_id)
        changes = erasures.changes_naming(cursor, user_id)
    return [*topics.survey(settings, user_id, now, counted), *not_reached(naming, changes)]


def _add(to: dict[str, int], kinds: Mapping[str, int]) -> None:
    for kind, count in kinds.items():
        to[kind] = to.get(kind, 0) + count


def _certificate(
    one: Erasure, removed: Counts, left: Counts, remains: list[Remains]
) -> Certificate:
    gone = [
        Removed(name, kind, count, left.get(name, {}).get(kind, 0))
        for name, kinds in removed.items()
        for kind, count in kinds.items()
    ]
    return sealed(
        Certificate(
            erasure=one.id,
            user=one.user_hash,
            upto=datetime.fromtimestamp(one.upto / 1000, UTC),
            by=one.who,
            reason=one.reason,
            started_at=one.started_at,
            finished_at=datetime.now(UTC),
            removed=gone,
            remains=remains,
        )
    )


def _told(ids: list[int]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(map(str, ids[:SHOWN])) + more
