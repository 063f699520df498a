"""The catalogue's features of every event, as they are declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from risk.engine.features.built_in import DECLARATIONS
from risk.engine.features.catalogue import NAMES, FeatureValue
from risk.engine.oracle.declared import declared
from risk.engine.oracle.reading import order
from risk.engine.payment.transaction import Transaction

Features = dict[str, FeatureValue]


def features(scored: Sequence[Transaction]) -> Iterator[tuple[Transaction, Features]]:
    """Each scored event with its settled features, under the names of NAMES in their order."""
    found = declared(scored, DECLARATIONS)
    for event in scored:
        own = found[order(event)]
        yield event, {name: own[name] for name in NAMES}
