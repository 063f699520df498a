"""Builds the dashboards' files from their sources.

python -m risk.dashboards.grafana.build
"""

from __future__ import annotations

from pathlib import Path

from risk.dashboards.grafana.drift import DRIFT
from risk.dashboards.grafana.flow import FLOW
from risk.dashboards.grafana.overview import OVERVIEW
from risk.dashboards.grafana.rules import RULES
from risk.dashboards.grafana.stores import STORES
from risk.paths import ROOT

FOLDER = ROOT / "docker" / "grafana" / "dashboards"
DASHBOARDS = (OVERVIEW, FLOW, RULES, STORES, DRIFT)


def files() -> dict[Path, str]:
    """Each file and its text."""
    return {FOLDER / f"{dashboard.uid}.json": dashboard.json() for dashboard in DASHBOARDS}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
