"""Two rulesets' decisions side by side, from Postgres."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from risk.config.settings import Settings
from risk.registry.pairs import Key, compare
from sinks.postgres import create
from tests.contract.messages import score

pytestmark = pytest.mark.stack

A, B = Key("a", 1), Key("b", 1)


def test_late_decisions_are_compared_as_what_they_are(migrated: Settings) -> None:
    sink = create(migrated)
    sink.open()
    sink.write(
        [
            *(score(name, ruleset=one) for name in ("e-1", "e-2") for one in (A, B)),
            *(score("e-3", ruleset=one, late=True) for one in (A, B)),
            score("e-4", ruleset=A, late=True),
            score("e-4", ruleset=B),
            score("e-5", ruleset=A, late=True),
        ]
    )
    sink.close()
    flips: list[dict[str, Any]] = []
    counts = compare(migrated, A, B, [], flips.append).counts
    assert (counts["events"], counts["a_events"], counts["b_events"]) == (4, 5, 4)
    # Of the same features, but one rule may have seen that it was late.
    assert counts["other_features"] == 1
    assert flips == []


def test_features_that_are_not_the_same_thing_are_told_apart(migrated: Settings) -> None:
    sink = create(migrated)
    sink.open()
    other = score("e-1", ruleset=B)
    features = {**other.features, "merchant_sum": 7}
    sink.write([score("e-1", ruleset=A), msgspec.structs.replace(other, features=features)])
    sink.close()
    counts = compare(migrated, A, B, [], lambda row: None).counts
    assert counts["other_features"] == 1
    apart = compare(migrated, A, B, [], lambda row: None, ["merchant_sum"]).counts
    assert apart["other_features"] == 0
