"""Adding users, changing what they may, and locking them out."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import Final, get_args

from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.users import passwords
from risk.registry import access_log, sessions, users
from risk.registry.access_log import Access
from risk.registry.session import session
from risk.registry.users import Listed, Role

ROLES: Final[tuple[Role, ...]] = get_args(Role)
MOST_SHOWN: Final = 128  # characters
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,127}")


def normal(name: str) -> str:
    """A user's name as it is kept: in lower case, without blanks around it."""
    return unicodedata.normalize("NFC", name).strip().lower()


def add(settings: Settings, name: str, role: Role, password: str | None) -> str:
    """Add a user; the name as it is kept. Without a password only OpenID Connect signs in.

    Raises `UserError` and `Unavailable`.
    """
    name = normal(name)
    if not _NAME.fullmatch(name):
        raise UserError(f"NAME: {name!r}: up to 128 of a-z 0-9 . _ @ + -, a letter or digit first")
    if password is not None:
        passwords.check(password, name)
    hashed = None if password is None else passwords.hashed(password)
    with session(settings) as cursor:
        if not users.add(cursor, name, role, hashed):
            raise UserError(f"NAME: {name} is a user already: `risk user password {name}`")
    return name


def listed(settings: Settings) -> list[Listed]:
    """All users, the disabled ones last. Raises `Unavailable`."""
    with session(settings) as cursor:
        return users.listed(cursor)


def accesses(
    settings: Settings, limit: int, name: str | None = None, user_id: str | None = None
) -> list[Access]:
    """Who had masked values shown, the latest first: of all, or by whom and of whose payments.

    Raises `Unavailable`.
    """
    with session(settings) as cursor:
        return access_log.latest(cursor, limit, normal(name) if name else None, user_id)


def set_password(settings: Settings, name: str, password: str) -> None:
    """Change a password; sessions that are open end. Raises `UserError` and `Unavailable`."""
    name = _possible(name)
    passwords.check(password, name)
    hashed = passwords.hashed(password)
    with session(settings) as cursor:
        if not users.set_password(cursor, name, hashed):
            raise _nobody(name)
        sessions.end_all_of(cursor, name)


def set_role(settings: Settings, name: str, role: Role) -> None:
    """Give another role, from the next request on. Raises `UserError` and `Unavailable`."""
    name = _possible(name)
    with session(settings) as cursor:
        if not users.set_role(cursor, name, role):
            raise _nobody(name)


def disable(settings: Settings, name: str, disabled: bool = True) -> None:
    """Lock a user out, and end their sessions; or let them in again.

    Raises `UserError` and `Unavailable`.
    """
    name = _possible(name)
    with session(settings) as cursor:
        if not users.disable(cursor, name, disabled):
            raise _nobody(name)
        if disabled:
            sessions.end_all_of(cursor, name)


def token(settings: Settings, name: str, days: int) -> str:
    """A token with which a program reads the feed as this user, for so many days.

    Raises `UserError` and `Unavailable`.
    """
    name, lasts = _possible(name), timedelta(days=days)
    with session(settings) as cursor:
        user = users.find(cursor, name)
        if user is None or user.disabled_at is not None:
            raise _nobody(name)
        return sessions.start(cursor, name, lasts, lasts, "risk user token")


def _possible(name: str) -> str:
    """A name as it is kept. Raises `UserError` for one that nobody can have."""
    name = normal(name)
    if not _NAME.fullmatch(name):
        raise _nobody(name[:MOST_SHOWN])
    return name


def _nobody(name: str) -> UserError:
    return UserError(f"NAME: there is no user {name}: `risk user list` shows who there is")
