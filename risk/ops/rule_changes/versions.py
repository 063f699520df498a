"""The `version` of a rule's or a ruleset's file: read and raised, and all else left as it is."""

from __future__ import annotations

import yaml

from risk.config.strict_yaml import YamlFault, compose


def version_node(text: str) -> yaml.ScalarNode | None:
    """Where the version stands; None if the text has none, or isn't YAML."""
    try:
        root = compose(text)
    except YamlFault:
        return None
    if not isinstance(root, yaml.MappingNode):
        return None
    for key, value in root.value:
        if key.value == "version" and isinstance(value, yaml.ScalarNode):
            return value
    return None


def with_version(text: str, version: int) -> str:
    """The text with another version. Raises `ValueError` if it has none."""
    node = version_node(text)
    if node is None:
        raise ValueError("no version stands there")
    return f"{text[: node.start_mark.index]}{version}{text[node.end_mark.index :]}"
