"""A ruleset's folder: its files, those of the one that it extends, and its rules on a payment."""

from __future__ import annotations

from functools import cache

import yaml

from risk.config import strict_yaml
from risk.engine.features.feature_set import FeatureSet
from risk.engine.rules import document
from risk.engine.rules.cases import run_cases
from risk.engine.rules.controlfile import run_release_cases
from risk.engine.rules.errors import InvalidRuleset
from risk.engine.rules.extends import whole
from risk.engine.rules.loader import load
from risk.engine.rules.lock import current
from risk.paths import ROOT
from tests.fuzz.target import Target, as_file, parts
from tests.fuzz.targets.folders import WORDS, folder

MOST_TOLD = 500_000  # characters of all that is wrong with an input of 20,000 bytes


@cache
def parent() -> dict[str, str]:
    """The files that a ruleset may extend."""
    base = ROOT / "rules/default"
    found = {str(p.relative_to(base)): p.read_text() for p in sorted(base.rglob("*.yaml"))}
    composed_once(*found.values())
    return found


_composed: dict[str, yaml.Node | None] = {}


def composed_once(*texts: str) -> None:
    """Compose these texts but once: those of a target that are the same for each input.

    PyYAML would take most of the time for them.
    """
    _composed.update((text, strict_yaml.compose(text)) for text in texts)


def _compose(text: str) -> yaml.Node | None:
    return _composed[text] if text in _composed else strict_yaml.compose(text)


setattr(document, "compose", _compose)  # noqa: B010


def check(files: dict[str, str]) -> None:
    """Load these files as `risk rules check` does, and run their own tests."""
    try:
        found = whole(files, "", lambda name: parent() if name == "default" else None)
        ruleset = load(found.files, "", found.places, found.faults)
    except InvalidRuleset as invalid:
        assert invalid.errors
        assert len(str(invalid)) < MOST_TOLD, "more is told than anybody reads"
        str(invalid).encode()
        raise
    list(run_cases(ruleset))
    list(run_release_cases(ruleset))
    current(ruleset)
    FeatureSet.of([ruleset])


def once(data: bytes) -> None:
    """The files of an input, the first of which is ruleset.yaml unless it says so itself."""
    check({name: as_file(text) for name, text in parts(data, "ruleset.yaml").items()})


SEEDS = (
    folder("rules/strict", ("ruleset.yaml", "high_amount.yaml")),
    folder("rules/default", ("ruleset.yaml", "card_testing.yaml", "high_risk_country.yaml",
                             "lists/high_risk_countries.yaml")),
    folder("docs/examples/transfers", ("ruleset.yaml", "attributes.yaml", "mule_account.yaml",
                                       "features/payee.yaml")),
)  # fmt: skip
TARGET = Target("ruleset", once, (InvalidRuleset,), SEEDS, WORDS, "yaml")
