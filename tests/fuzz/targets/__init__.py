"""What is fuzzed: a file each, named in `NAMES`."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from tests.fuzz.target import Target

NAMES: Final = (
    *("payment", "scoring", "rejected", "cards"),
    *("rule", "expression", "ruleset", "features", "model"),
    *("settings", "outbox", "commands"),
    *("score", "alert", "feedback", "control", "letter"),
    *("api", "address", "audit", "imports", "tables"),
)


def target(name: str) -> Target:
    """The target of that name."""
    found: Target = import_module(f"tests.fuzz.targets.{name}").TARGET
    assert found.name == name
    return found
