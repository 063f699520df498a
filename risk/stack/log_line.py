"""A line of a process's log, as a person reads it."""

from __future__ import annotations

import json


def plain(line: str) -> str:
    """What a line of `logging.format: json` says; any other line as it is."""
    if not line.startswith("{"):
        return line
    try:
        found = json.loads(line)
    except ValueError:  # the end of one, where the log was cut
        return line
    if not isinstance(found, dict) or "message" not in found:
        return line
    # What an error says is in the last line of Python's traceback, and in the first of Java's.
    error = str(found.get("error", "")).strip().splitlines()
    said = [f"{found.get('level', '')} {found['message']}".strip()]
    if error:
        said.append(error[-1] if error[0].startswith("Traceback") else error[0])
    return ": ".join(said)
