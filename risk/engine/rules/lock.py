"""`versions.lock`: which content each version of a ruleset and of its rules stands for.

A score names versions, so a version must never mean two things. A line is
`rule <id> <version> <sha256>` or `ruleset <name> <version> <sha256>`; old ones stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from risk.engine.rules.errors import InvalidRuleset, RuleError
from risk.engine.rules.ruleset import Ruleset

FILE: Final = "versions.lock"
_LINE = re.compile(r"(rule|ruleset) ([a-z][a-z0-9_]*) ([1-9][0-9]{0,6}) ([0-9a-f]{64})")

Entries = dict[tuple[str, str, int], str]


class Breach(NamedTuple):
    """What the lock doesn't allow; `mended` if writing the lock anew is all that it takes."""

    message: str
    mended: bool


def read(text: str, file: str = FILE) -> Entries:
    """The entries of a lock file: (kind, name, version) → hash. Raises `InvalidRuleset`."""
    found: Entries = {}
    errors: list[RuleError] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            errors.append(RuleError(file, number, 1, "not a line of a lock", line, len(line)))
            continue
        key = (match[1], match[2], int(match[3]))
        if found.setdefault(key, match[4]) != match[4]:
            errors.append(RuleError(file, number, 1, "one version twice", line, len(line)))
    if errors:
        raise InvalidRuleset(errors)
    return found


def current(ruleset: Ruleset) -> Entries:
    """The entries of a ruleset as it stands."""
    found: Entries = {("ruleset", ruleset.name, ruleset.version): ruleset.fingerprint}
    for rule in ruleset.rules:
        found["rule", rule.id, rule.version] = rule.fingerprint
    return found


def breaches(ruleset: Ruleset, locked: Entries) -> Iterator[Breach]:
    """Where the ruleset and its lock disagree."""
    for (kind, name, version), mark in current(ruleset).items():
        known = locked.get((kind, name, version))
        if known == mark:
            continue
        versions = [key[2] for key in locked if key[:2] == (kind, name)]
        top = max(versions, default=0)
        if known is not None:
            yield Breach(
                f"{kind} {name}: its content changed, its version is still {version}: "
                f"set version: {top + 1}",
                False,
            )
        elif version < top:
            yield Breach(
                f"{kind} {name}: version {version} is below the locked {top}: "
                f"set version: {top + 1}",
                False,
            )
        else:
            yield Breach(f"{kind} {name}: version {version} is not locked yet", True)


def write(ruleset: Ruleset, locked: Entries) -> str:
    """The text of the lock with this ruleset's versions added."""
    entries = {**locked, **current(ruleset)}
    lines = [f"{kind} {name} {version} {mark}" for (kind, name, version), mark in entries.items()]
    lines.sort(key=lambda line: (line.startswith("rule "), line.split()[1], int(line.split()[2])))
    head = (
        "# Written by `risk rules lock`: what each version stands for. Versions are never reused."
    )
    return "\n".join([head, *lines]) + "\n"
