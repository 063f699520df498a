"""Reads what Kibana is given: which fields it names, and what it will ask of Elasticsearch."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "docker" / "kibana" / "risk.ndjson"
METRICS = {"sum": "sum", "max": "max", "unique_count": "cardinality"}
_TERM = re.compile(r'([\w.@]+) : "([^"]*)"')

Saved = dict[str, Any]


def saved_objects() -> list[Saved]:
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def layers(one: Saved) -> list[Saved]:
    """The layers of a Lens visualization."""
    found: dict[str, Saved] = one["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
    return list(found.values())


def query(kuery: Saved) -> Saved:
    """The part of Kibana's language that is used here, as Elasticsearch is asked it."""
    text = kuery["query"]
    if not text:
        return {"match_all": {}}
    terms = []
    for part in text.split(" and "):
        found = _TERM.fullmatch(part)
        assert found, f"{part}: not of a shape that this reads"
        terms.append({"term": {found[1]: found[2]}})
    return {"bool": {"filter": terms}}


def lens_request(one: Saved) -> Saved:
    """The search that a Lens visualization makes: its buckets, one inside of the other."""
    (layer,) = layers(one)
    columns = [(name, layer["columns"][name]) for name in layer["columnOrder"]]
    metrics = {
        name: {METRICS[column["operationType"]]: {"field": column["sourceField"]}}
        for name, column in columns
        if not column["isBucketed"] and column["operationType"] != "count"
    }
    inner: Saved = metrics
    for name, column in reversed(columns):
        if column["isBucketed"]:
            body: Saved = {_kind(column): _bucket(column, layer["columns"])}
            inner = {name: {**body, "aggs": inner} if inner else body}
    return {"query": query(one["attributes"]["state"]["query"]), "aggs": inner}


def _kind(column: Saved) -> str:
    kind: str = column["operationType"]
    return kind


def _bucket(column: Saved, columns: Saved) -> Saved:
    field = {"field": column["sourceField"]}
    if column["operationType"] == "date_histogram":
        return {**field, "fixed_interval": "12h"}
    params = column["params"]
    order = "_key"
    if params["orderBy"]["type"] == "column":
        by = params["orderBy"]["columnId"]
        order = "_count" if columns[by]["operationType"] == "count" else by
    return {**field, "size": params["size"], "order": {order: params["orderDirection"]}}


def map_requests(one: Saved) -> list[Saved]:
    """The searches of a map's layers, but for the base map."""
    found = []
    for layer in json.loads(one["attributes"]["layerListJSON"]):
        source = layer["sourceDescriptor"]
        if source["type"] != "ES_GEO_GRID":
            continue
        metrics = {
            f"{metric['type']}_of_{metric['field']}": {metric["type"]: {"field": metric["field"]}}
            for metric in source["metrics"]
            if metric["type"] != "count"
        }
        grid = {"geotile_grid": {"field": source["geoField"], "precision": 6}, "aggs": metrics}
        found.append({"query": query(layer["query"]), "aggs": {"cells": grid}})
    return found


def search_request(one: Saved) -> Saved:
    """The search that Discover makes: documents in its order, with its columns."""
    attributes = one["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    return {
        "query": query(source["query"]),
        "sort": [{field: order} for field, order in attributes["sort"]],
        "fields": attributes["columns"],
    }


def control_requests(one: Saved) -> dict[str, Saved]:
    """The searches by which the dashboard's controls list their options, and those preset."""
    controls = json.loads(one["attributes"]["controlGroupInput"]["panelsJSON"])
    found = {}
    for name, control in controls.items():
        field = control["explicitInput"]["fieldName"]
        chosen = control["explicitInput"]["selectedOptions"]
        preset = {"terms": {field: chosen}} if chosen else {"match_all": {}}
        found[name] = {"query": preset, "aggs": {name: {"terms": {"field": field}}}}
    return found


def fields(value: Any) -> set[str]:
    """Every field that an object names, wherever."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return fields(json.loads(value))
        except ValueError:
            return set()
    if isinstance(value, list):
        return set().union(*map(fields, value))
    if isinstance(value, dict):
        named = {
            value[key]
            for key in ("sourceField", "fieldName", "geoField", "timeFieldName")
            if key in value
        }
        named |= {metric["field"] for metric in value.get("metrics", ()) if "field" in metric}
        named |= {column for column in value.get("columns", ()) if "." in column}
        if "language" in value:
            named |= {found[1] for found in _TERM.finditer(value["query"])}
        return named.union(*map(fields, value.values()))
    return set()
