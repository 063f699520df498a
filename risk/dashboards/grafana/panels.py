"""Grafana's panels and dashboards as JSON, by Grafana's published schema (version 39)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Object = dict[str, Any]

SCHEMA = 39
WIDTH = 24  # of the grid
DATASOURCE: Object = {"type": "prometheus", "uid": "${datasource}"}
TAG = "risk"

Kind = Literal["timeseries", "stat", "table"]


@dataclass(frozen=True)
class Panel:
    """One panel. `queries` are (PromQL, legend); `unit` is one of Grafana's.

    `limits` colour a stat: at or above the first it is orange, the second red.
    """

    title: str
    description: str
    queries: Sequence[tuple[str, str]]
    unit: str = "short"
    kind: Kind = "timeseries"
    width: int = 12
    height: int = 8
    stacked: bool = False
    limits: tuple[float, float] | None = None

    def json(self, number: int, x: int, y: int) -> Object:
        """The panel at its place in the grid."""
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "datasource": DATASOURCE,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "fieldConfig": {"defaults": self._defaults(), "overrides": []},
            "options": _OPTIONS[self.kind],
            "targets": [
                self._target(letter, *query)
                for letter, query in zip("ABCDEFGH", self.queries, strict=False)
            ],
            **({"transformations": _TABLE} if self.kind == "table" else {}),
        }

    def _defaults(self) -> Object:
        steps: list[Object] = [{"color": "green", "value": None}]
        for colour, limit in zip(("orange", "red"), self.limits or (), strict=False):
            steps.append({"color": colour, "value": limit})
        found: Object = {
            "unit": self.unit,
            "thresholds": {"mode": "absolute", "steps": steps},
            "color": {"mode": "thresholds" if self.kind == "stat" else "palette-classic"},
        }
        if self.kind == "timeseries":
            found["min"] = 0
            found["custom"] = {
                "drawStyle": "line",
                "lineWidth": 1,
                "fillOpacity": 30 if self.stacked else 5,
                "showPoints": "never",
                "spanNulls": False,
                "stacking": {"mode": "normal" if self.stacked else "none", "group": "A"},
            }
        return found

    def _target(self, letter: str, expression: str, legend: str) -> Object:
        instant = self.kind == "table"
        return {
            "refId": letter,
            "datasource": DATASOURCE,
            "editorMode": "code",
            "expr": expression,
            "legendFormat": legend,
            "range": not instant,
            "instant": instant,
            "format": "table" if instant else "time_series",
        }


_OPTIONS: dict[Kind, Object] = {
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "stat": {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "orientation": "auto",
        "textMode": "auto",
    },
    "table": {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}},
}
_TABLE: list[Object] = [
    {"id": "organize", "options": {"excludeByName": {"Time": True}, "renameByName": {}}},
]


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: its panels stand in rows, from the left, as wide as they say.

    It opens on the time from `since` on, as Grafana writes it.
    """

    uid: str
    title: str
    description: str
    panels: Sequence[Panel]
    since: str = "now-30m"

    def json(self) -> str:
        """The file."""
        found = {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": [TAG],
            "schemaVersion": SCHEMA,
            "version": 1,
            "editable": True,
            "graphTooltip": 1,
            "refresh": "10s",
            "time": {"from": self.since, "to": "now"},
            "timepicker": {},
            "timezone": "browser",
            "templating": {"list": [_VARIABLE]},
            "annotations": {"list": [_ANNOTATIONS]},
            "links": [_LINK],
            "panels": list(self._placed()),
        }
        return json.dumps(found, indent=2) + "\n"

    def _placed(self) -> Iterable[Object]:
        x = y = height = 0
        for number, panel in enumerate(self.panels, 1):
            if x + panel.width > WIDTH:
                x, y, height = 0, y + height, 0
            yield panel.json(number, x, y)
            x += panel.width
            height = max(height, panel.height)


_VARIABLE: Object = {
    "name": "datasource",
    "label": "Data source",
    "type": "datasource",
    "query": "prometheus",
    "regex": "",
    "hide": 0,
    "multi": False,
    "includeAll": False,
    "refresh": 1,
    "options": [],
    "current": {},
}
_ANNOTATIONS: Object = {
    "name": "Alerts",
    "enable": True,
    "iconColor": "red",
    "datasource": DATASOURCE,
    "expr": 'ALERTS{alertname=~"Risk.*", alertstate="firing"}',
    "titleFormat": "{{alertname}}",
    "textFormat": "{{job_name}}{{consumergroup}}{{ruleset}}{{feature}}{{path}}",
    "step": "30s",
}
_LINK: Object = {
    "type": "dashboards",
    "title": "Risk",
    "tags": [TAG],
    "asDropdown": True,
    "includeVars": True,
    "keepTime": True,
    "targetBlank": False,
    "icon": "external link",
    "tooltip": "",
    "url": "",
}
