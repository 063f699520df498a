"""What of the queue somebody wants to see, as it stands in the address of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlencode

import msgspec

from risk.console.live.filters import DECISIONS, BadFilter
from risk.registry.cases.records import SORTS, STATES, Filters, Level, Sort, State

ME: Final = "me"
NOBODY: Final = "nobody"
MOST_HOURS: Final = 24 * 365
_MOST: Final = 128  # characters, as of an id
_RULE: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_WHOLE: Final = re.compile(r"[0-9]{1,13}")
_CURSOR: Final = re.compile(
    r"(risk|stake):[0-9]{1,18}:-?[0-9]{1,30}(\.[0-9]{1,9})?|(age|due):[0-9]{1,18}:[-+0-9 :.]{19,40}"
)
_HOUR_S: Final = 3_600


class Asked(msgspec.Struct, frozen=True):
    """Filters, an order, and where the page begins: `after` is the cursor of the one before it."""

    filters: Filters = Filters()
    sort: Sort = "risk"
    after: str | None = None

    def query(self, **other: str | None) -> str:
        """As the part of an address after the `?`, maybe with other values; empty ones left out.

        A page of another order, or of other filters, begins at the first case.
        """
        values = address(self.filters, self.sort)
        if not other and self.after:
            values["after"] = self.after
        return urlencode({name: text for name, text in (values | other).items() if text})


def parse(given: Mapping[str, str], me: str) -> Asked:
    """What is asked for in an address. Other names are left alone. Raises `BadFilter`."""
    texts = {name: given.get(name, "").strip() for name in _NAMES}
    sort = texts["sort"] or "risk"
    if sort not in SORTS:
        raise BadFilter(f"sort: one of {', '.join(SORTS)}")
    found = Filters(
        states=_states(texts["state"]),
        assignee=_assignee(texts["who"], me),
        level=cast("Level | None", _one_of("level", texts["level"], ("analyst", "lead"))),
        decision=cast(Any, _one_of("decision", texts["decision"].upper(), DECISIONS)),
        verdict=cast(Any, _one_of("verdict", texts["verdict"], ("fraud", "legitimate"))),
        least_score=_number("score", texts["score"], 100),
        least_stake=_number("stake", texts["stake"], 10**12),
        rule=_like("rule", texts["rule"].lower(), _RULE, "a rule's name, as in card_testing"),
        user=_user(texts["user"]),
        country=_like("country", texts["country"].upper(), _COUNTRY, "two letters, as in DE"),
        older_s=_hours(texts["older"]),
        overdue=texts["overdue"] == "1",
    )
    after = _like("after", given.get("after", ""), _CURSOR, "no page begins there: leave it out")
    return Asked(found, sort, after)


def address(filters: Filters, sort: Sort) -> dict[str, str | None]:
    """Filters and an order as the values of an address: what `parse` makes of them is the same."""
    who = filters.assignee
    return {
        "state": ",".join(filters.states or ()),
        "who": NOBODY if who == "" else who,
        "level": filters.level,
        "decision": filters.decision,
        "verdict": filters.verdict,
        "score": _text(filters.least_score),
        "stake": _text(filters.least_stake),
        "rule": filters.rule,
        "user": filters.user,
        "country": filters.country,
        "older": _text(filters.older_s and filters.older_s // _HOUR_S),
        "overdue": "1" if filters.overdue else None,
        "sort": None if sort == "risk" else sort,
    }


def _text(number: float | None) -> str | None:
    return None if number is None else f"{number:.0f}"


def _states(text: str) -> tuple[State, ...] | None:
    names = [name for name in text.split(",") if name]
    if any(name not in STATES for name in names):
        raise BadFilter(f"state: one of {', '.join(STATES)}")
    return tuple(cast("list[State]", names)) or None


def _assignee(text: str, me: str) -> str | None:
    if len(text) > _MOST or "\0" in text:
        raise BadFilter(f"who: {ME}, {NOBODY}, or a name of up to {_MOST} characters")
    return {"": None, ME: me, NOBODY: ""}.get(text, text)


def _user(text: str) -> str | None:
    if len(text) > _MOST or "\0" in text:
        raise BadFilter(f"user: an id of up to {_MOST} characters")
    return text or None


def _one_of(name: str, text: str, known: tuple[str, ...]) -> str | None:
    if text and text not in known:
        raise BadFilter(f"{name}: one of {', '.join(known)}")
    return text or None


def _like(name: str, text: str, form: re.Pattern[str], told: str) -> str | None:
    if text and not form.fullmatch(text):
        raise BadFilter(f"{name}: {told}")
    return text or None


def _number(name: str, text: str, most: int) -> int | None:
    if not text:
        return None
    if not _WHOLE.fullmatch(text) or int(text) > most:
        raise BadFilter(f"{name}: a whole number from 0 to {most:,}")
    return int(text)


def _hours(text: str) -> int | None:
    hours = _number("older", text, MOST_HOURS)
    return None if hours is None else hours * _HOUR_S


_NAMES: Final = tuple(address(Filters(), "risk"))
