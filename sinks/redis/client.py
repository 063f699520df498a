"""The connection to Redis, and which of its errors pass."""

from __future__ import annotations

import re
import ssl
from typing import Final

import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from risk.config.settings import Settings

CONNECT_S: Final = 2.0
ANSWER_S: Final = 10.0

# What Redis says about itself and not about a message: full, loading, a replica, no permission.
# An error from inside a script wraps the code in a sentence of its own.
_PASSING = re.compile(
    r"\b(OOM|READONLY|LOADING|MASTERDOWN|MISCONF|NOREPLICAS|BUSY|TRYAGAIN|CLUSTERDOWN|NOPERM"
    r"|NOAUTH|WRONGPASS|NOSCRIPT)\b"
)
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


def connect(settings: Settings) -> redis.Redis:
    """A client; it connects with the first command. It never repeats a command by itself."""
    where = settings.redis
    return redis.Redis(
        host=where.host,
        port=where.port,
        db=where.database,
        username=where.username,
        password=where.password,
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
