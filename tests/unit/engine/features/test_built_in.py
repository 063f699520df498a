"""The catalogue's features are declarations as rulesets have them."""

from __future__ import annotations

from typing import Final

import pytest

from risk.engine.features.built_in import DECLARATIONS
from risk.engine.features.catalogue import DEVICE, IP, NAMES, USER
from risk.engine.features.feature_set import FeatureSet
from risk.engine.features.kinds import KINDS
from risk.engine.rules.check import check
from risk.engine.rules.declaration import Declaration, stage_key
from risk.engine.rules.names import DERIVED, FIELDS
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT

# The same, in the files of a ruleset, with tests.
EXAMPLE: Final = read_folder(ROOT / "docs" / "examples" / "catalogue")
KINDS_OF: Final = {**FIELDS, **{name: kind for name, (kind, _) in DERIVED.items()}}


@pytest.mark.parametrize("one", EXAMPLE.features, ids=lambda one: one.name)
def test_an_example_that_has_tests_is_what_the_catalogue_declares(one: Declaration) -> None:
    (own,) = [each for each in DECLARATIONS if f"{each.name}_declared" == one.name]
    assert own.content == one.content
    assert own.about == one.about


def test_no_other_feature_has_the_slot_of_one_of_the_catalogue() -> None:
    assert tuple(one.slot for one in DECLARATIONS) == NAMES
    assert not {one.slot for one in EXAMPLE.features} & set(NAMES)


@pytest.mark.parametrize("one", DECLARATIONS, ids=lambda one: one.name)
def test_a_declaration_could_stand_in_a_file(one: Declaration) -> None:
    """What the reader of files would have refused."""
    assert one.span in KINDS[one.value].spans
    assert bool(one.of) == (KINDS[one.value].needs != "nothing")
    assert one.where is None or not check(one.where, {}, KINDS_OF)


def test_features_stand_in_the_order_in_which_stages_add_them() -> None:
    """Those of a stage together; of a stage those of windows first, from the shortest on."""
    order: list[tuple[str, ...]] = [USER, IP, DEVICE]
    places = [order.index(stage_key(one)) for one in DECLARATIONS]
    assert places == sorted(places)
    assert FeatureSet().names == NAMES
