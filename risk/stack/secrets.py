"""What a process needs to reach the embedded servers: passwords, and in a secure stack its role's
account, TLS and the authority. All of it is in the data folder, for its owner alone.
"""

from __future__ import annotations

from msgspec.structs import replace

from risk.config.plaintext import faults
from risk.config.settings import Settings
from risk.errors import StackError
from risk.stack import authority, secured
from risk.stack.private import generated as generated
from risk.stack.private import write_private as write_private
from risk.stack.process import Home
from risk.stack.roles import Role, as_role


def with_generated(settings: Settings, home: Home, role: Role = "ops") -> Settings:
    """The settings with what they leave out, from `secrets/` in the data folder.

    Where the stack is secure (`risk.stack.secured`) that is `role`'s account on each server, in
    place of the role that they may have had. Raises `StackError`.
    """
    if secured.is_so(home):
        return _checked(as_role(settings, home, role, str(authority.authority(home))))
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
