"""Every feature's name, type and meaning. Rules are type-checked against this list.

Windows are look-back windows: of length w at event e they hold the key's events f with
`e.time - w < f.time` and `(f.time, f.event_id) <= (e.time, e.event_id)`.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
DAY: Final = 24 * 60 * MINUTE

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
    """One feature: `key` is the entity whose events it looks at."""

    name: str
    type: FeatureType
    key: Literal["user", "ip", "device"]
    meaning: str


CATALOGUE: Final[tuple[Feature, ...]] = (
    Feature("user_count_5m", "int", "user", "events in 5 min"),
    Feature("user_amount_5m", "int", "user", "sum of amounts in 5 min, in the event's currency"),
    Feature("user_merchants_5m", "int", "user", "distinct merchants in 5 min"),
    Feature("user_micro_5m", "int", "user", "amounts of up to 2 major units in 5 min"),
    Feature("user_round_5m", "int", "user", "non-zero multiples of 100 major units in 5 min"),
    Feature("user_distance_km", "float", "user", "from the user's previous place; 0 if none"),
    Feature("user_speed_kmh", "float", "user", "over that distance, at least 1 s; 0 if none"),
    Feature("user_new_device", "bool", "user", "has history, but none on this device"),
    Feature("user_new_country", "bool", "user", "has history, but none in this country"),
    Feature("user_history_count", "int", "user", "earlier events in this currency, 30 days"),
    Feature("user_amount_ratio", "float", "user", "amount over their mean amount; 0 if none"),
    Feature("ip_count_2m", "int", "ip", "events in 2 min; of IPv6 from its /64"),
    Feature("ip_users_2m", "int", "ip", "distinct users in 2 min"),
    Feature("device_session_ms", "int", "device", "time since the session began, ms"),
    Feature("device_session_events", "int", "device", "events of the session so far"),
    Feature("device_session_users", "int", "device", "distinct users of it, up to 1,024"),
)

NAMES: Final = tuple(feature.name for feature in CATALOGUE)
TYPES: Final[dict[str, FeatureType]] = {f.name: f.type for f in CATALOGUE}
