"""Builds risk.ndjson, what Kibana is given to import: data view, audit search, dashboard.

    python -m risk.dashboards.kibana.build > docker/kibana/risk.ndjson

Kibana keeps most of an object's state as JSON inside of a string, which nobody can read or review:
this is its source.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import NamedTuple

from risk.dashboards.kibana.parts import (
    FLAGGED,
    LAYER,
    PATTERN,
    TIME,
    VERSIONS,
    VIEW,
    Object,
    column,
    count,
    kuery,
    lens,
    saved,
    terms,
    text,
)
from risk.dashboards.kibana.places import places

AUDIT_COLUMNS = (
    *("event.id", "user.id", "risk.decision", "risk.score", "rule.name", "source.ip", "device.id"),
    *("risk.transaction.amount", "risk.transaction.currency", "source.geo.country_iso_code"),
    *("rule.ruleset", "rule.version", "risk.kind", "risk.revision"),
)
# Several rulesets may have scored an event: the live one is chosen at first, so it counts once.
CONTROLS = (
    ("kind", "risk.kind", ("live",)),
    ("ruleset", "rule.ruleset", ()),
    ("decision", "risk.decision", ()),
    ("rule", "rule.name", ()),
)


class Panel(NamedTuple):
    """An object on the dashboard's grid of 48 columns."""

    id: str
    type: str
    x: int
    y: int
    width: int
    height: int

    @property
    def grid(self) -> Object:
        """Its place, as Kibana names it."""
        return {"i": self.id, "x": self.x, "y": self.y, "w": self.width, "h": self.height}


PANELS = (
    Panel("risk-decisions", "lens", 0, 0, 48, 11),
    Panel("risk-top-rules", "lens", 0, 11, 24, 15),
    Panel("risk-map", "map", 24, 11, 24, 15),
    Panel("risk-top-users", "lens", 0, 26, 24, 14),
    Panel("risk-top-ips", "lens", 24, 26, 24, 14),
    Panel("risk-audit", "search", 0, 40, 48, 20),
)


def objects() -> Iterator[Object]:
    """The saved objects, those that others refer to first."""
    yield saved(
        "index-pattern",
        VIEW,
        {"title": PATTERN, "name": "Risk scores", "timeFieldName": TIME, "fields": "[]"},
    )
    yield audit()
    yield decisions()
    yield table(
        "risk-top-rules", "Top rules", ("rule.name", "rule"), 15, users="users", order="events"
    )
    yield table("risk-top-users", "Top users", ("user.id", "user"), 10, order="points")
    yield table("risk-top-ips", "Top IPs", ("source.ip", "IP"), 10, users="users", order="points")
    yield places()
    yield dashboard()


def audit() -> Object:
    """Discover, with the columns that an auditor reads."""
    return saved(
        "search",
        "risk-audit",
        {
            "title": "Audit",
            "description": "Every score, the latest event first.",
            "columns": list(AUDIT_COLUMNS),
            "sort": [[TIME, "desc"]],
            "grid": {},
            "hideChart": False,
            "isTextBasedQuery": False,
            "timeRestore": False,
            "kibanaSavedObjectMeta": {
                "searchSourceJSON": text(
                    {
                        "query": kuery(""),
                        "filter": [],
                        "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index",
                    }
                )
            },
        },
        [("index-pattern", VIEW, "kibanaSavedObjectMeta.searchSourceJSON.index")],
    )


def decisions() -> Object:
    """How many events were allowed, reviewed and blocked, over time."""
    columns = {
        "time": {
            **column("date_histogram", TIME, "event time", "date", bucketed=True),
            "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
        },
        "decision": terms("risk.decision", "decision", 3, by=None),
        "events": count("events"),
    }
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": "bar_stacked",
        "xAccessor": "time",
        "splitAccessor": "decision",
        "accessors": ["events"],
        "palette": {"type": "palette", "name": "status"},
    }
    visualization = {
        "preferredSeriesType": "bar_stacked",
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "layers": [layer],
    }
    return lens("risk-decisions", "Decisions over time", "lnsXY", columns, visualization, "")


def table(
    name: str,
    title: str,
    key: tuple[str, str],
    size: int,
    *,
    order: str,
    users: str | None = None,
) -> Object:
    """Flagged events by a field: how many, the points they add up to, the highest score."""
    field, label = key
    metrics = {
        "events": count("flagged events"),
        "points": column("sum", "risk.score", "points"),
        "highest": column("max", "risk.score", "highest score"),
    }
    if users:
        metrics[users] = column("unique_count", "user.id", users)
    columns = {"key": terms(field, label, size, by=order), **metrics}
    visualization = {
        "layerId": LAYER,
        "layerType": "data",
        "columns": [{"columnId": one, "isTransposed": False} for one in columns],
        "sorting": {"columnId": order, "direction": "desc"},
    }
    return lens(name, title, "lnsDatatable", columns, visualization, FLAGGED)


def dashboard() -> Object:
    """All of it, over the last day, again every ten seconds."""
    panels = [
        {
            "type": panel.type,
            "panelIndex": panel.id,
            "panelRefName": f"panel_{panel.id}",
            "version": VERSIONS["dashboard"],
            "embeddableConfig": {"enhancements": {}},
            "gridData": panel.grid,
        }
        for panel in PANELS
    ]
    controls = {
        name: {
            "type": "optionsListControl",
            "order": order,
            "width": "medium",
            "grow": True,
            "explicitInput": {
                "id": name,
                "title": name,
                "fieldName": field,
                "selectedOptions": list(chosen),
                "enhancements": {},
            },
        }
        for order, (name, field, chosen) in enumerate(CONTROLS)
    }
    ignore = ("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations")
    references = [(panel.type, panel.id, f"{panel.id}:panel_{panel.id}") for panel in PANELS]
    references += [
        ("index-pattern", VIEW, f"controlGroup_{name}:optionsListDataView") for name in controls
    ]
    return saved(
        "dashboard",
        "risk-dashboard",
        {
            "title": "Risk",
            "description": "Decisions, the rules behind them, and whom and where they hit.",
            "hits": 0,
            "version": 1,
            "timeRestore": True,
            "timeFrom": "now-24h",
            "timeTo": "now",
            "refreshInterval": {"pause": False, "value": 10_000},
            "optionsJSON": text({"useMargins": True, "syncColors": True, "hidePanelTitles": False}),
            "panelsJSON": text(panels),
            "controlGroupInput": {
                "controlStyle": "oneLine",
                "chainingSystem": "HIERARCHICAL",
                "panelsJSON": text(controls),
                "ignoreParentSettingsJSON": text(dict.fromkeys(ignore, False)),
            },
            "kibanaSavedObjectMeta": {"searchSourceJSON": text({"query": kuery(""), "filter": []})},
        },
        references,
    )


def ndjson() -> str:
    """The file: an object a line."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects())


if __name__ == "__main__":
    sys.stdout.write(ndjson())
