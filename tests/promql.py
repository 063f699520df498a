"""As much of PromQL as is needed to know which metrics an expression reads, and which there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from risk.config import flink_metric_names, metric_names
from risk.config.metric_names import Metric

ROOT = Path(__file__).parents[1]
RULES = sorted((ROOT / "docker" / "prometheus" / "rules").glob("*.yml"))

STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
LABELS = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
MATCHERS = re.compile(r"\{[^}]*\}")
RANGES = re.compile(r"\[[^\]]*\]")
NAME = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")
KEYWORDS = {"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring"}


def selectors(expression: str) -> list[str]:
    """The vector selectors: each metric with its matchers, as they stand, without ranges."""
    found = []
    hidden = STRINGS.sub(lambda m: "0" * len(m[0]), expression)
    blank = LABELS.sub(lambda m: " " * len(m[0]), hidden)
    blank = MATCHERS.sub(lambda m: " " * len(m[0]), blank)
    blank = RANGES.sub(lambda m: " " * len(m[0]), blank)
    for match in NAME.finditer(blank):
        if match[0] in KEYWORDS:
            continue
        braces = MATCHERS.match(hidden, match.end())
        found.append(expression[match.start() : braces.end() if braces else match.end()])
    return found


def metrics(expression: str) -> set[str]:
    """The names of the metrics that it reads."""
    return {selector.partition("{")[0] for selector in selectors(expression)}


def rules(kind: str) -> list[dict[str, Any]]:
    """All rules of a kind, "record" or "alert"."""
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"] if kind in rule]


def known() -> set[str]:
    """All names that an expression may read."""
    ours = {m.exported for m in vars(metric_names).values() if isinstance(m, Metric)}
    recorded = {rule["record"] for rule in rules("record")}
    return ours | recorded | set(flink_metric_names.ALL) | {"up", "ALERTS"}
