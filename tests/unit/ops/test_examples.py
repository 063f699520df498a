"""The rulesets that the documents show are sound, and their own tests pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk.engine.features.declared.cases import run_feature_cases
from risk.engine.rules.cases import run_cases
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT

FOLDERS = sorted(path.parent for path in (ROOT / "docs" / "examples").glob("*/ruleset.yaml"))


def test_there_are_examples() -> None:
    assert {folder.name for folder in FOLDERS} == {
        *("catalogue", "handbook", "sixty_features", "transfers"),
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_example_is_sound(folder: Path) -> None:
    ruleset = read_folder(folder)
    failed = [case for case in run_feature_cases(ruleset.feature_tests) if not case.passed]
    failed_rules = [case for case in run_cases(ruleset) if not case.passed]
    assert (failed, failed_rules) == ([], [])
    declared = {one.name for one in ruleset.features}
    assert declared, "an example of features"
