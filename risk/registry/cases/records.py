"""What Postgres holds of cases, as types."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal, get_args

import msgspec

State = Literal["open", "claimed", "snoozed", "pending", "closed"]
STATES: Final[tuple[State, ...]] = get_args(State)
Level = Literal["analyst", "lead"]
Sort = Literal["risk", "stake", "age", "due"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts that are judged together, and how far that has come.

    `pending`: a verdict waits for another person's approval. `level` lead: it was escalated.
    `amounts` are sums in minor units by currency; `stake` is their sum in major units, whatever the
    currency, to sort by. Times of payments are ms UTC.
    """

    id: int
    revision: int
    state: State
    level: Level
    assignee: str | None
    snoozed_until: datetime | None
    verdict: str | None
    reason: str
    judged_by: str | None
    judged_at: datetime | None
    approved_by: str | None
    user_id: str
    users: list[str]
    rules: list[str]
    countries: list[str]
    alerts: int
    score: int
    decision: str
    amounts: dict[str, int]
    stake: float
    first_event_time: int
    last_event_time: int
    opened_at: datetime
    changed_at: datetime
    due_at: datetime


class CaseAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of a case; `reasons` and the masked `payment` as they stand in the message."""

    user_id: str
    event_id: str
    event_time: int
    ruleset: str
    ruleset_version: int
    case_id: int
    revision: int
    late: bool
    score: int
    decision: str
    rules: list[str]
    reasons: list[dict[str, Any]]
    payment: dict[str, Any]
    amount: int
    currency: str
    country: str
    run_id: str
    raised_at: datetime


class Related(msgspec.Struct, frozen=True, kw_only=True):
    """Another case that shares something: `kinds` are user, device, ip and card."""

    id: int
    state: State
    user_id: str
    score: int
    verdict: str | None
    kinds: list[str]


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A note's file; `size` in bytes."""

    id: int
    name: str
    media_type: str
    size: int
    sha256: str


class FileContent(File, frozen=True, kw_only=True):
    """The same, with its bytes."""

    content: bytes


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody noted of a case."""

    id: int
    at: datetime
    who: str
    note: str
    files: list[File]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the audit trail; `revision` is that of the case after it."""

    id: int
    revision: int
    at: datetime
    who: str
    role: str
    step: str
    from_state: str
    to_state: str
    detail: dict[str, Any]


class Filters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cases; what is None isn't asked for.

    Without `states` all that aren't closed. An `assignee` of "" is nobody. `least_stake` is in
    major units, `older_s` how long ago at least a case was opened, in seconds.
    """

    states: tuple[State, ...] | None = None
    ids: tuple[int, ...] | None = None
    assignee: str | None = None
    level: Level | None = None
    decision: Literal["REVIEW", "BLOCK"] | None = None
    verdict: Literal["fraud", "legitimate"] | None = None
    least_score: int | None = None
    least_stake: float | None = None
    rule: str | None = None
    user: str | None = None
    country: str | None = None
    older_s: int | None = None
    overdue: bool = False


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view of the queue: its owner's, or everybody's if it is shared."""

    owner: str
    name: str
    filters: Filters
    sort: Sort = "risk"
    shared: bool = False


class Totals(msgspec.Struct, frozen=True):
    """How many cases and alerts, and the money at stake in major units."""

    cases: int
    alerts: int
    stake: float
