"""Verdicts as people give them, made into messages: each names its payment, or why it can't."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from risk.audit.moments import shown
from risk.config.settings import Settings
from risk.engine.feedback import SOURCES, VERDICTS, Feedback, build
from risk.engine.rules.errors import did_you_mean
from risk.ops.feedback.table import Fault, Row, quoted, when
from sinks.feedback import payments

Payment = tuple[str, str, int]  # event_id, user_id, event_time in ms UTC


class Labels(NamedTuple):
    """What is to be sent, and the rows that can't be, in the order of the file."""

    messages: list[Feedback]
    faults: list[Fault]


def labels(
    settings: Settings, rows: Iterable[Row | Fault], defaults: Mapping[str, str], now: int
) -> Labels:
    """The rows as messages; `defaults` hold where a row has no value, `now` is in ms UTC.

    Where a row lacks its payment's event_time or user_id, Postgres is asked. Raises `Unavailable`.
    """
    found = list(rows)
    told = [Row(row.line, {**defaults, **row.said}) for row in found if isinstance(row, Row)]
    faults = [row for row in found if isinstance(row, Fault)]
    unsure = {row.said["event_id"] for row in told if _is_unsure(row.said)}
    known = _by_event(payments(settings, sorted(unsure)) if unsure else [])
    messages = []
    for row in told:
        made = _made(row, known, now)
        if isinstance(made, Fault):
            faults.append(made)
        else:
            messages.append(made)
    return Labels(messages, sorted(faults))


def _is_unsure(said: Mapping[str, str]) -> bool:
    return "event_id" in said and not ("user_id" in said and "event_time" in said)


def _made(row: Row, known: Mapping[str, Sequence[Payment]], now: int) -> Feedback | Fault:
    said, line = row.said, row.line
    for column in ("event_id", "verdict", "source", "known_at", "by"):
        if column not in said:
            return Fault(line, column, "there is no value here")
    for column, choices in (("verdict", VERDICTS), ("source", SOURCES)):
        if said[column] not in choices:
            hint = did_you_mean(said[column], choices) or f": there are {', '.join(choices)}"
            return Fault(line, column, f"{quoted(said[column])}{hint}")
    times = {}
    for column in ("event_time", "known_at"):
        if column not in said:
            continue
        try:
            times[column] = when(said[column])
        except ValueError as error:
            return Fault(line, column, str(error))
    if times["known_at"] > now:
        return Fault(line, "known_at", f"{quoted(said['known_at'])} is still to come")
    payment = _payment(line, said, times.get("event_time"), known)
    if isinstance(payment, Fault):
        return payment
    try:
        return build(
            payment, said["verdict"], said["source"], times["known_at"], said["by"],
            said.get("note", ""),
        )  # fmt: skip
    except ValueError as error:
        column, _, why = str(error).partition(": ")
        return Fault(line, column, why)


def _payment(
    line: int, said: Mapping[str, str], time: int | None, known: Mapping[str, Sequence[Payment]]
) -> Payment | Fault:
    event_id, user_id = said["event_id"], said.get("user_id")
    if user_id is not None and time is not None:
        return event_id, user_id, time
    found = [
        one
        for one in known.get(event_id, ())
        if user_id in (None, one[1]) and time in (None, one[2])
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        whose = f" of user {quoted(user_id)}" if user_id else ""
        missing = " and ".join(
            name for name, value in (("user_id", user_id), ("event_time", time)) if value is None
        )
        words = f"no payment {quoted(event_id)}{whose} is known: give its {missing}, and the "
        return Fault(line, "event_id", words + "verdict waits for it")
    several = ", ".join(f"of {quoted(user)} at {shown(at)}" for _, user, at in found[:3])
    more = " and more" if len(found) > 3 else ""
    column = "user_id" if len({user for _, user, _ in found}) > 1 else "event_time"
    words = f"{len(found)} payments are called {quoted(event_id)}, {several}{more}: say which"
    return Fault(line, column, words)


def _by_event(found: Iterable[Payment]) -> dict[str, list[Payment]]:
    events: dict[str, list[Payment]] = {}
    for one in found:
        events.setdefault(one[0], []).append(one)
    return events
