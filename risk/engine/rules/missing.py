"""The fields that a payment of a test lacks: `without: [ip, device_id]`."""

from __future__ import annotations

from collections.abc import Container

import yaml

from risk.engine.rules.document import Document
from risk.engine.rules.errors import did_you_mean
from risk.engine.rules.names import ASKABLE


def missing_fields(
    document: Document, node: yaml.Node | None, given: Container[str]
) -> tuple[str, ...]:
    """The fields that stand there; a fault of each that is `given`, or that no payment lacks."""
    found: list[str] = []
    for item in document.items(node, "a list of fields: [ip, device_id]"):
        field = document.line(item, "a field that a payment may lack")
        if field is not None and field not in ASKABLE:
            hint = did_you_mean(field, ASKABLE)
            document.fault(item, f"no field {field} may be missing{hint}", whole=True)
        elif field in given:
            document.fault(item, f"{field} is given as well", whole=True)
        elif field:
            found.append(field)
    return tuple(found)
