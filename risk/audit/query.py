"""What a query of `risk audit` asks for, as data; `language` makes it of text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Operator = Literal["=", ">", ">=", "<", "<="]

# The query's word for a field to its name in Elasticsearch.
TEXTS: Final = {
    "event": "event.id",
    "user": "user.id",
    "ip": "source.ip",
    "device": "device.id",
    "decision": "risk.decision",
    "rule": "rule.name",
    "ruleset": "rule.ruleset",
    "kind": "risk.kind",
    "late": "risk.late",
    "run": "risk.run_id",
    "merchant": "risk.transaction.merchant_id",
    "mcc": "risk.transaction.merchant_category",
    "channel": "risk.transaction.channel",
    "country": "source.geo.country_iso_code",
    "currency": "risk.transaction.currency",
    "source": "event.provider",
}
# Before the name of an attribute that a ruleset declares, in a query and in Elasticsearch.
ATTRIBUTE: Final = "attribute."
ATTRIBUTES: Final = "risk.attributes."
NUMBERS: Final = {
    "score": "risk.score",
    "amount": "risk.transaction.amount",
    "revision": "risk.revision",
}
VERSION: Final = "risk.ruleset_version"
TIME: Final = "@timestamp"

# Fields that have few values, which may be written in any case.
VALUES: Final = {
    "decision": ("ALLOW", "REVIEW", "BLOCK"),
    "kind": ("live", "shadow", "replay"),
    "late": ("true", "false"),
    "channel": ("web", "app", "pos", "atm"),
}
UPPER: Final = frozenset({"country", "currency"})


def is_attribute(field: str) -> bool:
    """Whether a query's word is `attribute.NAME`."""
    return field.startswith(ATTRIBUTE) and len(field) > len(ATTRIBUTE)


@dataclass(frozen=True, slots=True)
class Value:
    """A value looked for; a `prefix` is followed by anything."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """The field has one of the values; or, if `negated`, none of them."""

    field: str
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """The number is as the operator says; or, if `negated`, it isn't."""

    field: str
    operator: Operator
    number: int
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All terms must hold. Times are event times: from `since` on and before `until`, in ms UTC.

    `last` is a look-back from the moment of the search, in ms.
    """

    terms: tuple[Match | Compare, ...] = ()
    last: int | None = None
    since: int | None = None
    until: int | None = None

    @property
    def event(self) -> str | None:
        """The event's id, if the query asks for one event and nothing else."""
        if self != Query(self.terms) or len(self.terms) != 1:
            return None
        term = self.terms[0]
        if not isinstance(term, Match) or term.field != "event" or term.negated:
            return None
        return term.values[0].text if len(term.values) == 1 and not term.values[0].prefix else None
