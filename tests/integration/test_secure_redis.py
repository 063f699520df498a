"""Valkey in a secure stack: TLS alone, an account for each role, and no more than it needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
from msgspec.structs import replace
from redis import exceptions

import sinks.redis as store
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.stack import authority, front
from risk.stack.process import Home
from risk.stack.rotation import rotate
from risk.stack.up import down, status, up
from sinks.redis import keys
from sinks.redis.client import connect
from tests.contract.messages import ACTIVE, score
from tests.integration.secure_stack import Secure, holders, readable, running
from tests.integration.test_stack import quiet


@pytest.fixture(scope="module")
def secure(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    with running(settings, tmp_path_factory.mktemp("secure"), "redis") as found:
        yield found


def refused(client: redis_client.Redis, *command: Any) -> str:
    """What the server says against a command."""
    with pytest.raises(exceptions.NoPermissionError) as caught:
        client.execute_command(*command)  # type: ignore[no-untyped-call]
    return str(caught.value)


def test_the_writer_writes_and_wipes_and_the_reader_reads(secure: Secure) -> None:
    writing = store.create(secure.as_role("jobs"))
    writing.open()
    assert writing.write([score("a")]).rows == 1
    writing.close()
    found = list(store.scan(secure.as_role("reader"), *ACTIVE))
    assert [row.event_id for row in found] == ["a"]
    store.wipe(secure.as_role("ops"))
    assert list(store.scan(secure.as_role("console"), *ACTIVE)) == []


def test_a_reader_can_not_write(secure: Secure) -> None:
    client = connect(secure.as_role("reader"))
    refused(client, "SET", keys.FLAGGED, "x")
    refused(client, "DEL", keys.FLAGGED)
    refused(client, "EVAL", "return redis.call('DEL', KEYS[1])", 1, keys.FLAGGED)
    refused(client, "GET", "somebody:else")
    with pytest.raises(Unavailable, match="permission"):
        store.wipe(secure.as_role("reader"))


@pytest.mark.parametrize("role", ["jobs", "reader"])
@pytest.mark.parametrize(
    "command",
    ["CONFIG GET *", "FLUSHALL", "ACL LIST", "SHUTDOWN NOSAVE", "MONITOR", "CLIENT LIST", "SAVE"],
)
def test_nobody_has_an_administrators_command(secure: Secure, role: Any, command: str) -> None:
    refused(connect(secure.as_role(role)), *command.split())


def test_the_writer_reaches_the_engines_keys_alone(secure: Secure) -> None:
    client = connect(secure.as_role("jobs"))
    refused(client, "SET", "somebody:else", "x")
    with pytest.raises(redis_client.ResponseError, match=r"(?i)permission|can't access"):
        client.eval("return redis.call('SET', 'somebody:else', 'x')", 0)


def test_without_an_account_nobody_gets_in(secure: Secure) -> None:
    bare = secure.as_role("jobs")
    nobody = replace(bare, redis=replace(bare.redis, username=None, password_file=None))
    with pytest.raises(redis_client.AuthenticationError):
        connect(nobody).ping()
    wrong = replace(bare, redis=replace(bare.redis, password="wrong", password_file=None))
    with pytest.raises(redis_client.AuthenticationError):
        connect(wrong).ping()


def test_a_client_in_plaintext_gets_in_nowhere(secure: Secure) -> None:
    bare = secure.as_role("jobs")
    plain = replace(bare, redis=replace(bare.redis, tls=False, ca_location=None))
    with pytest.raises((redis_client.ConnectionError, redis_client.TimeoutError)):
        connect(plain).ping()


def test_a_server_of_another_authority_is_refused(secure: Secure, tmp_path: Path) -> None:
    other = authority.authority(Home(tmp_path / "other"))
    bare = secure.as_role("jobs")
    own = replace(bare, redis=replace(bare.redis, ca_location=str(other)))
    with pytest.raises(redis_client.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        connect(own).ping()


def test_passwords_are_in_their_files_alone(secure: Secure) -> None:
    for name in ("redis-admin", "redis-writer", "redis-reader"):
        password = (secure.home.path / "secrets" / name).read_text(encoding="ascii")
        assert holders(secure.home, password) == [f"secrets/{name}"]
    assert readable(secure.home) == []


def test_passwords_change_while_clients_are_connected(secure: Secure) -> None:
    file = secure.home.path / "secrets" / "redis-writer"
    before = file.read_text(encoding="ascii")
    own = secure.as_role("jobs")
    with connect(own) as connected, connect(own) as later:
        assert connected.ping()
        assert len(rotate(secure.bare, secure.home, ["redis"])) == 3
        assert connected.ping()  # an open connection stays so
        assert later.ping()  # the same client's next one has the new password
    assert file.read_text(encoding="ascii") != before
    old = replace(own, redis=replace(own.redis, password=before, password_file=None))
    with pytest.raises(redis_client.AuthenticationError):
        connect(old).ping()
    down(secure.bare, secure.home, ["redis"], quiet)
    up(secure.bare, secure.home, ["redis"], quiet)
    assert connect(own).ping()
    assert readable(secure.home) == []


def test_it_stays_secure_and_what_died_is_started_again(secure: Secure) -> None:
    front.stop(secure.home, "redis")
    (found,) = status(secure.bare, secure.home, ["redis"])
    assert found.state != "up"
    up(secure.bare, secure.home, ["redis"], quiet)  # it isn't told again
    (found,) = status(secure.bare, secure.home, ["redis"])
    assert (found.state, found.problem) == ("up", None)
    assert connect(secure.as_role("jobs")).ping()
