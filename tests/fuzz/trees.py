"""Trees of JSON or YAML, changed in one place or a few: so inputs stay such that are read to the
end.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from typing import Any, Final

VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 0.5),
    *(-0.0, 1e308, 1e-320, float("inf"), float("nan"), "", " ", "0", "true", "null", "\0", "é"),
    *("\ud800", "\ufeff", "x" * 128, "x" * 129, "a" * 5_000, "9" * 400, [], {}, [[]], {"": {}}),
    *({"a": 1, "b": [1, "2", None]}, "2025-03-01T12:00:00Z", 1_740_830_400_000, "4111111111111111"),
    *("1h", "7d", "0s", "99999999w", "fe80::1", "255.255.255.255", "EUR", "XXX", "de", "DE"),
)


def mutated_tree(tree: Any, draw: random.Random, words: Sequence[str]) -> Any:
    """The same tree but for a few changes."""
    tree = copy.deepcopy(tree)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        tree = _changed(tree, draw, words)
    return tree


def _changed(tree: Any, draw: random.Random, words: Sequence[str]) -> Any:
    places = list(_places(tree))
    if not places:
        return _value(draw, words, tree)
    holder, key = draw.choice(places)
    what = draw.randrange(8)
    if what == 0:
        del holder[key]
    elif what == 1:
        _, other = draw.choice([(h, h[k]) for h, k in places])
        holder[key] = copy.deepcopy(other)
    elif what == 2 and isinstance(holder, dict):
        holder[draw.choice(words) if draw.random() < 0.6 else str(_value(draw, words, key))] = (
            holder.pop(key)
        )
    elif what == 3 and isinstance(holder, dict):
        holder[draw.choice(words)] = _value(draw, words, None)
    elif what == 4 and isinstance(holder, list):
        holder.extend(copy.deepcopy(holder[key]) for _ in range(draw.choice((1, 2, 40))))
    elif what == 5:
        for _ in range(draw.choice((1, 3, 40, 200))):
            holder[key] = {"a": holder[key]} if draw.random() < 0.5 else [holder[key]]
    else:
        holder[key] = _value(draw, words, holder[key])
    return tree


def _places(tree: Any, deep: int = 0) -> list[tuple[Any, Any]]:
    """Every value's holder and key, as far as they aren't too many."""
    if deep > 40:
        return []
    found: list[tuple[Any, Any]] = []
    keys = (
        list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    )
    for key in keys:
        found.append((tree, key))
        found += _places(tree[key], deep + 1)
        if len(found) > 3_000:
            break
    return found


def _value(draw: random.Random, words: Sequence[str], was: Any) -> Any:
    what = draw.randrange(5)
    if what == 0 and isinstance(was, str) and was:
        at = draw.randint(0, len(was))
        return was[:at] + draw.choice(words) + was[at + draw.choice((0, 1, 4)) :]
    if what == 1 and isinstance(was, int | float) and not isinstance(was, bool):
        numbers = (was + 1, was - 1, -was, was * 1_000, was * 10**18)
        # What is too large for it has no float: a whole number grows with each mutation.
        return draw.choice(numbers if abs(was) > 1e300 else (*numbers, float(was)))
    if what == 2:
        return draw.choice(words)
    return copy.deepcopy(draw.choice(VALUES))
