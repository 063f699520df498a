"""One rule's file in a ruleset that is right."""

from __future__ import annotations

from risk.engine.rules.errors import InvalidRuleset
from risk.paths import ROOT
from tests.fuzz.target import Target, as_file
from tests.fuzz.targets.folders import WORDS
from tests.fuzz.targets.ruleset import check, composed_once

HEAD = """\
name: fuzzed
version: 1
description: for one rule
thresholds: {review: 50, block: 80}
lists: {places: [DE, FR], nets: [192.0.2.0/24], codes: [742, 5411]}
"""
ATTRIBUTES = "a_int: {type: int, about: x}\na_str: {type: str, about: y}\n"
composed_once(HEAD, ATTRIBUTES)


def once(data: bytes) -> None:
    """The file of a rule called `x`."""
    check({"ruleset.yaml": HEAD, "attributes.yaml": ATTRIBUTES, "x.yaml": as_file(data)})


def _renamed(name: str) -> bytes:
    text = (ROOT / f"rules/default/{name}.yaml").read_text()
    return text.replace(f"id: {name}", "id: x").encode()


SEEDS = tuple(
    _renamed(one)
    for one in ("card_testing", "impossible_travel", "night_spending", "round_amounts", "ip_burst")
)
TARGET = Target("rule", once, (InvalidRuleset,), SEEDS, WORDS, "yaml")
