"""The description of the API in OpenAPI 3.1, from the table of its calls and `schemas/`."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec

from risk.console.api import body
from risk.console.api.call import Call, Parameter
from risk.console.api.problem import KINDS, MEDIA_TYPE
from risk.console.api.shapes import SHAPES
from risk.console.api.table import CALLS
from risk.paths import ROOT

VERSION: Final = "1.0.0"  # of the API
EVERY: Final = ("internal",)  # of any request
WITH_KEY: Final = ("unauthorized", "forbidden", "rate_limited", "keys_unavailable")


@cache
def document() -> bytes:
    """The description, as JSON."""
    return msgspec.json.format(msgspec.json.encode(described()))


def described() -> dict[str, Any]:
    """The description."""
    paths: dict[str, dict[str, Any]] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    payment = msgspec.json.decode((ROOT / "schemas" / "transaction.json").read_bytes())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Risk scoring",
            "version": VERSION,
            "description": "Payments in, decisions out. Errors are problem+json (RFC 9457).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": {**SHAPES, "payment": payment},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def statuses(call: Call) -> set[int]:
    """Every status that a call may answer with."""
    kinds = (*call.problems, *(WITH_KEY if call.scope else ()))
    return {*call.answers, *(KINDS[kind].status for kind in (*kinds, *EVERY))}


def _operation(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": call.about.partition(". ")[0].partition(": ")[0].rstrip("."),
        "description": call.about,
        "operationId": f"{call.method.lower()}_{'_'.join(call.parts)}".translate(_NAMES),
        "parameters": [
            *(_parameter(name, one, "path") for name, one in call.words.items()),
            *(_parameter(name, one, "query") for name, one in call.query.items()),
        ],
        "responses": _responses(call),
    }
    if call.scope:
        found["security"] = [{"key": [call.scope]}]
    if call.body:
        one = {"$ref": f"#/components/schemas/{call.body.schema}"}
        shape = {"anyOf": [one, {"type": "array", "items": one}]} if call.body.many else one
        content: dict[str, Any] = {body.JSON: {"schema": shape}}
        if call.body.lines:
            content |= {kind: {"schema": {"type": "string"}} for kind in body.LINES}
        found["requestBody"] = {
            "description": call.body.about,
            "required": True,
            "content": content,
        }
    return found


_NAMES: Final = str.maketrans({"{": "", "}": "", ".": "_"})


def _parameter(name: str, one: Parameter, place: str) -> dict[str, Any]:
    found = {
        "name": name,
        "in": place,
        "required": place == "path",
        "description": one.about,
        "schema": one.schema,
    }
    return found | ({"example": one.example} if one.example else {})


def _responses(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {
        str(status): {
            "description": about,
            "content": {body.JSON: {"schema": {"$ref": f"#/components/schemas/{shape}"}}},
        }
        for status, (shape, about) in call.answers.items()
    }
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/problem"}}}
    for status in sorted(statuses(call)):
        titles = [kind.title for kind in KINDS.values() if kind.status == status]
        if str(status) not in found:
            found[str(status)] = {"description": ". ".join(titles) + ".", "content": problem}
    return found
