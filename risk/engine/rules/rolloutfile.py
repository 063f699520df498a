"""Challengers of a ruleset's models: `models/rollout.yaml`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import yaml

from risk.engine.models.rollout import WHOLE, Rollout
from risk.engine.rules.document import Document
from risk.engine.rules.errors import did_you_mean
from risk.engine.rules.names import Models
from risk.engine.rules.rulefile import WORD

ROLLOUT: Final = "models/rollout.yaml"
_MOST: Final = WHOLE // 10  # percent
SALT: Final = r"[A-Za-z0-9_.-]{1,64}"
SALT_MEANS: Final = "up to 64 letters, digits, _ - and ., a number in quotes"


def read_rollouts(document: Document, models: Models) -> dict[str, Rollout]:
    """The challengers in a document, which notes its faults. `models` are the ruleset's."""
    found: dict[str, Rollout] = {}
    entries = document.entries(document.root)
    for name, (place, node) in entries.items():
        if wrong := _unknown(name, models):
            document.fault(place, wrong, whole=True)
        keys = document.mapping(node, ("challenger", "share"), ("salt", "shadow"))
        challenger = document.word(keys.get("challenger"), WORD, "the name of a model")
        share = tenths(document, keys.get("share"), _MOST)
        salt = document.word(keys.get("salt"), SALT, SALT_MEANS)
        shadow = _flag(document, keys.get("shadow"))
        if share and "salt" not in keys:
            document.fault(node, "'salt' is missing: which users are in the share follows from it")
        wrong = challenger and _unfit(name, challenger, models, entries)
        if wrong:
            document.fault(keys["challenger"], wrong, whole=True)
        elif challenger and share is not None:
            found[name] = Rollout(challenger, share, salt or "", shadow)
    return found


def _unknown(name: str, models: Models) -> str | None:
    if name in models:
        return None
    hint = did_you_mean(name, list(models)) or f": there is no models/{name}.json"
    return f"no model is called {name}{hint}"


def _unfit(name: str, challenger: str, models: Models, champions: Collection[str]) -> str | None:
    """Why one can't challenge the other, if it can't."""
    if challenger == name:
        return f"{name} can't challenge itself: name another model"
    if wrong := _unknown(challenger, models):
        return wrong
    if challenger in champions:
        return f"{challenger} has a challenger itself: a payment is decided by one of two"
    asked, answers = models.get(name, ""), models[challenger]
    if asked and answers and asked != answers:
        told = f'{challenger} answers {answers}("…"), {name} {asked}("…")'
        return f"{told}: a challenger answers the same question"
    return None


def _flag(document: Document, node: yaml.Node | None) -> bool:
    """True or false; false where nothing is said. 1 is neither, though Python takes it for True."""
    value = document.scalar(node) if node else None
    if value is not None and not isinstance(value, bool):
        document.fault(node, "expected true or false", whole=True)
    return value is True


def tenths(document: Document, node: yaml.Node | None, most: int) -> int | None:
    """A share in tenths of a percent, up to so many percent."""
    value = document.scalar(node) if node else None
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
        found = round(value * 10)
        if found / 10 == value:
            return found
    wrong = f"expected a share from 0 to {most} percent, in tenths at most, such as 10 or 0.5"
    document.fault(node, wrong, whole=True)
    return None
