"""Which alerts somebody wants to see, as it stands in the address of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec

from risk.console.live.entry import Entry
from risk.engine.messages import Alert

DECISIONS: Final = ("REVIEW", "BLOCK")
_MOST: Final = 128  # characters, as of an id
_RULE: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


class BadFilter(ValueError):
    """A filter that can't be: the message names the field and what it may be."""


class Filter(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is empty, or 0, is not asked for. Texts are compared whole."""

    decision: str = ""
    score: int = 0  # at least
    user: str = ""
    country: str = ""
    rule: str = ""

    def matches(self, alert: Alert) -> bool:
        """Whether the alert is one of those."""
        return (
            (not self.decision or alert.decision == self.decision)
            and alert.score >= self.score
            and (not self.user or alert.user_id == self.user)
            and (not self.country or alert.transaction.country == self.country)
            and (not self.rule or any(one.rule == self.rule for one in alert.reasons))
        )

    def query(self, **other: str | int) -> str:
        """As the part of an address after the `?`, maybe with other values; empty ones left out."""
        values = {**msgspec.structs.asdict(self), **other}
        return urlencode({name: value for name, value in values.items() if value})

    def of(self, entries: Iterable[Entry]) -> list[Entry]:
        """Those of the entries that match."""
        if self == NONE:
            return list(entries)
        return [one for one in entries if self.matches(one.alert)]


NONE: Final = Filter()


def parse(given: Mapping[str, str]) -> Filter:
    """The filter out of an address. Other names are left alone. Raises `BadFilter`."""
    decision = given.get("decision", "").strip().upper()
    if decision and decision not in DECISIONS:
        raise BadFilter(f"decision: one of {', '.join(DECISIONS)}")
    score = given.get("score", "").strip() or "0"
    if not (score.isascii() and score.isdecimal() and len(score) <= 3 and int(score) <= 100):
        raise BadFilter("score: a whole number from 0 to 100")
    user = given.get("user", "").strip()
    if len(user) > _MOST or "\0" in user:
        raise BadFilter(f"user: an id of up to {_MOST} characters")
    country = given.get("country", "").strip().upper()
    if country and not _COUNTRY.fullmatch(country):
        raise BadFilter("country: two letters, as in DE")
    rule = given.get("rule", "").strip().lower()
    if rule and not _RULE.fullmatch(rule):
        raise BadFilter("rule: a rule's name, as in card_testing")
    return Filter(decision, int(score), user, country, rule)
