"""Which blocked payments a ruleset releases: `control_group.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

import yaml

from risk.engine.control_group import Release
from risk.engine.features.catalogue import DAY
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.payment.transaction import MAX_AMOUNT
from risk.engine.rules.cases import case, situation
from risk.engine.rules.declaration import Declaration
from risk.engine.rules.document import Document
from risk.engine.rules.errors import did_you_mean
from risk.engine.rules.names import Kinds, Models
from risk.engine.rules.rolloutfile import SALT, SALT_MEANS, tenths
from risk.engine.rules.ruleset import Case, Ruleset

CONTROL: Final = "control_group.yaml"
MOST_SHARE: Final = 50  # percent: a ruleset that releases more doesn't block
_CURRENCY: Final = r"[A-Z]{3}"
_MOST: Final = 2**63 - 1
# What a feature has to be, so that all that is released of a user in a day is within its limit.
_BOUND: Final = (
    "it has to be declared with key user_id, maybe with currency, a window of at least 1d and no "
    "where, as a count or as sum(amount)"
)


class Found(NamedTuple):
    """What a file says, and its tests: of the payments that it may release, and of others."""

    release: Release
    cases: tuple[Case, ...]


def read_control_group(
    document: Document,
    declared: tuple[Declaration, ...],
    complete: bool,
    kinds: Kinds,
    models: Models,
) -> Found | None:
    """The file in a document, which notes its faults; None if it has one, or is `{}`.

    Unless the features `declared` are `complete`, for some are faulty, no name is called unknown.
    """
    before = len(document.errors)
    if isinstance(document.root, yaml.MappingNode) and not document.root.value:
        return None  # nothing is released, whatever the ruleset that this one extends says
    keys = document.mapping(document.root, ("share", "salt", "amount", "daily", "tests"))
    share = tenths(document, keys.get("share"), MOST_SHARE)
    if share == 0:
        document.fault(keys["share"], "nothing is released: remove the file, or write {} in it")
    salt = document.word(keys.get("salt"), SALT, SALT_MEANS)
    amounts = _amounts(document, keys.get("amount"))
    daily = _daily(document, keys.get("daily"), declared, complete)
    cases = [
        case(document, node, kinds, models)
        for node in document.items(keys.get("tests"), "a list of tests")
    ]
    known = [one for one in cases if one is not None]
    if (
        "tests" in keys
        and len(known) == len(cases)
        and not {True, False} <= {one.hit for one in known}
    ):
        document.fault(keys["tests"], "give a test that hits and one that misses, at the limits")
    if len(document.errors) > before or not (share and salt):
        return None
    return Found(Release(share, salt, amounts, daily), tuple(known))


def _amounts(document: Document, node: yaml.Node | None) -> dict[str, int]:
    """The most by currency, in minor units."""
    found: dict[str, int] = {}
    for currency, (place, item) in document.entries(node).items():
        if document.word(place, _CURRENCY, "a currency such as EUR") is None:
            continue
        value = document.scalar(item)
        if value is None:
            continue
        unit = MAJOR_UNIT[currency]
        if isinstance(value, bool) or not isinstance(value, int | float):
            document.fault(item, "expected an amount in major units, such as 150", whole=True)
            continue
        minor = Fraction(str(value)) * unit
        if minor.denominator != 1 or not 0 < minor <= MAX_AMOUNT:
            told = f"expected an amount of {currency}, in steps of 1/{unit:,}, and above 0"
            document.fault(item, told.replace("1/1,", "1,"), whole=True)
            continue
        found[currency] = int(minor)
    if node is not None and not document.entries(node):
        document.fault(node, "no currency is named: {EUR: 150} releases up to 150 euros")
    return found


def _daily(
    document: Document, node: yaml.Node | None, declared: tuple[Declaration, ...], complete: bool
) -> dict[str, int]:
    """The most by feature."""
    found: dict[str, int] = {}
    by_name = {one.name: one for one in declared}
    for name, (place, item) in document.entries(node).items():
        one = by_name.get(name)
        if one is None and complete:
            hint = did_you_mean(name, list(by_name)) or f": {_BOUND}"
            document.fault(place, f"no declared feature is called {name}{hint}", whole=True)
        elif one is not None and not bounds(one):
            document.fault(place, f"{name} doesn't bound what a day brings: {_BOUND}", whole=True)
        most = document.integer(item, 1, _MOST)
        if most is not None:
            found[name] = most
    if node is not None and not document.entries(node):
        document.fault(node, f"no feature is named: {_BOUND}")
    return found


def bounds(one: Declaration) -> bool:
    """Whether a limit on a feature is one on all that is released of a user in a day.

    Its window holds all payments of the user since 24 hours before: at the last one of a day that
    is released also those that were released before it.
    """
    return (
        one.span == "window"
        and one.window >= DAY
        and one.where is None
        and one.key in (("user_id",), ("user_id", "currency"), ("currency", "user_id"))
        and (one.value == "count" or (one.value, one.of) == ("sum", "amount"))
    )


def run_release_cases(ruleset: Ruleset) -> Iterator[tuple[Case, bool]]:
    """The tests of a ruleset's control group, each with whether that may release its payment.

    Whether one of those that it may release is drawn follows from the payment's ids.
    """
    if ruleset.release is None:
        return
    for one in ruleset.release_tests:
        own = situation(one.given, one.without, ruleset.attributes, ruleset.features)
        yield one, ruleset.release.word(*own).propensity > 0
