"""As much of PromQL as is needed to know which metrics an expression reads."""

from __future__ import annotations

import re

STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
LABELS = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
MATCHERS = re.compile(r"\{[^}]*\}")
RANGES = re.compile(r"\[[^\]]*\]")
NAME = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")
KEYWORDS = {"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring"}


def selectors(expression: str) -> list[str]:
    """The vector selectors: each metric with its matchers, as they stand, without ranges."""
    found = []
    hidden = STRINGS.sub(lambda m: "_" * len(m[0]), expression)
    blank = LABELS.sub(lambda m: " " * len(m[0]), hidden)
    blank = MATCHERS.sub(lambda m: " " * len(m[0]), blank)
    blank = RANGES.sub(lambda m: " " * len(m[0]), blank)
    for match in NAME.finditer(blank):
        if match[0] in KEYWORDS or set(match[0]) == {"_"}:
            continue
        braces = MATCHERS.match(hidden, match.end())
        found.append(expression[match.start() : braces.end() if braces else match.end()])
    return found


def metrics(expression: str) -> set[str]:
    """The names of the metrics that it reads."""
    return {selector.partition("{")[0] for selector in selectors(expression)}
