"""Folders of rulesets as inputs, and the words of their languages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from risk.engine.features.catalogue import NAMES
from risk.engine.rules.names import KINDS
from risk.paths import ROOT
from tests.fuzz.target import joined

WORDS: Final = (
    *NAMES[:12],
    *list(KINDS)[:30],
    *(
        "and",
        "or",
        "not",
        "in",
        "has(",
        "true",
        "false",
        "==",
        "!=",
        "<=",
        ">=",
        "+",
        "-",
        "*",
        "/",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        '"DE"',
        "'web'",
        "1.5",
        "100",
        "0",
        "{amount}",
        "{ip_network}",
        "{{",
        "}}",
    ),
    *("id:", "version:", "points:", "when:", "reason:", "tests:", "hit:", "given:", "without:"),
    *("model(", "anomaly(", "verdict", "key:", "window:", "value:", "where:", "about:", "session:"),
    *("step:", "count", "sum(amount)", "mean(amount)", "distinct(ip)", "stddev(amount)", "new(ip)"),
    *("previous(amount)", "first(amount)", "seconds_since", "distance", "speed", "ratio(amount)"),
    *("10m", "7d", "1h", "30m", "[card_token, country]", "extends: default", "without: [a]"),
    *("thresholds: {review: 50, block: 80}", "lists: {a: [DE, FR]}", "require: [ip]", "type: int"),
    *('"192.0.2.0/24"', "'2001:db8::/32'", "|\n", ">-\n", "# ", "&x", "*x", "<<: {}", "\\u0041"),
)


def folder(name: str, only: Iterable[str] = ()) -> bytes:
    """A folder of the project as an input; of its rules those named, if any are."""
    base = ROOT / name
    wanted = set(only)
    files = {
        str(path.relative_to(base)): path.read_text(encoding="utf-8")
        for path in sorted(base.rglob("*.yaml"))
        if not wanted or _has_place(path, base, wanted)
    }
    return joined(files)


def _has_place(path: Path, base: Path, wanted: set[str]) -> bool:
    own = str(path.relative_to(base))
    return own in wanted
