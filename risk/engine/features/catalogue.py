"""Every feature's name, type and meaning. Rules are type-checked against this list.

`make generate` writes what repeats it: the schema of a score, the mapping of Elasticsearch and the
table in docs/rules.md. State names it, too: a feature that comes to mean something else needs
another name, as what was stored under the old one is taken for it.

Windows are look-back windows: of length w at event e they hold the key's events f with
`e.time - w < f.time` and `(f.time, f.event_id) <= (e.time, e.event_id)`.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

USER_WINDOW: Final = 5 * MINUTE
IP_WINDOW: Final = 2 * MINUTE
SESSION_GAP: Final = 30 * MINUTE
HISTORY_DAYS: Final = 30  # the event's own UTC day and the 29 before it
HISTORY: Final = HISTORY_DAYS * DAY
KNOWN_PLACES: Final = 64  # devices and countries remembered per user, the latest used
SESSION_USERS: Final = 1_024  # distinct users of a session are counted up to this
MICRO_AMOUNT: Final = 2  # major units: an amount of up to this probes a card
ROUND_AMOUNT: Final = 100  # major units: a multiple of this is round

MOST: Final = 2**63 - 1  # a sum that is larger is published as this: what stores can hold

FeatureType = Literal["int", "float", "bool"]
FeatureValue = int | float | bool


class Feature(NamedTuple):
    """One feature: `key` is the entity whose events it looks at.

    `first` is its value for a user's first payment, of `FIRST_AMOUNT`, that nothing else is known
    with: what a rule's test has unless it says otherwise, and what a payment has that was decided
    before there was the feature. Those of one key stand together, in the order of the stages.
    """

    name: str
    type: FeatureType
    key: Literal["user", "ip", "device"]
    first: FeatureValue
    meaning: str


FIRST_AMOUNT: Final = 1_234  # minor units

CATALOGUE: Final[tuple[Feature, ...]] = (
    Feature("user_count_5m", "int", "user", 1, "the user's payments in 5 minutes"),
    Feature(
        "user_amount_5m",
        "int",
        "user",
        FIRST_AMOUNT,
        "sum of the amounts in this payment's currency in 5 minutes, in minor units",
    ),
    Feature(
        "user_merchants_5m", "int", "user", 1, "distinct merchants that the user paid in 5 minutes"
    ),
    Feature(
        "user_micro_5m", "int", "user", 0, "the user's payments of up to 2 major units in 5 minutes"
    ),
    Feature(
        "user_round_5m",
        "int",
        "user",
        0,
        "those of a non-zero multiple of 100 major units in 5 minutes",
    ),
    Feature(
        "user_distance_km",
        "float",
        "user",
        0.0,
        "from the user's previous place; 0 if unknown ((0, 0) is no place)",
    ),
    Feature(
        "user_speed_kmh",
        "float",
        "user",
        0.0,
        "the speed over that distance, in at least 1 s; 0 if unknown",
    ),
    Feature("user_new_device", "bool", "user", False, "has a history, but not on this device"),
    Feature("user_new_country", "bool", "user", False, "has a history, but not in this country"),
    Feature("user_history_count", "int", "user", 0, "earlier payments in this currency, 30 days"),
    Feature(
        "user_amount_ratio",
        "float",
        "user",
        0.0,
        "the amount over the mean of the earlier ones; 0 if there are none",
    ),
    Feature(
        "ip_count_2m",
        "int",
        "ip",
        1,
        "payments from this address, of IPv6 from its /64, in 2 minutes",
    ),
    Feature("ip_users_2m", "int", "ip", 1, "distinct users of the address in 2 minutes"),
    Feature(
        "device_session_ms",
        "int",
        "device",
        0,
        "how long this device's session lasts, in ms (it ends after 30 idle minutes)",
    ),
    Feature("device_session_events", "int", "device", 1, "payments of the session"),
    Feature(
        "device_session_users", "int", "device", 1, "distinct users of the session, up to 1,024"
    ),
)

NAMES: Final = tuple(feature.name for feature in CATALOGUE)
TYPES: Final[dict[str, FeatureType]] = {f.name: f.type for f in CATALOGUE}
FIRST: Final[dict[str, FeatureValue]] = {f.name: f.first for f in CATALOGUE}


def names_of(key: str) -> tuple[str, ...]:
    """The features of one key, in the catalogue's order."""
    return tuple(feature.name for feature in CATALOGUE if feature.key == key)
