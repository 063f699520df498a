"""Passwords of the embedded servers: made once, kept in the data folder for its owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from msgspec.structs import replace

from risk.config.settings import Settings
from risk.errors import StackError
from risk.stack.process import Home


def with_generated(settings: Settings, home: Home) -> Settings:
    """The settings with the passwords that they leave out, from `secrets/` in the data folder."""
    postgres, redis = settings.postgres, settings.redis
    if postgres.password is None:
        postgres = replace(postgres, password=generated(home, "postgres"))
    if redis.password is None:
        redis = replace(redis, password=generated(home, "redis"))
    return replace(settings, postgres=postgres, redis=redis)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)


def generated(home: Home, name: str) -> str:
    """A password that is made when it is first asked for. Raises `StackError`."""
    path = home.folder("secrets") / name
    try:
        path.parent.chmod(0o700)
        if not path.exists():
            # Written aside and linked, so that a second process never reads half a password.
            draft = path.with_suffix(f".{os.getpid()}")
            write_private(draft, secrets.token_urlsafe(24))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise StackError(f"{error.filename}: {error.strerror}: it holds a password") from None
