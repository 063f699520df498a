"""Whether a declared feature may count verdicts."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from risk.engine.rules.declaration import OF_VERDICTS
from risk.engine.rules.document import Document


def counts_verdicts(document: Document, keys: Mapping[str, yaml.Node], kind: str) -> bool:
    """Whether a value can be made of verdicts, which come later and change."""
    if "session" in keys:
        wrong = "verdicts come when a session is long over: count them in a window"
        document.fault(keys["session"], wrong, whole=True)
        return False
    may = OF_VERDICTS["steps" if "step" in keys else "window"]
    if kind not in may:
        ways = ", ".join(may)
        wrong = f"{kind} can't be of verdicts, which change: they are counted in {ways}"
        document.fault(keys["value"], wrong, whole=True)
        return False
    return True
