"""The ruleset that learns: the one that decided so far, with a model that is told, then asked."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from risk.config.settings import Settings
from risk.engine.rules import Ruleset
from risk.engine.rules.head import HEAD
from risk.registry import rulesets

NAME: Final = "learned"  # the ruleset's and the model's
RULE: Final = "like_known_fraud"
MODEL_FILE: Final = f"models/{NAME}.json"


def next_version(settings: Settings) -> int:
    """The first that hasn't run. Raises `Unavailable`."""
    found = rulesets.get(settings, NAME, None)
    return found.version + 1 if found else 1


def write(folder: Path, files: Mapping[str, str], version: int, rule: str = "") -> None:
    """Write a ruleset of these files under the name and version, with a further `rule` if any."""
    if folder.exists():
        shutil.rmtree(folder)
    head = yaml.safe_load(files[HEAD])
    head |= {"name": NAME, "version": version}
    own = {**files, HEAD: yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}
    if rule:
        own[f"{RULE}.yaml"] = rule
    for name, text in own.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def asking(ruleset: Ruleset, threshold: int) -> str:
    """A rule that sends to review what the model gives at least the threshold."""
    least = max(1, threshold)
    return f"""\
id: {RULE}
version: 1
description: The model, which learnt from verdicts, finds it like what was fraud.
points: {ruleset.review}
when: model("{NAME}") >= {least}
reason: 'model {{model("{NAME}")}} of 1000: {{model("{NAME}"):why}}'
tests:
  - {{name: as much as it takes, hit: true, given: {{model("{NAME}"): {least}}}}}
  - {{name: less, hit: false, given: {{model("{NAME}"): {least - 1}}}}}
"""
