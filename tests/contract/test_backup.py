"""`risk backup` and `risk restore`: what was in topics and Postgres is there again, as it was."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import Message, Producer

import sinks.postgres as archive
from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.kafka.scan import read_all
from risk.kafka.topics import create_topics, delete_topics
from risk.ops.backup import dump
from risk.ops.backup.bring_back import restore
from risk.ops.backup.make import ROWS, backup
from risk.ops.backup.records import load
from risk.ops.rebuild import rebuild
from risk.registry import tables
from sinks.postgres.connect import connect
from sinks.postgres.migrations import migrate
from tests.contract.messages import many
from tests.databases import own_database

pytestmark = pytest.mark.stack
replace = msgspec.structs.replace
PAYMENTS = 500
HOUR_MS = 3_600_000
Made = Callable[[], Settings]


@pytest.fixture(scope="module")
def empty(kafka: Settings, postgres: Settings) -> Iterator[Made]:
    """Makes a stack of one's own each time: topics and a database that hold nothing."""
    with ExitStack() as ending:

        def make() -> Settings:
            database = ending.enter_context(own_database(postgres))
            mark = f"b{time.time_ns():x}"
            names = {field: f"{mark}.{field}" for field in msgspec.structs.asdict(kafka.topics)}
            topics = msgspec.convert(names, type(kafka.topics))
            settings = replace(kafka, postgres=database.postgres, topics=topics)
            create_topics(settings, settings.kafka.servers)
            migrate(settings)
            ending.callback(delete_topics, settings, [*names.values()])
            return settings

        yield make


@pytest.fixture(scope="module")
def filled(empty: Made) -> Settings:
    """One with payments, scores, a dead letter with headers, and rows."""
    settings = empty()
    topics, scores = settings.topics, many(PAYMENTS)
    producer = Producer(client_config(settings.kafka))
    for at, one in enumerate(scores):
        producer.produce(topics.transactions, b"payment %d" % at, one.user_id.encode())
        producer.produce(topics.scores, msgspec.json.encode(one), one.user_id.encode())
    last = many(PAYMENTS + 1)[-1]  # not yet delivered: Postgres' rows are those of a moment before
    producer.produce(topics.scores, msgspec.json.encode(last), last.user_id.encode())
    producer.produce(
        topics.dlq, b"\xff\x00 no text", None, headers=[("why", b"\x00"), ("no", None)]
    )
    producer.produce(topics.feedback, None, b"a tombstone")
    assert producer.flush(30) == 0
    sink = archive.create(settings)
    sink.open()
    assert sink.write(scores).rows == PAYMENTS
    sink.close()
    with connect(settings) as connection:
        connection.execute("INSERT INTO erased_users VALUES (%s, 1)", (b"h" * 32,))
    return settings


@pytest.fixture(scope="module")
def saved(filled: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backup") / "first"
    backup(filled, folder)
    return folder


def content(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    """All records of all topics, by the topics' fields."""

    def told(one: Message) -> tuple[object, ...]:
        headers = [(name, value) for name, value in one.headers() or []]
        return one.partition(), one.offset(), one.key(), one.value(), headers

    named = msgspec.structs.asdict(settings.topics)
    return {
        field: sorted(map(told, read_all(settings, name)), key=lambda one: one[:2])
        for field, name in named.items()
    }


def test_all_of_it_is_there_again(filled: Settings, saved: Path, empty: Made) -> None:
    target = empty()
    done = restore(target, saved)
    assert content(target) == content(filled)
    assert done.moved == {}
    assert done.records[target.topics.transactions] == PAYMENTS
    rows, again = (list(archive.scan(each, "default", 1)) for each in (filled, target))
    assert len(rows) == PAYMENTS
    assert again == rows
    assert rebuild(target, "postgres", True, lambda _: None).rows == PAYMENTS + 1
    assert len(list(archive.scan(target, "default", 1))) == PAYMENTS + 1
    sink = archive.create(target)  # and what comes next is taken: no sequence begins anew
    sink.open()
    assert sink.write(many(PAYMENTS + 2)).rows == PAYMENTS + 2
    sink.close()


def test_it_says_when_each_record_was_appended(saved: Path, filled: Settings) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())
    assert manifest["topics"]["transactions"]["file"]["rows"] == PAYMENTS
    assert manifest["topics"]["scores"]["name"] == filled.topics.scores
    times = [one.time for one in load(saved / "transactions.jsonl.gz")]
    assert len(times) == PAYMENTS
    assert all(abs(at - time.time() * 1_000) < HOUR_MS for at in times)
    assert (saved.stat().st_mode & 0o777) == 0o700


def test_onto_what_is_not_empty_it_is_refused(filled: Settings, saved: Path, empty: Made) -> None:
    with pytest.raises(
        UserError, match=r"Postgres is not empty \((erased_users|risk_scores) has rows"
    ):
        restore(filled, saved)
    target = empty()
    with connect(target) as connection:
        connection.execute(
            "INSERT INTO activations (ruleset, version, how) VALUES ('x', 1, 'first')"
        )
    with pytest.raises(UserError, match=r"Postgres is not empty \(activations has rows\)"):
        restore(target, saved)
    assert content(target)["transactions"] == []


def changed(saved: Path, folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy of the backup whose manifest says something else."""
    shutil.copytree(saved, folder)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    return folder


def test_one_of_another_version_is_refused(saved: Path, tmp_path: Path, empty: Made) -> None:
    def newer(manifest: dict[str, Any]) -> None:
        manifest["migrations"]["0999_later"] = "x"

    def unknown(manifest: dict[str, Any]) -> None:
        manifest["topics"]["payouts"] = manifest["topics"]["dlq"]

    def wider(manifest: dict[str, Any]) -> None:
        manifest["topics"]["late"]["ends"]["99"] = [0, 0]

    def formatted(manifest: dict[str, Any]) -> None:
        manifest.clear()
        manifest["format"] = 2

    target = empty()
    for change, said in (
        (newer, "0999_later on: restore with the version that made it"),
        (unknown, "payouts: no topic of this version: restore with the version"),
        (wider, r"late has \d+ partitions, and had \d+: make it with"),
        (formatted, "format 2, and this version reads 1"),
    ):
        folder = changed(saved, tmp_path / change.__name__, change)
        with pytest.raises(UserError, match=said):
            restore(target, folder)
    assert content(target)["transactions"] == []


def test_a_stack_that_is_refused_is_not_migrated(
    filled: Settings, saved: Path, postgres: Settings
) -> None:
    with own_database(postgres) as database:
        own = replace(filled, postgres=database.postgres)
        with pytest.raises(UserError, match=r"is not empty \(partition \d+\): .*empty stack"):
            restore(own, saved)
        with connect(own) as connection:
            assert (
                connection.execute("SELECT FROM pg_tables WHERE schemaname = 'public'").rowcount
                == 0
            )


def test_rows_are_put_back_all_or_none(saved: Path, empty: Made) -> None:
    target = empty()
    with connect(target) as connection:
        (salt,) = connection.execute("SELECT salt FROM erasure_salt").fetchall()
        # what comes nearly last
        connection.execute("ALTER TABLE transactions ADD CHECK (event_id <> 'e-000499')")
    with pytest.raises(UserError, match=r"took no row of the backup: .*violates check constraint"):
        dump.load(target, saved / ROWS)
    with connect(target) as connection:
        assert connection.execute("SELECT salt FROM erasure_salt").fetchall() == [salt]
    assert tables.filled(target) == []


def test_the_erased_stay_erased(filled: Settings, saved: Path, empty: Made) -> None:
    target = empty()
    restore(target, saved)
    lists = []
    for one in (filled, target):
        with connect(one) as connection:
            query = "SELECT salt, user_hash, upto FROM erasure_salt, erased_users"
            lists.append(connection.execute(query).fetchall())
    assert len(lists[0]) == 1
    assert lists[1] == lists[0]


def test_a_backup_that_is_damaged_or_not_whole_is_refused(
    filled: Settings, tmp_path: Path, empty: Made
) -> None:
    folder = tmp_path / "one"
    backup(filled, folder)
    with pytest.raises(UserError, match="is not empty: name another folder"):
        backup(filled, folder)
    path = folder / "transactions.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-9])
    target = empty()
    with pytest.raises(UserError, match=r"transactions\.jsonl\.gz is not what was written"):
        restore(target, folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(UserError, match="not a whole one"):
        restore(target, folder)


def test_the_commands(
    filled: Settings,
    empty: Made,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def typed(settings: Settings, *words: str) -> int:
        for name, value in to_environment(settings).items():
            monkeypatch.setenv(name, value)
        return main(words)

    target = empty()
    assert typed(filled, "backup", str(tmp_path / "x")) == 0
    assert f"{filled.topics.transactions}: {PAYMENTS} records" in "".join(capsys.readouterr())
    assert typed(target, "restore", str(tmp_path / "x")) == 0
    assert "risk rebuild redis" in "".join(capsys.readouterr())
    assert typed(target, "restore", str(tmp_path / "x")) == 2
    assert "is not empty" in "".join(capsys.readouterr())
    assert typed(filled, "backup", str(tmp_path / "x")) == 2
    assert "is not empty: name another folder" in "".join(capsys.readouterr())
    assert typed(target, "restore", str(tmp_path / "none")) == 2
    said = "".join(capsys.readouterr())
    assert "none/manifest.json is missing" in said
    assert said.count("\n") == 1
    assert content(target) == content(filled)
