"""A message that Postgres refuses for good: it alone is put aside, after bounded tries."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

import sinks.postgres as archive
from risk.config.settings import Settings
from risk.engine.delivery import Sink, Written
from risk.engine.refusals import Limit
from sinks import again
from sinks.postgres.connect import connect
from tests.contract.messages import NOON, score

pytestmark = pytest.mark.stack
replace = msgspec.structs.replace
BATCH = [score(f"e{at}", user_id=f"u-{at}", event_time=NOON) for at in range(8)]
BAD = 5


@pytest.fixture
def postgres_sink(migrated: Settings) -> Iterator[Sink]:
    sink = archive.create(migrated)
    sink.open()
    yield sink
    sink.close()


def trigger(settings: Settings, condition: str, code: str) -> None:
    """Somebody's trigger that fails on some rows, with that SQLSTATE."""
    with connect(settings) as connection:
        connection.execute("CREATE SEQUENCE IF NOT EXISTS tries")
        connection.execute(
            "CREATE OR REPLACE FUNCTION somebodys() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION 'not this one' USING ERRCODE = '{code}'; END IF; "
            "RETURN NEW; END $$".encode()
        )
        connection.execute(
            "CREATE OR REPLACE TRIGGER somebodys BEFORE INSERT ON risk_scores "
            "FOR EACH ROW EXECUTE FUNCTION somebodys()"
        )


def quick(settings: Settings, tries: int = 3) -> Settings:
    delivery = replace(settings.delivery, retry_min_ms=1, retry_max_ms=1, doubtful_tries=tries)
    return replace(settings, delivery=delivery)


def stored(settings: Settings) -> list[str]:
    return sorted(one.event_id for one in archive.scan(settings, "default", 1))


def test_what_a_trigger_refuses_is_refused_at_once(migrated: Settings, postgres_sink: Sink) -> None:
    trigger(migrated, f"NEW.user_id = 'u-{BAD}'", "P0001")
    written = postgres_sink.write(BATCH)
    assert (written.rows, written.doubtful) == (7, ())
    assert [(one.at, one.kind) for one in written.refused] == [(BAD, "P0001")]
    assert "not this one" in written.refused[0].reason
    assert stored(migrated) == [f"e{at}" for at in range(8) if at != BAD]


def test_a_failure_on_one_row_is_refused_after_bounded_tries(
    migrated: Settings, postgres_sink: Sink
) -> None:
    trigger(migrated, f"NEW.user_id = 'u-{BAD}' AND nextval('tries') > 0", "XX000")
    assert [one.at for one in postgres_sink.write(BATCH).doubtful] == [BAD]
    assert len(stored(migrated)) == 7  # the others needn't wait for it
    with connect(migrated) as connection:
        connection.execute("ALTER SEQUENCE tries RESTART")
    written = again.write(postgres_sink, BATCH, quick(migrated).delivery)
    assert (written.rows, written.doubtful) == (7, ())
    assert [(one.at, one.kind) for one in written.refused] == [(BAD, "XX000")]
    with connect(migrated) as connection:
        row = connection.execute("SELECT last_value FROM tries").fetchone()
    assert row is not None
    # Halving meets the row in 8, 4, 2 and 1; then it is tried alone, twice.
    assert row[0] == 4 + 2


def test_a_failure_that_passes_loses_nothing(migrated: Settings, postgres_sink: Sink) -> None:
    trigger(migrated, f"NEW.user_id = 'u-{BAD}' AND nextval('tries') < 6", "XX000")
    written = again.write(postgres_sink, BATCH, quick(migrated).delivery)
    assert written == Written(rows=8)
    assert len(stored(migrated)) == 8


def test_a_schema_that_refuses_everything_is_told_from_poison(
    migrated: Settings, postgres_sink: Sink
) -> None:
    limit = Limit(10)
    with connect(migrated) as connection:
        connection.execute(
            "ALTER TABLE risk_scores ADD CONSTRAINT somebodys CHECK (score < 0) NOT VALID"
        )
    assert limit.judge(postgres_sink.write(BATCH)) is None  # who knows yet
    held = limit.judge(postgres_sink.write(BATCH))
    assert held is not None
    assert "somebodys" in held.line("postgres")
    with connect(migrated) as connection:
        connection.execute("ALTER TABLE risk_scores DROP CONSTRAINT somebodys")
    assert limit.judge(postgres_sink.write(BATCH)) is None
    assert len(stored(migrated)) == 8
