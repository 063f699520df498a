"""Dashboards: built from their source, well-formed, and about metrics that there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from risk.config.settings import Flink, Prometheus
from risk.dashboards.grafana.build import DASHBOARDS, FOLDER, files
from tests.promql import ROOT, known, metrics

BOARDS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
PANELS = [
    pytest.param(panel, id=f"{name}/{panel['title']}")
    for name, board in BOARDS.items()
    for panel in board["panels"]
]
UNITS = {"short", "reqps", "s", "ms", "bytes", "percentunit"}  # as Grafana's getValueFormats names


def objects(found: Any) -> Iterator[dict[str, Any]]:
    """All objects in it."""
    if isinstance(found, dict):
        yield found
    for inner in (
        found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    ):
        yield from objects(inner)


def test_the_files_are_what_their_sources_build() -> None:
    built = files()
    assert {path.name for path in built} == {path.name for path in FOLDER.glob("*.json")}
    for path, text in built.items():
        assert path.read_text("utf-8") == text, "run `make generate`"


def test_each_is_a_dashboard_of_its_own() -> None:
    assert len(BOARDS) == len(DASHBOARDS) == 5
    for name, board in BOARDS.items():
        assert board["uid"] == name
        assert board["schemaVersion"] >= 39
        assert [v["name"] for v in board["templating"]["list"] if v["type"] == "datasource"] == [
            "datasource"
        ]
    assert len({board["title"] for board in BOARDS.values()}) == len(BOARDS)


@pytest.mark.parametrize("name", BOARDS)
def test_panels_lie_side_by_side(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    panels = BOARDS[name]["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24
        cells = {
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_is_whole(panel: dict[str, Any]) -> None:
    assert panel["type"] in ("timeseries", "stat", "table")
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["fieldConfig"]["overrides"] == []
    letters = [target["refId"] for target in panel["targets"]]
    assert letters == list("ABCDEFGH"[: len(letters)])
    assert letters
    for target in panel["targets"]:
        assert target["range"] is not target["instant"]


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_reads_only_known_metrics(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        found = metrics(target["expr"])
        assert found
        assert found <= known(), target["expr"]


def test_the_data_source_can_be_chosen() -> None:
    for board in BOARDS.values():
        named = [found["datasource"] for found in objects(board) if "datasource" in found]
        assert named
        assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in named)


def test_provisioning_leads_to_prometheus_and_to_the_folder() -> None:
    folder = ROOT / "docker" / "grafana" / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text())[
        "datasources"
    ]
    assert source["type"] == "prometheus"
    assert source["url"].endswith(f":{Prometheus().port}")
    scraped = yaml.safe_load((ROOT / "docker" / "prometheus" / "prometheus.yml").read_text())
    assert source["jsonData"]["timeInterval"] == scraped["global"]["scrape_interval"]
    (provider,) = yaml.safe_load((folder / "dashboards" / "risk.yml").read_text())["providers"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    mounts = [volume.split(":") for volume in compose["services"]["grafana"]["volumes"]]
    assert ["./docker/grafana/dashboards", provider["options"]["path"], "ro"] in mounts


def test_compose_scrapes_what_runs_there() -> None:
    scraped = yaml.safe_load((ROOT / "docker" / "prometheus" / "prometheus.yml").read_text())
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    targets = {
        tuple(target.split(":"))
        for job in scraped["scrape_configs"]
        for found in job.get("static_configs", ())
        for target in found["targets"]
    }
    for job in scraped["scrape_configs"]:
        for found in job.get("dns_sd_configs", ()):
            targets |= {(name, str(found["port"])) for name in found["names"]}
    exposed = {
        (name, port)
        for name, service in services.items()
        for port in service.get("expose", ())
        if port != str(Flink().rpc_port)
    }
    assert targets == exposed
    assert {port for _, port in targets} == {
        str(Flink().metrics_port),
        str(Prometheus().exporter_port),
        str(Prometheus().generator_port),
    }
