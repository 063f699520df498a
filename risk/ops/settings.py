"""The settings, read from their file and the environment."""

from __future__ import annotations

import os
from pathlib import Path

from flink_jobs.rulesets import read_text
from risk.config.checks import texts
from risk.config.settings import Settings, SettingsError, parse
from risk.config.types import is_file
from risk.errors import StackError, UserError
from risk.paths import ROOT
from risk.secret_file import secret
from risk.stack import secured
from risk.stack.kafka_nodes import with_recorded
from risk.stack.process import Home
from risk.stack.roles import Role
from risk.stack.secrets import with_generated


def load_settings() -> Settings:
    """The settings: `risk.yaml`, or the file that `RISK_SETTINGS_FILE` names; the environment."""
    environment = dict(os.environ)
    path = Path(environment.pop("RISK_SETTINGS_FILE", ROOT / "risk.yaml"))
    try:
        text = read_text(path)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}: name a settings file") from None
    try:
        settings = parse(text, environment, path.name)
        _check_files(settings)
        return with_recorded(settings, Home(ROOT / settings.data_dir))
    except (SettingsError, StackError) as error:
        raise UserError(str(error)) from None


def in_role(settings: Settings, role: Role) -> Settings:
    """The settings, in a secure stack with that role's accounts; without, as they are.

    Raises `UserError`.
    """
    data = home(settings)
    try:
        return with_generated(settings, data, role) if secured.is_so(data) else settings
    except StackError as error:
        raise UserError(str(error)) from None


def settings_with_passwords(role: Role = "ops") -> Settings:
    """The same, with the passwords that the embedded servers were given. Raises `UserError`.

    In a secure stack they are those of the role.
    """
    settings = load_settings()
    try:
        return with_generated(settings, home(settings), role)
    except StackError as error:
        raise UserError(str(error)) from None


def with_postgres_password(settings: Settings) -> Settings:
    """The same with Postgres' password. Where it is given, as in a container, no folder is needed.

    Raises `StackError`.
    """
    if settings.postgres.password is not None or settings.postgres.password_file is not None:
        return settings
    return with_generated(settings, home(settings), "reader")


def _check_files(settings: Settings) -> None:
    """Raise `UserError` if a file that the settings name isn't there, or holds no secret."""
    for path, value, fits in texts(settings):
        if fits.check is not is_file:
            continue
        if not Path(value).is_file():
            raise UserError(f"{path}: {value}: there is no such file")
        if path.endswith("password_file"):
            try:
                secret(None, value)
            except PermissionError:  # a command that needs it says so: others go on
                continue
            except OSError as error:
                raise UserError(f"{path}: {value}: {error.strerror}") from None


def home(settings: Settings) -> Home:
    """The data folder; relative to the project's root, not to where the command is run."""
    return Home(ROOT / settings.data_dir)
