"""Builds the dashboards' files from their sources.

python -m docker.grafana.build
"""

from __future__ import annotations

from pathlib import Path

from docker.grafana.flow import FLOW
from docker.grafana.overview import OVERVIEW
from docker.grafana.rules import RULES
from docker.grafana.stores import STORES

FOLDER = Path(__file__).parent / "dashboards"
DASHBOARDS = (OVERVIEW, FLOW, RULES, STORES)


def files() -> dict[Path, str]:
    """Each file and its text."""
    return {FOLDER / f"{dashboard.uid}.json": dashboard.json() for dashboard in DASHBOARDS}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
