"""The map of flagged events."""

from __future__ import annotations

from typing import Any

from risk.dashboards.kibana.parts import FLAGGED, VIEW, Object, kuery, saved, text


def places() -> Object:
    """Where flagged events come from: a grid, each cell as large as its events are many."""
    source = {
        "type": "ES_GEO_GRID",
        "id": "risk-map-source",
        "indexPatternRefName": "layer_1_source_index_pattern",
        "geoField": "source.geo.location",
        "requestType": "point",
        "resolution": "FINE",
        "metrics": [{"type": "count"}, {"type": "max", "field": "risk.score"}],
        "applyGlobalQuery": True,
        "applyGlobalTime": True,
        "applyForceRefresh": True,
    }
    style = {
        "type": "VECTOR",
        "isTimeAware": True,
        "properties": {
            "fillColor": dynamic("max_of_risk.score", type="ORDINAL", color="Yellow to Red"),
            "iconSize": dynamic("doc_count", minSize=5, maxSize=24),
            "lineColor": {"type": "STATIC", "options": {"color": "#3d3d3d"}},
            "lineWidth": {"type": "STATIC", "options": {"size": 1}},
            "symbolizeAs": {"options": {"value": "circle"}},
        },
    }
    layers = [
        {
            "id": "base",
            "type": "EMS_VECTOR_TILE",
            "label": None,
            "alpha": 1,
            "visible": True,
            "minZoom": 0,
            "maxZoom": 24,
            "sourceDescriptor": {
                "type": "EMS_TMS",
                "isAutoSelect": True,
                "lightModeDefault": "road_map_desaturated",
            },
            "style": {"type": "EMS_VECTOR_TILE", "color": ""},
        },
        {
            "id": "flagged",
            "type": "GEOJSON_VECTOR",
            "label": "Flagged events",
            "alpha": 0.75,
            "visible": True,
            "minZoom": 0,
            "maxZoom": 24,
            "joins": [],
            "query": kuery(FLAGGED),
            "sourceDescriptor": source,
            "style": style,
        },
    ]
    return saved(
        "map",
        "risk-map",
        {
            "title": "Flagged places",
            "description": "",
            "layerListJSON": text(layers),
            "mapStateJSON": text(
                {
                    "zoom": 1.6,
                    "center": {"lat": 25, "lon": 10},
                    "timeFilters": {"from": "now-24h", "to": "now"},
                    "refreshConfig": {"isPaused": False, "interval": 10_000},
                    "query": kuery(""),
                    "filters": [],
                    "settings": {"autoFitToDataBounds": True},
                }
            ),
            "uiStateJSON": text({"isLayerTOCOpen": False, "openTOCDetails": []}),
        },
        [("index-pattern", VIEW, "layer_1_source_index_pattern")],
    )


def dynamic(field: str, **options: Any) -> Object:
    """A map's style property that follows a metric."""
    return {"type": "DYNAMIC", "options": {"field": {"name": field, "origin": "source"}, **options}}
