"""The feedback that is held against risk.feedback: each mismatch as a line of words."""

from __future__ import annotations

from collections.abc import Iterable

from risk.config.settings import Settings
from risk.engine.erasure import Erased
from risk.engine.feedback import Feedback, Logged, said_once
from risk.kafka.feedback_log import logged
from risk.kafka.scan import offsets, read_all
from risk.verify.erasures import said_of_others
from sinks.store import Recalls


def compare(settings: Settings, name: str, held: Recalls, gone: Erased) -> tuple[int, list[str]]:
    """What `held`, which is called so, has of it: how many rows, and what is wrong.

    What was said of payments that are `gone` with their users must not be there.

    Raises `UserError` if the broker can't be read, and `Unavailable`.
    """
    topic = settings.topics.feedback
    rows = list(held.recall(settings))
    whole = not any(low for low, _ in offsets(settings, topic).values())
    log = said_of_others(logged(read_all(settings, topic)), gone)
    return len(rows), problems(name, rows, log, whole)


def problems(name: str, rows: Iterable[Logged], log: Iterable[Logged], whole: bool) -> list[str]:
    """What is wrong with the rows. Unless the log is `whole` it doesn't say what came earlier."""
    wanted = {one.feedback.key: one for one in said_once(log)}
    found: list[str] = []
    seen: set[str] = set()
    for row in rows:
        said, key = row.feedback, row.feedback.key
        if key in seen:
            found.append(f"{name}: {_name(said)} twice")
        seen.add(key)
        if not whole:
            continue
        if key not in wanted:
            found.append(f"{name}: {_name(said)} must not be there")
        elif row.position != wanted[key].position:
            place = f"{row.partition}:{row.offset}"
            right = f"{wanted[key].partition}:{wanted[key].offset}"
            found.append(f"{name}: {_name(said)}: it stands at {right}, not at {place}")
    missing = (one.feedback for key, one in wanted.items() if key not in seen)
    return found + [f"{name}: {_name(said)} is missing" for said in missing]


def _name(said: Feedback) -> str:
    event_id, user_id, event_time = said.payment
    return f"{said.verdict} by {said.source} of event {event_id} of user {user_id} at {event_time}"
