"""Other passwords for the accounts of a secure stack, while its servers and their clients run.

Clients read a password's file at each connection. A new one is written beside it first, then told
to the server, then put in its place; a rotation that was interrupted is gone on with by the next.
Connections that are open stay so. Valkey takes both passwords meanwhile. Postgres holds one, and
Elasticsearch looks at its files every few seconds, and Kafka holds one: who connects in that moment
is refused, and tries again, as when a server is away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
import redis
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from msgspec.structs import replace

from risk.config.names import secret_of, user_of
from risk.config.settings import Settings
from risk.errors import StackError
from risk.kafka.client import client_config
from risk.kafka.quiet import SILENT
from risk.stack import (
    elasticsearch,
    elasticsearch_accounts,
    kafka_accounts,
    postgres,
    postgres_accounts,
    redis_accounts,
    secured,
)
from risk.stack import redis as valkey
from risk.stack.lock import locked
from risk.stack.private import fresh, place, read, write_private
from risk.stack.process import Home
from risk.stack.roles import accounts
from risk.stack.secrets import with_generated
from risk.stack.user import service_user
from risk.waiting import until

ANSWER_S = 10.0  # of Kafka, to its administrator
SEEN_S = 60.0  # by when Elasticsearch has looked at its files


def rotate(settings: Settings, home: Home, names: Sequence[str]) -> list[str]:
    """Give each account of these servers another password; the accounts, `server-account`.

    Raises `StackError`: the stack isn't secure, or a server is away. Do it again then.
    """
    if not secured.is_so(home):
        raise StackError(f"{home.path} was not made with `risk up --secure`: it has no accounts")
    done: list[str] = []
    with locked(home):  # of two at once one would have the server know what no file holds
        settings = with_generated(settings, home, "admin")
        for name in names:
            SERVERS[name](settings, home)
            done += [secret_of(name, account) for account in accounts(name)]
    return done


def _redis(settings: Settings, home: Home) -> None:
    try:
        with valkey.connect(settings.redis) as client:
            for account in accounts("redis"):
                file, new = _next(home, "redis", account)
                password = f"#{redis_accounts.digest(read(new))}"
                change = ("ACL", "SETUSER", user_of("redis", account))
                client.execute_command(*change, password)
                new.replace(file)
                client.execute_command(*change, "resetpass", password)
    except redis.RedisError as error:
        raise StackError(f"redis: {error}: is it up? `risk up --only redis`") from None


def _postgres(settings: Settings, home: Home) -> None:
    where = settings.postgres
    waiting = place(home, f"{secret_of('postgres', 'admin')}.next")
    try:
        try:
            connection = postgres.connect(where)
        except psycopg.OperationalError:
            if not waiting.exists():
                raise
            connection = postgres.connect(replace(where, password_file=str(waiting)))
        with connection:
            for account in accounts("postgres"):
                file, new = _next(home, "postgres", account)
                postgres_accounts.change(connection, account, read(new))
                new.replace(file)
    except psycopg.Error as error:
        line = str(error).strip().partition("\n")[0]
        raise StackError(f"postgres: {line}: is it up? `risk up --only postgres`") from None


def _elasticsearch(settings: Settings, home: Home) -> None:
    files = {one: _next(home, "elasticsearch", one) for one in accounts("elasticsearch")}
    passwords = {account: read(new) for account, (_, new) in files.items()}
    config = home.folder("elasticsearch/config")
    prefix = settings.elasticsearch.index_prefix
    elasticsearch_accounts.write(config, prefix, service_user(), passwords)
    file, new = files["admin"]
    asked = replace(settings.elasticsearch, password_file=str(new))
    node = elasticsearch.create(replace(settings, elasticsearch=asked), home)
    if not until(lambda: node.problem() is None, SEEN_S):
        raise StackError(f"elasticsearch: {node.problem()}: is it up? `risk up`, then do it again")
    for file, new in files.values():
        new.replace(file)


def _next(home: Home, server: str, account: str) -> tuple[Path, Path]:
    """The file of an account's password, and the one with its next, which is made."""
    file = place(home, secret_of(server, account))
    new = file.with_name(f"{file.name}.next")
    if not new.exists() or not new.stat().st_size:  # of an empty one no server was told
        write_private(new, fresh())  # whole or not at all: what is there, the next one goes on with
    return file, new


def _kafka(settings: Settings, home: Home) -> None:
    waiting = place(home, f"{secret_of('kafka', 'admin')}.next")
    try:
        admin = _administrator(settings, None)
        if admin is None and waiting.exists():
            admin = _administrator(settings, str(waiting))
        if admin is None:
            raise StackError(f"kafka: no answer at {settings.kafka.servers}: is it up? `risk up`")
        for account in accounts("kafka"):
            file, new = _next(home, "kafka", account)
            kafka_accounts.change(admin, {account: read(new)})
            new.replace(file)
    except KafkaException as error:
        raise StackError(f"kafka: {error.args[0].str()}: do it again") from None


def _administrator(settings: Settings, file: str | None) -> AdminClient | None:
    """Kafka's administrator, by the password of that file or its own; None if it isn't let in."""
    kafka = replace(settings.kafka, sasl_password_file=file) if file else settings.kafka
    admin = AdminClient({**client_config(kafka), **SILENT})
    try:
        admin.list_topics(timeout=ANSWER_S)
    except KafkaException:
        return None
    return admin


SERVERS: dict[str, Callable[[Settings, Home], None]] = {
    "kafka": _kafka,
    "postgres": _postgres,
    "redis": _redis,
    "elasticsearch": _elasticsearch,
}
