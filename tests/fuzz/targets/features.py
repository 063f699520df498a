"""A file of declared features, compiled, and run by the tests in it."""

from __future__ import annotations

from risk.engine.rules.errors import InvalidRuleset
from risk.paths import ROOT
from tests.fuzz.target import Target, as_file
from tests.fuzz.targets.folders import WORDS
from tests.fuzz.targets.rule import ATTRIBUTES, HEAD
from tests.fuzz.targets.ruleset import check, composed_once

RULE = """\
id: x
version: 1
description: any
points: 10
when: amount > 5
reason: any
tests:
  - {name: a, hit: true, given: {amount: 6}}
  - {name: b, hit: false, given: {amount: 5}}
"""
composed_once(RULE)


def once(data: bytes) -> None:
    """The file `features/x.yaml`."""
    files = {"ruleset.yaml": HEAD, "attributes.yaml": ATTRIBUTES, "x.yaml": RULE}
    check(files | {"features/x.yaml": as_file(data)})


FILES = (
    "docs/examples/catalogue/features/velocity.yaml",
    "docs/examples/catalogue/features/others.yaml",
    "docs/examples/handbook/features/customer.yaml",
    "docs/examples/transfers/features/payee.yaml",
    "docs/examples/sixty_features/features/card.yaml",
)
SEEDS = tuple((ROOT / name).read_bytes() for name in FILES)
TARGET = Target("features", once, (InvalidRuleset,), SEEDS, WORDS, "yaml")
