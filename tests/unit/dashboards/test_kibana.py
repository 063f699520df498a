"""What Kibana is given: whole, built from its source, and about fields that there are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from risk.config.settings import Settings
from risk.dashboards.kibana.build import PANELS, ndjson
from risk.dashboards.kibana.parts import PATTERN, RECORDS
from sinks.elasticsearch.document import document
from sinks.elasticsearch.mapping import template
from tests.contract.messages import score
from tests.kibana import FILE, fields, layers, saved_objects

OBJECTS = saved_objects()
BY_KEY = {(one["type"], one["id"]): one for one in OBJECTS}
AGGREGATABLE = {"keyword", "ip", "date", "integer", "long", "float", "double", "boolean"}


def mapping() -> dict[str, str]:
    """Each field's type."""

    def flat(path: str, properties: dict[str, Any]) -> dict[str, str]:
        found = {}
        for name, one in properties.items():
            if "type" in one:
                found[path + name] = one["type"]
            found |= flat(f"{path}{name}.", one.get("properties", {}))
        return found

    return flat("", template()["template"]["mappings"]["properties"])


def test_the_file_is_what_its_source_builds() -> None:
    built = ndjson()
    assert FILE.read_text(encoding="utf-8") == built, "run `make generate`"


def test_it_covers_the_indices_that_are_written() -> None:
    (view,) = [one for one in OBJECTS if one["type"] == "index-pattern"]
    assert view["attributes"]["title"] == PATTERN == f"{Settings().elasticsearch.index_prefix}-*"
    assert "-".join(PATTERN.split("-")[:-1]) == Settings().elasticsearch.index_prefix


def test_every_reference_leads_to_an_object_that_comes_before() -> None:
    seen: set[tuple[str, str]] = set()
    for one in OBJECTS:
        for reference in one["references"]:
            assert (reference["type"], reference["id"]) in seen, (one["id"], reference)
        names = [reference["name"] for reference in one["references"]]
        assert len(names) == len(set(names))
        seen.add((one["type"], one["id"]))
    assert len(seen) == len(OBJECTS)


def test_every_reference_that_is_named_is_there() -> None:
    for one in OBJECTS:
        names = {
            reference["name"].partition(":")[2] or reference["name"]
            for reference in one["references"]
        }
        text = json.dumps(one["attributes"])
        for key in ("indexRefName", "panelRefName", "indexPatternRefName"):
            for part in text.replace('\\"', '"').split(f'"{key}":')[1:]:
                assert part.strip().split('"')[1] in names, (one["id"], part[:60])
        if one["type"] == "lens":
            wanted = {
                f"indexpattern-datasource-layer-{name}"
                for name in one["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
            }
            assert {reference["name"] for reference in one["references"]} == wanted


def test_every_field_is_mapped() -> None:
    types = mapping()
    for one in OBJECTS:
        for field in fields(one["attributes"]) - {RECORDS}:
            assert field in types, f"{one['id']}: no field {field}"


def test_fields_are_of_a_kind_that_can_be_counted() -> None:
    types = mapping()
    for one in OBJECTS:
        if one["type"] != "lens":
            continue
        for column in layers(one)[0]["columns"].values():
            field = column["sourceField"]
            if field == RECORDS:
                continue
            assert types[field] in AGGREGATABLE
            if column["operationType"] in ("sum", "max"):
                assert types[field] in ("integer", "long", "float", "double")
            if column["operationType"] == "date_histogram":
                assert types[field] == "date"
            assert (column["dataType"] == "ip") == (types[field] == "ip")


def test_the_columns_of_a_visualization_are_its_layers() -> None:
    for one in OBJECTS:
        if one["type"] != "lens":
            continue
        (layer,) = layers(one)
        assert layer["columnOrder"] == list(layer["columns"])
        shown = json.dumps(one["attributes"]["state"]["visualization"])
        for name in layer["columns"]:
            assert f'"{name}"' in shown, (one["id"], name)
        for column in layer["columns"].values():
            order = column["params"].get("orderBy", {}).get("columnId")
            assert order is None or order in layer["columns"]


def test_panels_fill_the_grid_without_a_collision() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        cells = {
            (x, y)
            for x in range(panel.x, panel.x + panel.width)
            for y in range(panel.y, panel.y + panel.height)
        }
        assert not cells & taken, panel.id
        assert max(x for x, _ in cells) < 48
        taken |= cells
    assert len(taken) == 48 * (max(y for _, y in taken) + 1)


@pytest.mark.parametrize("decision", ["ALLOW", "REVIEW", "BLOCK"])
def test_flagged_is_what_the_writer_calls_an_alert(decision: str) -> None:
    points = {"ALLOW": 0, "REVIEW": 45, "BLOCK": 80}[decision]
    written = document(score("e1", points=points))
    assert (written["event"]["kind"] == "alert") == (decision != "ALLOW")
