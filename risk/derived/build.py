"""Writes what repeats the catalogue of features: `make generate`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from risk.engine.features.catalogue import CATALOGUE, MOST, Feature
from risk.paths import ROOT

SCHEMA: Final = ROOT / "schemas" / "score.json"
MAPPING: Final = ROOT / "sinks" / "elasticsearch" / "template.json"
PAGE: Final = ROOT / "docs" / "rules.md"

_JSON: Final[dict[str, dict[str, Any]]] = {
    "int": {"type": "integer", "minimum": 0, "maximum": MOST},
    "float": {"type": "number", "minimum": 0},
    "bool": {"type": "boolean"},
}
_ELASTIC: Final = {"int": "long", "float": "double", "bool": "boolean"}
_WORDS: Final = {"int": "whole number", "float": "fraction", "bool": "true or false"}

Features = Iterable[Feature]


def files(features: Features = CATALOGUE) -> dict[Path, str]:
    """Each file, and its text with these features in it."""
    features = tuple(features)
    return {
        SCHEMA: schema(SCHEMA.read_text("utf-8"), features),
        MAPPING: mapping(MAPPING.read_text("utf-8"), features),
        PAGE: page(PAGE.read_text("utf-8"), features),
    }


# A feature that a ruleset declares, under its own name.
DECLARED: Final = {"type": ["number", "boolean"]}


def schema(text: str, features: Features) -> str:
    """The schema of a score."""
    found = json.loads(text)
    part = found["$defs"]["features"]
    part["properties"] = {f.name: {"description": f.meaning, **_JSON[f.type]} for f in features}
    part["required"] = list(part["properties"])
    part["additionalProperties"] = DECLARED
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def mapping(text: str, features: Features) -> str:
    """Elasticsearch's index template. A line a field, as the rest of it is written."""
    begin = (
        '            "features": {\n              "dynamic": true,\n              "properties": {\n'
    )
    lines = [
        f'                "{f.name}": {json.dumps({"type": _ELASTIC[f.type]})}' for f in features
    ]
    return _between(text, begin, "\n              }\n", ",\n".join(lines))


def page(text: str, features: Features) -> str:
    """The page for authors of rules."""
    head = "| name | type | meaning | first payment |\n|---|---|---|---|\n"
    rows = [f"| `{f.name}` | {_WORDS[f.type]} | {f.meaning} | {_shown(f)} |\n" for f in features]
    begin = "<!-- features: written by `make generate` -->\n"
    return _between(text, begin, "<!-- /features -->", head + "".join(rows))


def _shown(feature: Feature) -> str:
    first = feature.first
    return str(first).lower() if isinstance(first, bool) else f"{first:g}"


def _between(text: str, begin: str, end: str, new: str) -> str:
    """The text with other words between two marks, each of which has to be there."""
    head, mark, rest = text.partition(begin)
    _, other, tail = rest.partition(end)
    if not mark or not other:
        raise ValueError(f"nothing stands between {begin!r} and {end!r}")
    return head + begin + new + end + tail


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
