"""The index template, and whether the indices of the months have its mapping.

A template is for new indices alone. One that was made before knows nothing of a field that came
later, and one that was made without it, by hand or when the template was gone, takes documents in
silence that no search then finds as it should.
"""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import elasticsearch

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable


def _read() -> bytes:
    # Not open(): the code may be in a zip.
    text = pkgutil.get_data(__package__, "template.json")
    assert text is not None
    return text


_TEMPLATE: Final = _read()  # at once: a job outlives the folder that its code was unpacked in


def template() -> dict[str, Any]:
    """The template of the indices, without the pattern of their names."""
    found: dict[str, Any] = json.loads(_TEMPLATE)
    return found


def months(prefix: str) -> re.Pattern[str]:
    """The names of the indices that are ours: one for each month."""
    return re.compile(re.escape(prefix) + r"-\d{4,}\.\d\d")


def install(client: elasticsearch.Elasticsearch, settings: Settings) -> None:
    """Put the template, and what it has more into the indices that are there.

    Doing it again changes nothing. Raises `Unavailable` if one of them has another mapping, and the
    client's errors.
    """
    prefix = settings.elasticsearch.index_prefix
    pattern = f"{prefix}-*"
    client.indices.put_index_template(name=prefix, index_patterns=[pattern], **template())
    wanted = template()["template"]["mappings"]
    there = client.indices.get_mapping(index=pattern, allow_no_indices=True)
    for name, found in sorted(there.items()):
        if months(prefix).fullmatch(name):
            _bring_up_to_date(client, name, found["mappings"], wanted)


def _bring_up_to_date(
    client: elasticsearch.Elasticsearch, name: str, found: Mapping[str, Any], wanted: dict[str, Any]
) -> None:
    types = dict(_types(found.get("properties", {})))
    # How fields are taken up that no template names: those of features that rulesets declare.
    missing = found.get("dynamic_templates") != wanted["dynamic_templates"]
    for path, kind in _types(wanted["properties"]):
        if path not in types:
            missing = True
        elif types[path] != kind:
            raise Unavailable(
                f"elasticsearch: index {name} was made with another mapping: {path} is "
                f"{types[path]}, not {kind}: delete it, then `risk rebuild elasticsearch`"
            )
    if missing:
        client.indices.put_mapping(
            index=name,
            properties=wanted["properties"],
            dynamic_templates=wanted["dynamic_templates"],
        )


def _types(properties: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """The type of each field, objects too, by its path."""
    for name, value in properties.items():
        where = f"{path}.{name}" if path else name
        yield where, value.get("type", "object")
        yield from _types(value.get("properties", {}), where)
