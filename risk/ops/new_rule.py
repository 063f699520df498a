"""A new rule's file, to be filled in: valid as it is, and harmless."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from risk.engine.rules import InvalidRuleset
from risk.engine.rules.controlfile import CONTROL
from risk.engine.rules.declared import FILE as ATTRIBUTES
from risk.engine.rules.head import HEAD
from risk.engine.rules.rulefile import WORD
from risk.errors import UserError
from risk.ops.ruleset_folder import read_whole, shown

RESERVED: Final = (HEAD, ATTRIBUTES, CONTROL)
TEMPLATE: Final = """\
id: {name}
version: 1
# For people: what fraud this finds.
description: Payments of more than 10,000.
# A hit adds so many to the score, 1 to 100. With 1 it decides next to nothing: raise it when the
# condition is right.
points: 1
# True or false. docs/rules.md lists what can be used here, and how.
when: amount_major > 10_000
# What an investigator reads. A name in braces is filled in.
reason: "{{amount_major:.2}} {{currency}} at once"
# At least one hit and one miss, best just on both sides of the limit. What isn't given is as in a
# user's first payment; amounts are in minor units.
tests:
  - name: a cent more
    hit: true
    given: {{amount: 1000001}}
  - name: just 10,000
    hit: false
    given: {{amount: 1000000}}
"""


def create(folder: Path, name: str) -> Path:
    """Write the file of a rule of that name to a ruleset's folder. Raises `UserError`."""
    if not re.fullmatch(WORD, name):
        raise UserError(
            f"{name}: a rule's name begins with a small letter, and has only small letters, digits "
            "and _ behind it, 63 in all"
        )
    path = folder / f"{name}.yaml"
    if path.name in RESERVED and not path.exists():
        raise UserError(f"{name}: {path.name} is another file of a ruleset: choose another name")
    if taken := _taken(folder, path.name):
        raise UserError(
            f"the ruleset has a rule {name} already, from {taken}: copy that file to {shown(path)} "
            "to change it"
        )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.format(name=name))
    except FileExistsError:
        raise UserError(f"{shown(path)} is there already: choose another name") from None
    except OSError as error:
        raise UserError(f"{shown(path)}: {error.strerror}") from None
    return path


def _taken(folder: Path, file: str) -> str | None:
    """The file of another ruleset that this one has such a rule from, if it has."""
    try:
        place = read_whole(folder).places.get(file)
    except InvalidRuleset:  # of other rules, which `risk rules check` tells
        return None
    return None if place == shown(folder.resolve() / file) else place
