"""What only Postgres's writer does: hits, the archive, refusals by halving, migrations."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

import sinks.postgres as store
import sinks.postgres.connect as connecting
from risk.config.settings import Settings
from risk.engine.delivery import Message, Sink, Unavailable, Written
from risk.engine.messages import Behind, Reason, Score
from risk.registry.activations import activate
from risk.stack.process import Home, alive
from sinks.postgres.connect import connect
from sinks.postgres.migrations import migrate
from sinks.sql import migrations, statement
from sinks.store import MigrationError
from tests.contract.messages import NOON, late, many, score

pytestmark = pytest.mark.stack
replace = msgspec.structs.replace


@pytest.fixture
def sink(migrated: Settings) -> Iterator[Sink]:
    sink = store.create(migrated)
    sink.open()
    yield sink
    sink.close()


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with connect(settings) as connection:
        return connection.execute(query.encode()).fetchall()


def hit(event_id: str, *rules: str, revision: int = 0) -> Score:
    """A score with these rules' hits."""
    reasons = tuple(Reason(rule, 2, 10 + at, "why") for at, rule in enumerate(rules))
    return replace(score(event_id, points=45, revision=revision), reasons=reasons)


BEFORE = f"""
    INSERT INTO risk_scores (
        event_id, ruleset, ruleset_version, user_id, event_time, run_id, fingerprint, revision,
        score, decision, reasons, features, scored_at, updated_at
    ) VALUES (
        'e1', 'default', 1, 'u1', {NOON}, 'r', 'f', 0, 45, 'REVIEW',
        '[{{"rule": "a", "version": 1, "points": 45, "text": ""}}]', '{{}}', now(), now()
    );
    INSERT INTO rule_hits
    VALUES ('e1', 'default', 1, 'a', 1, 45), ('gone', 'default', 1, 'a', 1, 4);
    INSERT INTO transactions (
        user_id, event_id, event_time, outcome, amount, currency, merchant_id, merchant_category,
        channel, country, ip, device_id, card_token, source, run_id
    )
    SELECT
        'u1', id, {NOON}, outcome, 1, 'EUR', 'm', '5411', 'web', 'DE', '::1', 'd', '****', 's', 'r'
    FROM (VALUES ('e1', 'scored'), ('l1', 'late')) AS given (id, outcome)
""".encode()
HITS = "SELECT event_id, rule, rule_version, points FROM rule_hits ORDER BY event_id, points"
ARCHIVE = "SELECT user_id, event_id, outcome, late_by FROM transactions ORDER BY user_id, event_id"


@pytest.mark.parametrize("name", ["drop_older", "drop_same"])
def test_a_score_is_looked_up_by_all_of_its_key(sink: Sink, migrated: Settings, name: str) -> None:
    """Of a user who has very many payments one is found as fast as of any other."""
    sink.write([score(f"e{n}", event_time=NOON + n) for n in range(3_000)])
    with connect(migrated) as connection:
        connection.execute(statement("prepare_writer"))
        connection.execute(
            "INSERT INTO staged_scores (event_id, ruleset, ruleset_version, user_id, event_time) "
            "SELECT event_id, ruleset, ruleset_version, user_id, event_time FROM risk_scores"
        )
        plan = connection.execute(b"EXPLAIN " + statement(name)).fetchall()
    (condition,) = [line.strip() for (line,) in plan if "Index Cond" in line]
    assert all(f"{column} = " in condition for column in ("event_id", "user_id")), plan


SLOW = b"""
    CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(0.05); RETURN new; END';
    CREATE TRIGGER slow BEFORE INSERT ON transactions FOR EACH ROW EXECUTE FUNCTION slowly();
"""


def test_a_batch_that_takes_too_long_is_written_in_parts(
    migrated: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tried whole again and again it would never be written."""
    with connect(migrated) as connection:
        connection.execute(SLOW)
    monkeypatch.setattr(connecting, "STATEMENT_MS", 400)
    sink = store.create(migrated)
    sink.open()
    assert sink.write([score(f"e{n}") for n in range(24)]) == Written(rows=24)
    sink.close()


def test_hits_follow_their_score(sink: Sink, migrated: Settings) -> None:
    sink.write([hit("e1", "a", "b"), hit("e2", "c")])
    assert rows(migrated, HITS) == [("e1", "a", 2, 10), ("e1", "b", 2, 11), ("e2", "c", 2, 10)]
    sink.write([hit("e1", "b", revision=1), hit("e2", revision=1)])
    assert rows(migrated, HITS) == [("e1", "b", 2, 10)]
    assert sink.write([hit("e1", "old")]) == Written(older=1)
    assert rows(migrated, HITS) == [("e1", "b", 2, 10)]


def test_an_equal_revision_replaces_the_hits(sink: Sink, migrated: Settings) -> None:
    sink.write([hit("e1", "a")])
    assert sink.write([hit("e1", "b")]) == Written(rows=1)
    assert rows(migrated, HITS) == [("e1", "b", 2, 10)]


def test_the_counts_add_up_to_the_batch(sink: Sink) -> None:
    scores = [hit("e1"), hit("e1", revision=2), hit("e1", "a", revision=2), hit("e1", revision=1)]
    batch: list[Message] = [*scores, late("l1"), hit("bad\0")]
    assert sink.write(batch)._replace(refused=()) == Written(3, 2)


def test_a_redelivered_batch_touches_no_row(sink: Sink, migrated: Settings) -> None:
    batch: list[Message] = [hit("e1", "a"), late("l1")]
    query = (
        "SELECT xmin::text, ctid::text FROM risk_scores UNION ALL "
        "SELECT xmin::text, ctid::text FROM rule_hits UNION ALL "
        "SELECT xmin::text, ctid::text FROM transactions"
    )
    sink.write(batch)
    before = rows(migrated, query)
    assert sink.write(batch) == Written(rows=2)
    # Nor does the same score from another run.
    again = replace(hit("e1", "a"), run_id="live-2", scored_at=NOON + 999)
    assert sink.write([again]) == Written(rows=1)
    assert rows(migrated, query) == before


def test_what_lacks_history_is_kept_and_goes_with_a_score_that_knows_more(
    sink: Sink, migrated: Settings
) -> None:
    query = "SELECT xmin::text, since FROM risk_scores"
    lacking = replace(hit("e1"), since={"user_history_count": NOON})
    sink.write([lacking])
    before = rows(migrated, query)
    assert [since for _, since in before] == [{"user_history_count": NOON}]
    sink.write([replace(lacking, run_id="live-2")])
    assert rows(migrated, query) == before
    sink.write([hit("e1")])
    assert [since for _, since in rows(migrated, query)] == [{}]
    assert rows(migrated, "SELECT count(*) FROM risk_scores WHERE since <> '{}'") == [(0,)]


def test_what_an_analyst_reads(sink: Sink, migrated: Settings) -> None:
    sink.write([hit("e1", "a")])
    activate(migrated, "default", 2)
    assert rows(migrated, "SELECT event_id FROM current_scores") == []
    activate(migrated, "default", 1)
    query = (
        "SELECT event_id, event_at::text, scored_at - event_at = interval '20 ms', "
        "reasons->0->>'text', features->>'user_count_5m' FROM current_scores"
    )
    assert rows(migrated, query) == [("e1", "2025-03-01 12:00:00+00", True, "why", "0")]


def test_every_accepted_transaction_is_archived_once(sink: Sink, migrated: Settings) -> None:
    batch: list[Message] = [hit("e1"), late("l1"), late("l1"), score("e1", ruleset=("strict", 3))]
    assert sink.write(batch) == Written(rows=4)
    archive = [("u-1", "e1", "scored", None), ("u-1", "l1", "late", 45_000)]
    assert rows(migrated, ARCHIVE) == archive
    sink.write(batch)
    assert rows(migrated, ARCHIVE) == archive
    columns = "amount, currency, card_token, ip, device_id, lat, run_id"
    assert rows(migrated, f"SELECT {columns} FROM transactions WHERE event_id = 'e1'") == [
        (12_345, "EUR", "****4242", "192.0.2.7", "d-1", 52.52, "run-1")
    ]


def cuts(kinds: str) -> list[list[str]]:
    """The messages of these kinds in every order, each in one batch or in one each."""
    orders = ["".join(order) for order in itertools.permutations(kinds)]
    return [cut for order in orders for cut in ([order], list(order))]


ARCHIVED: dict[str, Message] = {"s": hit("e1"), "l": late("e1"), "d": score("e1", late=True)}


@pytest.mark.parametrize("batches", cuts("sld"), ids="-".join)
def test_scored_wins_over_late(sink: Sink, migrated: Settings, batches: list[str]) -> None:
    for batch in batches:
        sink.write([ARCHIVED[kind] for kind in batch])
    assert rows(migrated, ARCHIVE) == [("u-1", "e1", "scored", None)]


@pytest.mark.parametrize("batches", cuts("ld"), ids="-".join)
def test_a_late_payment_is_archived_with_how_late_it_is(
    sink: Sink, migrated: Settings, batches: list[str]
) -> None:
    for batch in batches:
        sink.write([ARCHIVED[kind] for kind in batch])
    assert rows(migrated, ARCHIVE) == [("u-1", "e1", "late", 45_000)]
    assert rows(migrated, "SELECT behind FROM transactions") == [("partition",)]
    assert rows(migrated, "SELECT late FROM risk_scores") == [(True,)]


@pytest.mark.parametrize("behind", get_args(Behind))
def test_a_late_payment_is_archived_whatever_it_is_behind(
    sink: Sink, migrated: Settings, behind: Behind
) -> None:
    message = msgspec.structs.replace(late("e1"), behind=behind, late_by=0)
    assert sink.write([message]).refused == ()
    assert rows(migrated, "SELECT late_by, behind FROM transactions") == [(0, behind)]


def test_the_rows_of_before_are_kept(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    every = migrations()
    monkeypatch.setattr("sinks.postgres.migrations.migrations", lambda: every[:4])
    migrate(database)
    with connect(database) as connection:
        connection.execute(BEFORE)
    monkeypatch.undo()
    migrate(database)
    assert [(s.event_id, s.user_id, s.late) for s in store.scan(database, "default", 1)] == [
        ("e1", "u1", False)
    ]
    columns = "event_id, user_id, event_time, rule"
    assert rows(database, f"SELECT {columns} FROM rule_hits") == [("e1", "u1", NOON, "a")]
    assert rows(database, "SELECT event_id, behind FROM transactions ORDER BY 1") == [
        ("e1", None),
        ("l1", "partition"),
    ]
    # The row goes on under its new key.
    sink = store.create(database)
    sink.open()
    assert sink.write([hit("e1", "b", revision=1)]) == Written(rows=1)
    sink.close()
    users = "SELECT user_id, rule FROM rule_hits ORDER BY user_id"
    assert rows(database, users) == [("u-1", "b"), ("u1", "a")]


def test_payments_of_one_id_have_hits_and_transactions_of_their_own(
    sink: Sink, migrated: Settings
) -> None:
    batch: list[Score] = [
        replace(hit("1", rule), user_id=user, event_time=time)
        for user, time, rule in (("u1", NOON, "a"), ("u2", NOON, "b"), ("u1", NOON + 1, "c"))
    ]
    sink.write(batch)
    keys = "SELECT user_id, event_time, rule FROM rule_hits ORDER BY rule"
    assert rows(migrated, keys) == [("u1", NOON, "a"), ("u2", NOON, "b"), ("u1", NOON + 1, "c")]
    assert rows(migrated, "SELECT count(*) FROM transactions") == [(3,)]
    sink.write([replace(batch[1], revision=1, reasons=())])
    assert rows(migrated, keys) == [("u1", NOON, "a"), ("u1", NOON + 1, "c")]


def test_a_server_that_hangs_is_unavailable(
    sink: Sink, migrated: Settings, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.close()
    monkeypatch.setattr(connecting, "STATEMENT_MS", 200)
    monkeypatch.setattr(connecting, "ANSWER_S", 0.2)
    sink.open()
    sink.write([hit("e1")])
    pid = alive(home, "postgres")
    assert pid is not None
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    group = [pid, *map(int, children)]
    for one in group:
        os.kill(one, signal.SIGSTOP)
    try:
        with pytest.raises(Unavailable, match="no answer"):
            sink.write([hit("e2")])
    finally:
        for one in group:
            os.kill(one, signal.SIGCONT)
    assert sink.write([hit("e2")]) == Written(rows=1)


def test_what_only_postgres_sees_is_found_by_halving(sink: Sink, migrated: Settings) -> None:
    batch = [hit(f"e{at:02}", "a") for at in range(20)]
    for at in (0, 7, 19):
        batch[at] = replace(batch[at], decision="MAYBE")
    written = sink.write(batch)
    assert (written.rows, written.older) == (17, 0)
    assert [refused.at for refused in written.refused] == [0, 7, 19]
    assert all("decision" in refused.reason for refused in written.refused)
    assert len(rows(migrated, HITS)) == len(rows(migrated, ARCHIVE)) == 17


def test_a_refused_revision_leaves_the_one_before_it(sink: Sink, migrated: Settings) -> None:
    worse = replace(hit("e1", revision=1), decision="MAYBE")
    written = sink.write([hit("e1", "a"), worse])
    assert (written.rows, [refused.at for refused in written.refused]) == (1, [1])
    assert [(s.event_id, s.revision) for s in store.scan(migrated, "default", 1)] == [("e1", 0)]


def test_a_lost_connection_is_made_anew(sink: Sink, migrated: Settings) -> None:
    sink.write([hit("e1")])
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    rows(migrated, f"{end} AND datname = current_database()")
    with pytest.raises(Unavailable):
        sink.write([hit("e2")])
    assert sink.write([hit("e2")]) == Written(rows=1)


def test_a_wait_without_end_is_unavailable(
    sink: Sink, migrated: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.close()
    monkeypatch.setattr(connecting, "STATEMENT_MS", 100)
    with connect(migrated) as other, other.transaction():
        other.execute("LOCK TABLE risk_scores IN SHARE MODE")
        with pytest.raises(Unavailable, match="timeout"):
            sink.write([hit("e1")])
    assert sink.write([hit("e1")]) == Written(rows=1)


def test_a_failure_of_postgres_refuses_nothing(sink: Sink, migrated: Settings) -> None:
    """A batch that can't be written now is no fault of its messages."""
    database = migrated.postgres.database
    rows_of = "SELECT count(*) FROM risk_scores"
    with connect(migrated) as connection:
        connection.execute(
            f"ALTER DATABASE {database} SET default_transaction_read_only = on".encode()
        )
        sink.close()
        with pytest.raises(Unavailable, match="read-only"):
            sink.write([hit("e1")])
        connection.execute(f"ALTER DATABASE {database} RESET ALL".encode())
    assert sink.write([hit("e1")]) == Written(rows=1)
    assert rows(migrated, rows_of) == [(1,)]


def test_without_a_schema_it_says_what_to_do(database: Settings) -> None:
    with pytest.raises(Unavailable, match="risk migrate"):
        store.create(database).open()


def test_a_wrong_password_is_not_shown(postgres: Settings) -> None:
    wrong = replace(postgres, postgres=replace(postgres.postgres, password="hunter2"))
    with pytest.raises(Unavailable) as caught:
        store.create(wrong).open()
    assert "hunter2" not in str(caught.value)


def test_batches_of_500(sink: Sink, migrated: Settings) -> None:
    batch = many(10_000)
    started = time.perf_counter()
    for at in range(0, len(batch), 500):
        assert sink.write(batch[at : at + 500]) == Written(rows=500)
    rate = len(batch) / (time.perf_counter() - started)
    print(f"{rate:,.0f} rows/s in batches of 500")
    ids = [stored.event_id for stored in store.scan(migrated, "default", 1)]
    assert ids == sorted(s.event_id for s in batch)


def test_a_scan_sees_one_moment(sink: Sink, migrated: Settings) -> None:
    sink.write(many(12_000))
    scan = store.scan(migrated, "default", 1)
    first = next(scan)
    sink.write(many(12_000, revision=1))
    assert {first.revision} | {stored.revision for stored in scan} == {0}


def test_migrating_twice_does_nothing_more(database: Settings) -> None:
    assert migrate(database) == [name for name, _ in migrations()]
    assert migrate(database) == []


def test_two_who_migrate_at_once(database: Settings) -> None:
    applied: list[list[str]] = []
    threads = [threading.Thread(target=lambda: applied.append(migrate(database))) for _ in "12"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == [[], [name for name, _ in migrations()]]


def test_an_edited_migration_is_named(migrated: Settings) -> None:
    with connect(migrated) as connection:
        connection.execute("UPDATE schema_migrations SET checksum = '' WHERE name LIKE '0002%'")
    with pytest.raises(MigrationError, match=r"0002_runs\.sql was edited"):
        migrate(migrated)


def test_a_database_of_newer_code_is_left_alone(migrated: Settings) -> None:
    with connect(migrated) as connection:
        connection.execute("INSERT INTO schema_migrations (name, checksum) VALUES ('9999_x', '')")
    with pytest.raises(MigrationError, match="9999_x"):
        migrate(migrated)
