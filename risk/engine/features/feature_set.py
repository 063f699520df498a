"""All features that a job computes: the catalogue's, and those that its rulesets declare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from risk.engine.features.built_in import DECLARATIONS, built_in_code
from risk.engine.features.catalogue import DEVICE, IP, USER, FeatureValue
from risk.engine.features.declared.compiler import compile_key
from risk.engine.features.declared.keycode import KeyCode, Remembered
from risk.engine.features.named import Features, features_type, named
from risk.engine.rules.declaration import Declaration, keys_of
from risk.engine.rules.ruleset import Ruleset


class FeatureSet:
    """Features by their slots: the catalogue's names, then each declaration's own. `user`, `ip` and
    `device` are what the catalogue's were compiled to, `keys` what the others were.

    Two rulesets may declare other features under one name: slots tell them apart by what they are,
    and the same feature of both is computed once. `first` are values of slots where nothing is
    known, in the order in which stages add them; `make` makes features of values in that order.
    """

    def __init__(self, declarations: Iterable[Declaration] = ()) -> None:
        by_slot = {one.slot: one for one in sorted(declarations, key=lambda one: one.slot)}
        by_key = keys_of(by_slot.values())
        self.of_verdicts: Final = tuple(one for one in by_slot.values() if one.of_verdicts)
        # What is remembered of a payment, once for all stages.
        self.remembered: Final = Remembered.of(
            (*DECLARATIONS, *(one for one in by_slot.values() if not one.of_verdicts))
        )
        self.user: Final = built_in_code(USER, self.remembered)
        self.ip: Final = built_in_code(IP, self.remembered)
        self.device: Final = built_in_code(DEVICE, self.remembered)
        self.keys: Final[tuple[KeyCode, ...]] = tuple(
            compile_key(found, None if key.of_verdicts else self.remembered)
            for key, found in sorted(by_key.items())
        )
        codes = (self.user, self.ip, self.device, *self.keys)
        features = [feature for code in codes for feature in code.features]
        self.names: Final = tuple(feature.slot for feature in features)
        self.first: Final[dict[str, FeatureValue]] = {one.slot: one.first for one in features}
        self.make: Callable[..., Features] = named
        if self.keys:
            self.make = features_type((one.slot, one.type) for one in features)

    @staticmethod
    def of(rulesets: Iterable[Ruleset]) -> FeatureSet:
        """All that these read."""
        return FeatureSet(one for ruleset in rulesets for one in ruleset.features)


BUILT_IN: Final = FeatureSet()
