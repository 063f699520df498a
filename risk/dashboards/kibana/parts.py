"""The parts that Kibana's saved objects are made of.

The versions are those of the state's shape; Kibana brings older ones up to date when it imports
them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

VIEW = "risk-scores"
PATTERN = "risk-scores-*"
TIME = "@timestamp"
FLAGGED = 'event.kind : "alert"'
LAYER = "scores"
RECORDS = "___records___"
VERSIONS = {
    "index-pattern": "8.0.0",
    "search": "8.0.0",
    "lens": "8.9.0",
    "map": "8.4.0",
    "dashboard": "8.9.0",
}
Object = dict[str, Any]


def lens(
    name: str,
    title: str,
    kind: str,
    columns: Object,
    visualization: Object,
    query: str,
) -> Object:
    """A Lens visualization of one layer."""
    state = {
        "datasourceStates": {
            "formBased": {
                "layers": {
                    LAYER: {
                        "columnOrder": list(columns),
                        "columns": columns,
                        "incompleteColumns": {},
                        "sampling": 1,
                    }
                }
            }
        },
        "visualization": visualization,
        "query": kuery(query),
        "filters": [],
        "internalReferences": [],
        "adHocDataViews": {},
    }
    return saved(
        "lens",
        name,
        {"title": title, "description": "", "visualizationType": kind, "state": state},
        [("index-pattern", VIEW, f"indexpattern-datasource-layer-{LAYER}")],
    )


def column(
    operation: str, field: str, label: str, kind: str = "number", bucketed: bool = False
) -> Object:
    """A column of a Lens layer."""
    return {
        "operationType": operation,
        "sourceField": field,
        "label": label,
        "customLabel": True,
        "dataType": kind,
        "isBucketed": bucketed,
        "scale": {"date": "interval", "number": "ratio"}.get(kind, "ordinal"),
        "params": {} if bucketed else {"emptyAsNull": True},
    }


def count(label: str) -> Object:
    """How many documents."""
    return column("count", RECORDS, label)


def terms(field: str, label: str, size: int, by: str | None) -> Object:
    """The field's most frequent values, or the largest in column `by`."""
    order = (
        {"type": "column", "columnId": by} if by else {"type": "alphabetical", "fallback": False}
    )
    kind = "ip" if field.endswith(".ip") else "string"
    return {
        **column("terms", field, label, kind, bucketed=True),
        "params": {
            "size": size,
            "orderBy": order,
            "orderDirection": "desc" if by else "asc",
            "otherBucket": False,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
        },
    }


def kuery(query: str) -> Object:
    """A query in Kibana's language."""
    return {"language": "kuery", "query": query}


def saved(
    kind: str, name: str, attributes: Object, references: Sequence[tuple[str, str, str]] = ()
) -> Object:
    """A saved object; references are (type, id, name)."""
    return {
        "type": kind,
        "id": name,
        "attributes": attributes,
        "references": [{"type": t, "id": i, "name": n} for t, i, n in references],
        "coreMigrationVersion": "8.8.0",
        "typeMigrationVersion": VERSIONS[kind],
    }


def text(value: object) -> str:
    """State as Kibana keeps it: JSON in a string."""
    return json.dumps(value, separators=(",", ":"))
