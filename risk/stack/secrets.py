"""Passwords of the embedded servers: made once, kept in the data folder for its owner alone."""

from __future__ import annotations

from msgspec.structs import replace

from risk.config.plaintext import faults
from risk.config.settings import Settings
from risk.errors import StackError
from risk.stack.private import generated as generated
from risk.stack.private import write_private as write_private
from risk.stack.process import Home


def with_generated(settings: Settings, home: Home) -> Settings:
    """The settings with the passwords that they leave out, from `secrets/` in the data folder."""
    postgres, redis = settings.postgres, settings.redis
    if postgres.password is None and postgres.password_file is None:
        postgres = replace(postgres, password=generated(home, "postgres"))
    if redis.password is None and redis.password_file is None:
        redis = replace(redis, password=generated(home, "redis"))
    return _checked(replace(settings, postgres=postgres, redis=redis))


def _checked(settings: Settings) -> Settings:
    """The same. Raises `StackError` if a password would cross a network in plaintext."""
    for fault in faults(settings):
        raise StackError(f"{fault.path}: {fault.message}")
    return settings
