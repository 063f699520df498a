"""The settings and the ruleset, read where a job is submitted."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec.structs import replace

from flink_jobs.rulesets import read_folder, read_text
from risk.config.kafka import of_job
from risk.config.settings import Settings, SettingsError, parse
from risk.engine.rules import InvalidRuleset, Ruleset
from risk.errors import UserError
from risk.kafka.client import unquotable


def read_settings(kind: str) -> Settings:
    """From `RISK_SETTINGS_FILE` (default `risk.yaml` in the current folder, if there is one).

    With the account on Kafka of that kind of job. Raises `UserError`.
    """
    environment = dict(os.environ)
    named = environment.pop("RISK_SETTINGS_FILE", None)
    path = Path(named or "risk.yaml")
    try:
        text = read_text(path) if named or path.exists() else ""
        found = parse(text, environment, path.name)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    except SettingsError as error:
        raise UserError(str(error)) from None
    found = replace(found, kafka=of_job(found.kafka, kind))
    if fault := unquotable(found.kafka):
        raise UserError(fault)
    return found


def read_ruleset(folder: Path, flag: str = "--ruleset") -> tuple[dict[str, str], Ruleset]:
    """The files of the ruleset in a folder, all of them, and what they say. Raises `UserError`."""
    if not (folder / "ruleset.yaml").is_file():
        raise UserError(f"{flag}: no ruleset.yaml in {folder}")
    try:
        files, _, ruleset = read_folder(folder)
    except InvalidRuleset as error:
        raise UserError(str(error)) from None
    return files, ruleset
