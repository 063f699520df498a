"""The features that every ruleset has, each declared as a ruleset declares its own.

A declaration is all there is to a feature: stages and oracle are made of it, rules are type-checked
against it, and `make generate` writes what repeats it (the schema of a score, the mapping of
Elasticsearch, the table in docs/rules.md). Its words are those of docs/features.md. State names a
feature, too: one that comes to mean something else needs another name, as what was stored under the
old one is taken for it.

Windows are look-back windows: of length w at event e they hold the key's events f with
`e.time - w < f.time` and `(f.time, f.event_id) <= (e.time, e.event_id)`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from risk.engine.features.kinds import FIRST_AMOUNT as FIRST_AMOUNT
from risk.engine.features.kinds import KINDS, first_value
from risk.engine.features.kinds import SECOND as SECOND
from risk.engine.features.kinds import FeatureType as FeatureType
from risk.engine.features.kinds import FeatureValue as FeatureValue

MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

USER_WINDOW: Final = 5 * MINUTE
IP_WINDOW: Final = 2 * MINUTE
SESSION_GAP: Final = 30 * MINUTE
HISTORY: Final = 30 * DAY  # by steps: the event's own UTC day and the 29 before it
MICRO_AMOUNT: Final = 2  # major units: an amount of up to this probes a card
ROUND_AMOUNT: Final = 100  # major units: a multiple of this is round

MOST: Final = 2**63 - 1  # a sum that is larger is published as this: what stores can hold

USER: Final = ("user_id",)
USER_CURRENCY: Final = ("user_id", "currency")
IP: Final = ("ip",)
DEVICE: Final = ("device_id",)


class Feature(NamedTuple):
    """One feature: `value` (of a field, if it needs one) over the payments of `key` that meet the
    condition `where`, in a window, in steps of a window, or in a session; these in ms.

    `without_key` is its value for a payment that lacks the key; None: the neutral one.
    """

    name: str
    key: tuple[str, ...]
    value: str
    meaning: str
    of: str = ""
    window: int = 0
    step: int = 0
    session: int = 0
    where: str = ""
    without_key: FeatureValue | None = None

    @property
    def type(self) -> FeatureType:
        """The type of its values."""
        return KINDS[self.value].type

    @property
    def first(self) -> FeatureValue:
        """Its value for a user's first payment, of `FIRST_AMOUNT`, that nothing else is known with.

        What a rule's test has unless it says otherwise, and what a payment has that was decided
        before there was the feature.
        """
        return first_value(self.value, self.of, self.window, bool(self.where))


# Those of a stage stand together, in the order of the stages: user, ip, device. Within a stage
# windows come first, from the shortest on.
CATALOGUE: Final[tuple[Feature, ...]] = (
    Feature("user_count_5m", USER, "count", "the user's payments in 5 minutes", window=USER_WINDOW),
    Feature(
        "user_amount_5m",
        USER_CURRENCY,
        "sum",
        "sum of the amounts in this payment's currency in 5 minutes, in minor units",
        of="amount",
        window=USER_WINDOW,
    ),
    Feature(
        "user_merchants_5m",
        USER,
        "distinct",
        "distinct merchants that the user paid in 5 minutes",
        of="merchant_id",
        window=USER_WINDOW,
    ),
    Feature(
        "user_micro_5m",
        USER,
        "count",
        "the user's payments of up to 2 major units in 5 minutes",
        window=USER_WINDOW,
        where=f"amount <= {MICRO_AMOUNT} * major_unit",
    ),
    Feature(
        "user_round_5m",
        USER,
        "count",
        "those of a non-zero multiple of 100 major units in 5 minutes",
        window=USER_WINDOW,
        where=f"amount > 0 and amount % ({ROUND_AMOUNT} * major_unit) == 0",
    ),
    Feature(
        "user_distance_km",
        USER,
        "distance",
        "from the user's previous place; 0 if unknown ((0, 0) is no place)",
        window=HISTORY,
    ),
    Feature(
        "user_speed_kmh",
        USER,
        "speed",
        "the speed over that distance, in at least 1 s; 0 if unknown",
        window=HISTORY,
    ),
    Feature(
        "user_new_device",
        USER,
        "new",
        "has a history, but not on this device",
        of="device_id",
        window=HISTORY,
    ),
    Feature(
        "user_new_country",
        USER,
        "new",
        "has a history, but not in this country",
        of="country",
        window=HISTORY,
    ),
    Feature(
        "user_history_count",
        USER_CURRENCY,
        "earlier",
        "earlier payments in this currency, 30 days",
        window=HISTORY,
        step=DAY,
    ),
    Feature(
        "user_amount_ratio",
        USER_CURRENCY,
        "ratio",
        "the amount over the mean of the earlier ones; 0 if there are none",
        of="amount",
        window=HISTORY,
        step=DAY,
    ),
    Feature(
        "ip_count_2m",
        IP,
        "count",
        "payments from this address, of IPv6 from its /64, in 2 minutes",
        window=IP_WINDOW,
        without_key=1,
    ),
    Feature(
        "ip_users_2m",
        IP,
        "distinct",
        "distinct users of the address in 2 minutes",
        of="user_id",
        window=IP_WINDOW,
        without_key=1,
    ),
    Feature(
        "device_session_ms",
        DEVICE,
        "duration",
        "how long this device's session lasts, in ms (it ends after 30 idle minutes)",
        session=SESSION_GAP,
    ),
    Feature(
        "device_session_events",
        DEVICE,
        "count",
        "payments of the session",
        session=SESSION_GAP,
        without_key=1,
    ),
    Feature(
        "device_session_users",
        DEVICE,
        "distinct",
        "distinct users of the session, up to 1,024",
        of="user_id",
        session=SESSION_GAP,
        without_key=1,
    ),
)

NAMES: Final = tuple(feature.name for feature in CATALOGUE)
TYPES: Final[dict[str, FeatureType]] = {f.name: f.type for f in CATALOGUE}
FIRST: Final[dict[str, FeatureValue]] = {f.name: f.first for f in CATALOGUE}


def names_of(key: tuple[str, ...]) -> tuple[str, ...]:
    """The features of the stage of a key, in the catalogue's order."""
    return tuple(feature.name for feature in CATALOGUE if feature.key[:1] == key)
