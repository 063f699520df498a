"""Postgres in a secure stack: TLS alone, an account for each role, and no more than it needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace

from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from risk.engine.delivery import Unavailable
from risk.ops.backup import dump
from risk.registry import runs
from risk.stack import authority
from risk.stack.private import write_private
from risk.stack.process import Home
from risk.stack.roles import Role
from risk.stack.rotation import rotate
from sinks import postgres as store
from sinks import registry
from sinks.postgres.connect import Connection, connect
from tests.contract.messages import ACTIVE, score
from tests.integration.secure_stack import Secure, holders, readable, running

ACCOUNTS = ("admin", "owner", "ops", "writer", "console", "reader")
# Who may read it is decided: not everybody.
PRIVATE = {
    *("users", "sessions", "sign_in_tries", "access_log", "api_keys", "outbox", "rule_changes"),
    *("rule_change_events", "case_events", "case_notes", "case_files", "case_views"),
}


@pytest.fixture(scope="module")
def secure(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    with running(settings, tmp_path_factory.mktemp("secure"), "postgres") as found:
        registry.migrate(found.as_role("owner"))
        yield found


def refused(connection: Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_writer_writes_and_the_reader_reads(secure: Secure) -> None:
    writing = store.create(secure.as_role("jobs"))
    writing.open()
    assert writing.write([score("a", points=50)]).rows == 1
    assert writing.write([score("a", points=70, revision=1)]).rows == 1
    writing.close()
    found = list(store.scan(secure.as_role("reader"), *ACTIVE))
    assert [row.event_id for row in found] == ["a"]


def test_feedback_is_delivered_by_the_writer(secure: Secure) -> None:
    writing = registry.delivery("feedback").load().create(secure.as_role("jobs"))
    writing.open()
    writing.close()


def test_a_delivery_can_not_drop_or_empty_or_make_tables(secure: Secure) -> None:
    with connect(secure.as_role("jobs")) as connection:
        for statement in (
            "DROP TABLE risk_scores",
            "TRUNCATE risk_scores",
            "DELETE FROM risk_scores",
            "ALTER TABLE risk_scores ADD COLUMN x integer",
            "CREATE TABLE mine (x integer)",
            "INSERT INTO users (name, role) VALUES ('eve', 'admin')",
            "SELECT password_hash FROM users",
            "UPDATE active_ruleset SET activation = NULL",
            "SET ROLE risk_owner",
            "COPY risk_scores TO PROGRAM 'cat'",
        ):
            refused(connection, statement)


def test_a_reader_can_not_write(secure: Secure) -> None:
    with connect(secure.as_role("reader")) as connection:
        for statement in (
            "DELETE FROM risk_scores",
            "INSERT INTO runs DEFAULT VALUES",
            "UPDATE cases SET revision = 0",
            "SELECT * FROM sessions",
            "SELECT pg_read_file('/etc/passwd')",
        ):
            refused(connection, statement)
    with pytest.raises(Unavailable, match="permission denied"):
        store.wipe(secure.as_role("reader"))


def test_the_console_can_not_alter_scores(secure: Secure) -> None:
    with connect(secure.as_role("console")) as connection:
        connection.execute("SELECT count(*) FROM risk_scores, users, api_keys")
        for statement in (
            "UPDATE risk_scores SET score = 0",
            "DELETE FROM rule_hits",
            "INSERT INTO risk_feedback DEFAULT VALUES",
            "DELETE FROM access_log",
            "UPDATE case_events SET who = 'nobody'",
            "DELETE FROM rule_change_events",
            "UPDATE active_ruleset SET activation = NULL",
        ):
            refused(connection, statement)


def test_operations_empty_a_store_and_own_nothing(secure: Secure) -> None:
    store.wipe(secure.as_role("ops"))
    with connect(secure.as_role("ops")) as connection:
        refused(connection, "DROP TABLE risk_scores")
        refused(connection, "SELECT * FROM sessions")
        refused(connection, "DELETE FROM model_deployments")


@pytest.mark.parametrize("words", ["runs", "user list", "user access", "erase --list"])
def test_a_command_has_the_account_that_it_needs(
    secure: Secure, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = replace(secure.bare, data_dir=str(secure.home.path))
    for name, value in to_environment(own).items():
        monkeypatch.setenv(name, value)
    assert main([*words.split(), "--json"]) == 0


def test_how_far_runs_are_is_noted_by_operations(secure: Secure) -> None:
    runs.progress(secure.as_role("ops"), "a-run", {"0": 1}, {})
    with pytest.raises(Unavailable, match="permission denied"):
        runs.progress(secure.as_role("reader"), "a-run", {"0": 1}, {})


def test_of_each_table_it_is_decided_who_reads_it(secure: Secure) -> None:
    with connect(secure.as_role("reader")) as connection:
        found = connection.execute(
            "SELECT c.relname, has_table_privilege(c.oid, 'SELECT') FROM pg_class AS c "
            "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')"
        ).fetchall()
    assert {str(name) for name, read in found if not read} == PRIVATE


@pytest.mark.parametrize("role", ["owner", "ops", "jobs", "console", "reader"])
def test_nobody_but_the_stack_is_a_superuser(secure: Secure, role: Role) -> None:
    with connect(secure.as_role(role)) as connection:
        row = connection.execute(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False,)


def test_the_owner_saves_all_rows_and_puts_them_back(secure: Secure, tmp_path: Path) -> None:
    owner, path = secure.as_role("owner"), tmp_path / "rows.gz"
    with connect(owner) as connection:
        connection.execute("INSERT INTO users (name, role) VALUES ('ada', 'admin')")
        (salt,) = connection.execute("SELECT salt FROM erasure_salt").fetchall()
    dump.save(owner, path)
    with connect(secure.as_role("admin")) as connection:
        connection.execute("CREATE DATABASE again OWNER risk_owner")
    again = replace(owner, postgres=replace(owner.postgres, database="again"))
    registry.migrate(again)
    dump.load(again, path)
    with connect(again) as connection:
        assert connection.execute("SELECT name FROM users").fetchall() == [("ada",)]
        assert connection.execute("SELECT salt FROM erasure_salt").fetchall() == [salt]
    with pytest.raises(Unavailable, match="permission denied for table"):
        dump.save(secure.as_role("ops"), tmp_path / "less.gz")


def test_a_client_in_plaintext_gets_in_nowhere(secure: Secure) -> None:
    bare = secure.as_role("jobs")
    own = replace(bare.postgres, sslmode="disable", ca_location=None)
    with pytest.raises(Unavailable, match="this server takes TLS only"):
        connect(replace(bare, postgres=own))


def test_a_wrong_password_gets_in_nowhere(secure: Secure) -> None:
    bare = secure.as_role("jobs")
    own = replace(bare.postgres, password="wrong", password_file=None)
    with pytest.raises(Unavailable, match="password authentication failed"):
        connect(replace(bare, postgres=own))


def test_a_server_of_another_authority_is_refused(secure: Secure, tmp_path: Path) -> None:
    other = authority.authority(Home(tmp_path / "other"))
    bare = secure.as_role("jobs")
    own = replace(bare.postgres, ca_location=str(other))
    with pytest.raises(Unavailable, match="certificate verify failed"):
        connect(replace(bare, postgres=own))


def test_passwords_change_while_clients_are_connected(secure: Secure) -> None:
    file = secure.home.path / "secrets" / "postgres-writer"
    before = file.read_text(encoding="ascii")
    own = secure.as_role("jobs")
    with connect(own) as connected:
        assert len(rotate(secure.bare, secure.home, ["postgres"])) == len(ACCOUNTS)
        assert connected.execute("SELECT 1").fetchone() == (1,)
    connect(own).close()
    old = replace(own.postgres, password=before, password_file=None)
    with pytest.raises(Unavailable, match="password authentication failed"):
        connect(replace(own, postgres=old))


def test_a_rotation_that_was_interrupted_goes_on(secure: Secure) -> None:
    admin = secure.home.path / "secrets" / "postgres-admin"
    current = admin.read_text(encoding="ascii")
    rotate(secure.bare, secure.home, ["postgres"])
    admin.rename(admin.with_name("postgres-admin.next"))  # told to the server, not yet in place
    write_private(admin, current)
    rotate(secure.bare, secure.home, ["postgres"])
    connect(secure.as_role("admin")).close()


def test_it_keeps_scram_verifiers_and_passwords_are_in_their_files_alone(secure: Secure) -> None:
    own = secure.as_role("admin")
    with connect(replace(own, postgres=replace(own.postgres, database="postgres"))) as connection:
        kept = connection.execute(
            "SELECT rolname FROM pg_authid WHERE rolcanlogin AND rolpassword LIKE 'SCRAM-SHA-256$%'"
        ).fetchall()
    assert {str(name) for (name,) in kept} == {f"risk_{account}" for account in ACCOUNTS}
    for account in ACCOUNTS:
        file = f"secrets/postgres-{account}"
        password = (secure.home.path / file).read_text(encoding="ascii")
        assert holders(secure.home, password) == [file]
    assert readable(secure.home) == []
