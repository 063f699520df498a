"""Users and sessions in Postgres: how a session begins and ends, and how guessing is slowed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import UserError
from risk.ops.users import manage
from risk.ops.users.sign_in import Locked, Refused, with_claim, with_password
from risk.registry import access_log, sessions, sign_in_tries
from risk.registry.access_log import Reader
from risk.registry.pool import Pool
from risk.registry.sessions import Viewer
from risk.registry.sign_in_tries import FIRST_S, FREE
from sinks.postgres.connect import connect

pytestmark = pytest.mark.stack

RIGHT, WRONG = "correct horse battery", "incorrect horse battery"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def pool(migrated: Settings) -> Iterator[Pool]:
    found = Pool(migrated)
    yield found
    found.close()


def sign_in(
    settings: Settings, pool: Pool, password: str, name: str = "ada", address: str = "::1"
) -> str:
    return with_password(pool, settings.console, name, password, address)


def viewer(pool: Pool, token: str) -> Viewer | None:
    with pool.session() as cursor:
        return sessions.find(cursor, token)


def test_a_user_signs_in_and_each_session_is_another(migrated: Settings, pool: Pool) -> None:
    assert manage.add(migrated, " Ada ", "lead", RIGHT) == "ada"
    with pytest.raises(UserError, match="ada is a user already"):
        manage.add(migrated, "ada", "viewer", RIGHT)
    one, other = (sign_in(migrated, pool, RIGHT, "ADA") for _ in range(2))
    assert one != other
    assert viewer(pool, one) == viewer(pool, other) == Viewer("ada", "lead")
    with pool.session() as cursor:
        sessions.end(cursor, one)
    assert viewer(pool, one) is None
    assert viewer(pool, other) is not None
    with connect(migrated) as connection:
        rows = connection.execute("SELECT * FROM sessions, users").fetchall()
    assert other not in str(rows)
    assert RIGHT not in str(rows)


def test_what_ends_all_sessions_of_a_user(migrated: Settings, pool: Pool) -> None:
    manage.add(migrated, "ada", "analyst", RIGHT)
    token = sign_in(migrated, pool, RIGHT)
    manage.set_role(migrated, "ada", "admin")
    assert viewer(pool, token) == Viewer("ada", "admin")
    manage.set_password(migrated, "ada", WRONG)
    assert viewer(pool, token) is None
    token = sign_in(migrated, pool, WRONG)
    manage.disable(migrated, "ada")
    assert viewer(pool, token) is None
    with pytest.raises(Refused, match="Name or password is wrong"):
        sign_in(migrated, pool, WRONG)
    manage.disable(migrated, "ada", disabled=False)
    assert viewer(pool, token) is None
    assert viewer(pool, sign_in(migrated, pool, WRONG)) is not None


def test_a_session_ends_by_itself(migrated: Settings, pool: Pool) -> None:
    manage.add(migrated, "ada", "analyst", RIGHT)
    with pool.session() as cursor:
        idle = sessions.start(cursor, "ada", DAY, HOUR, "::1")
        absolute = sessions.start(cursor, "ada", DAY, DAY, "::1")
        cursor.execute("UPDATE sessions SET seen_at = now() - interval '59 minutes'")
        assert sessions.find(cursor, idle, touch=False) is not None
        cursor.execute("UPDATE sessions SET seen_at = now() - interval '61 minutes'")
        assert sessions.find(cursor, idle) is None
        assert sessions.find(cursor, absolute) is not None  # and was seen now
        assert cursor.execute("SELECT 1 FROM sessions WHERE seen_at = now()").fetchall()
        cursor.execute("UPDATE sessions SET expires_at = now()")
        assert sessions.find(cursor, absolute) is None
        sessions.start(cursor, "ada", DAY, HOUR, "::1")
        assert len(cursor.execute("SELECT 1 FROM sessions").fetchall()) == 1


@pytest.mark.parametrize("name", ["ada", "nobody", "\0"])
def test_failures_lock_a_name_whether_it_is_a_users_or_not(
    migrated: Settings, pool: Pool, name: str
) -> None:
    manage.add(migrated, "ada", "analyst", RIGHT)
    for at in range(FREE["user"]):
        with pytest.raises(Refused, match="Name or password is wrong"):
            sign_in(migrated, pool, WRONG, name, f"192.0.2.{at}")
    with pytest.raises(Locked) as locked:
        sign_in(migrated, pool, RIGHT, name, "192.0.2.99")
    assert 0 < locked.value.wait_s <= FIRST_S
    with connect(migrated) as connection:
        connection.execute("UPDATE sign_in_tries SET locked_until = now()")
    with pytest.raises(Refused):
        sign_in(migrated, pool, WRONG, name)
    with pytest.raises(Locked) as locked:
        sign_in(migrated, pool, RIGHT, name)
    assert locked.value.wait_s > FIRST_S


def test_a_right_password_ends_the_count(pool: Pool) -> None:
    keys = {"user": "ada", "address": "::1"}
    with pool.session() as cursor:
        for _ in range(3):
            for _ in range(FREE["user"] - 1):
                assert sign_in_tries.count(cursor, keys) is None
            sign_in_tries.forget(cursor, keys)


def test_an_address_is_locked_whatever_names_it_tries(migrated: Settings, pool: Pool) -> None:
    with pool.session() as cursor:
        for at in range(FREE["address"]):
            assert sign_in_tries.count(cursor, {"user": f"u{at}", "address": "::1"}) is None
        assert sign_in_tries.count(cursor, {"user": "ada", "address": "::1"}) is not None
        assert sign_in_tries.count(cursor, {"user": "ada", "address": "::2"}) is None


def test_many_tries_at_once_are_no_way_around_the_lock(migrated: Settings, pool: Pool) -> None:
    def one(_: int) -> bool:
        with pool.session() as cursor:
            return sign_in_tries.count(cursor, {"user": "ada", "address": "::1"}) is None

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(one, range(40))) == FREE["user"]


def test_a_provider_vouches_only_for_users(migrated: Settings, pool: Pool) -> None:
    manage.add(migrated, "ada@example.org", "analyst", None)
    token = with_claim(pool, migrated.console, "Ada@example.org", "::1")
    assert viewer(pool, token) == Viewer("ada@example.org", "analyst")
    with pytest.raises(Refused, match="is not a user here"):
        with_claim(pool, migrated.console, "eve@example.org", "::1")
    with pytest.raises(Refused, match="Name or password is wrong"):
        sign_in(migrated, pool, "", "ada@example.org")


def test_a_program_has_a_token(migrated: Settings, pool: Pool) -> None:
    manage.add(migrated, "feed", "viewer", None)
    assert viewer(pool, manage.token(migrated, "feed", 30)) == Viewer("feed", "viewer")
    with pytest.raises(UserError, match="there is no user nobody"):
        manage.token(migrated, "nobody", 30)


def test_the_access_log_is_never_changed(migrated: Settings, pool: Pool) -> None:
    with pool.session() as cursor:
        access_log.note(cursor, Reader("ada", "lead", "::1"), ("u1", "e1", 5), ["ip"])
    for change in (
        "UPDATE access_log SET role = ''",
        "DELETE FROM access_log",
        "TRUNCATE access_log",
    ):
        with connect(migrated) as connection, pytest.raises(psycopg.errors.RaiseException):
            connection.execute(change.encode())
    with pool.session() as cursor:
        (found,) = access_log.latest(cursor)
    assert (found.name, found.user_id, found.fields) == ("ada", "u1", ("ip",))


def test_the_access_log_is_listed_by_who_looked_and_at_whom(migrated: Settings, pool: Pool) -> None:
    with pool.session() as cursor:
        for name, user in (("ada", "u1"), ("bob", "u1"), ("bob", "u2")):
            access_log.note(cursor, Reader(name, "lead", "::1"), (user, "e1", 5), ["ip"])

    def of(name: str | None = None, user: str | None = None) -> list[tuple[str, str]]:
        return [(one.name, one.user_id) for one in manage.accesses(migrated, 9, name, user)]

    assert of() == [("bob", "u2"), ("bob", "u1"), ("ada", "u1")]
    assert of("Bob") == [("bob", "u2"), ("bob", "u1")]
    assert of(user="u1") == [("bob", "u1"), ("ada", "u1")]
    assert of("ada", "u2") == []
    assert len(manage.accesses(migrated, 1)) == 1


def test_connections_are_used_again_and_replaced_when_cut(migrated: Settings, pool: Pool) -> None:
    def backend() -> int:
        with pool.session() as cursor:
            row = cursor.execute("SELECT pg_backend_pid() AS pid").fetchone()
        assert row is not None
        return int(row["pid"])

    first = backend()
    assert backend() == first
    with connect(migrated) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (first,))
    assert backend() != first
    with pytest.raises(Unavailable), pool.session() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    assert backend()
