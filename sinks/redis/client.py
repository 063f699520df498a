"""The connection to Redis, and which of its errors pass."""

from __future__ import annotations

import re
import ssl
from typing import Final, Literal

import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from risk.config.settings import Redis, Settings
from risk.secret_file import secret

CONNECT_S: Final = 2.0
ANSWER_S: Final = 10.0

Fault = Literal["content", "doubtful", "passing"]

# What Redis says about itself and not about a message: full, loading, a replica, no permission,
# a cluster, without the commands that are needed.
# An error from inside a script wraps the code in a sentence of its own.
_PASSING = re.compile(
    r"\b(OOM|READONLY|LOADING|MASTERDOWN|MISCONF|NOREPLICAS|BUSY|TRYAGAIN|CLUSTERDOWN|NOPERM"
    r"|NOAUTH|WRONGPASS|NOSCRIPT|MOVED|ASK|CROSSSLOT|DENIED|REDIRECT)\b|unknown command"
    r"|Script killed|max number of clients"
)
# What it says of a value: of the wrong type, no number, longer than one may be.
_CONTENT = re.compile(
    r"\bWRONGTYPE\b|is not a valid|is not an integer|not a number|exceeds maximum allowed size"
)
_CODE = re.compile(r"\b(?!ERR\b)[A-Z]{3,}\b")
# Of these the driver knows the code, and leaves it out of the text.
_PASSING_KINDS: Final = (
    redis.ConnectionError,
    redis.TimeoutError,
    OSError,
    redis.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.MasterDownError,
    exceptions.ClusterDownError,
    exceptions.TryAgainError,
    exceptions.NoPermissionError,
    exceptions.NoScriptError,
)


class _Account(redis.CredentialProvider):
    """Who a connection is, asked each time that one is made."""

    def __init__(self, where: Redis) -> None:
        self._where = where

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """Name and password, or the password alone. Raises `OSError`."""
        where = self._where
        password = secret(where.password, where.password_file) or ""
        return (where.username, password) if where.username else (password,)


def _account(where: Redis) -> _Account | None:
    """None: nothing is said of who it is."""
    return _Account(where) if where.username or where.password or where.password_file else None


def connect(settings: Settings) -> redis.Redis:
    """A client; it connects with the first command. It never repeats a command by itself."""
    where = settings.redis
    return redis.Redis(
        host=where.host,
        port=where.port,
        db=where.database,
        credential_provider=_account(where),
        ssl=where.tls,
        ssl_ca_certs=where.ca_location,
        ssl_check_hostname=True,  # it doesn't by itself
        ssl_min_version=ssl.TLSVersion.TLSv1_2,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        retry=Retry(NoBackoff(), 0),
    )


def passes(error: Exception) -> bool:
    """Whether the same command may work later, as it is."""
    return isinstance(error, _PASSING_KINDS) or _PASSING.search(str(error)) is not None


def fault(error: Exception) -> Fault:
    """What an error is about.

    What isn't known is in doubt: in front of a server there may be a proxy with words of its own.
    """
    if passes(error):
        return "passing"
    return "content" if _CONTENT.search(str(error)) else "doubtful"


def kind(error: Exception) -> str:
    """Alike for messages that are refused for the same reason: the code in what Redis said."""
    found = _CODE.search(str(error))
    return found[0] if found else type(error).__name__
