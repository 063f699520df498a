"""Features and what would have changed, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from risk.engine.features.catalogue import CATALOGUE, FeatureValue
from risk.engine.payment.currencies import MAJOR_UNIT

MINOR: Final = ", in minor units"
_MEANINGS: Final = {one.name: one.meaning for one in CATALOGUE}


def meaning(name: str, declared: Mapping[str, str]) -> str:
    """What a feature is; `declared` is what a ruleset says of its own, by name."""
    return declared.get(name) or _MEANINGS.get(name) or name.replace("_", " ")


def value_in_words(value: FeatureValue) -> str:
    """A value as people write it: at most two decimals, and yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")


def change_in_words(
    name: str,
    was: FeatureValue,
    value: FeatureValue,
    declared: Mapping[str, str],
    currency: str = "",
) -> str:
    """Another value of a feature: `2 fewer: the user's payments in 5 minutes, 4 instead of 6`.

    Amounts in minor units are told in major ones of the `currency`, if there is one.
    """
    about = meaning(name, declared)
    if currency and MINOR in about:
        was, value = was / MAJOR_UNIT[currency], value / MAJOR_UNIT[currency]
        about = about.replace(MINOR, f", in {currency}")
    if isinstance(value, bool):
        return f"{'so' if value else 'not so'}: {about}"
    told = f"{value_in_words(value)} instead of {value_in_words(was)}"
    if isinstance(was, int) and isinstance(value, int):
        by = "fewer" if value < was else "more"
        return f"{abs(was - value):,} {by}: {about}, {told}"
    return f"{'less' if value < was else 'more'}: {about}, {told}"
