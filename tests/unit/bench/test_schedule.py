"""The schedule of the latency benchmark, the stream, and the settings to compare."""

from __future__ import annotations

import argparse

import pytest

from generator.stream import records
from risk.bench.growth import heated
from risk.bench.schedule import Schedule
from risk.bench.stream import batches, raws, stream
from risk.cli.benchmarks.against import add_against, applied
from risk.config.settings import Settings
from risk.engine.payment.transaction import decode
from risk.errors import UserError

CONFIG = stream(50, 40)


def test_past_and_live_are_the_stream_in_order() -> None:
    schedule = Schedule(CONFIG, 30)
    past, live = list(schedule.past()), list(schedule.live())
    whole = list(records(CONFIG))
    assert [r.value for r in past] + [due.value for due in live] == [r.value for r in whole]
    assert all(record.due_ms < 30_000 for record in past)
    assert 0 <= live[0].at <= live[-1].at <= 10.1


def test_only_events_that_get_a_score_are_waited_for() -> None:
    schedule = Schedule(stream(50, 200), 0)
    assert not list(schedule.past())
    dues = list(schedule.live())
    waited = [due.event_id for due in dues if due.event_id]
    kinds = [record.kind for record in records(stream(50, 200))]
    assert len(waited) == len(set(waited)) == sum(k in ("on_time", "out_of_order") for k in kinds)
    for due in dues:
        if due.event_id:
            assert decode(due.value, due.key).event_id == due.event_id


def test_records_of_a_key_stay_in_one_partition_and_offsets_count_up() -> None:
    found = list(raws(CONFIG, 4))
    places: dict[bytes, int] = {}
    ends = [0] * 4
    for raw in found:
        assert places.setdefault(raw.key or b"", raw.partition) == raw.partition or not raw.key
        assert raw.offset == ends[raw.partition]
        ends[raw.partition] += 1
    assert sum(len(batch) for batch in batches(iter(found), 7)) == len(found)


def test_a_heated_stream_has_one_key() -> None:
    found = list(heated(raws(stream(50, 10), 4), "ip"))
    ips = set()
    for raw in found:
        try:
            ips.add(decode(raw.value, raw.key).ip)
        except Exception:
            continue
    assert ips == {"10.0.0.1"}


def against(text: str) -> dict[str, str]:
    parser = argparse.ArgumentParser()
    add_against(parser)
    found: dict[str, str] = parser.parse_args(["--against", text]).against
    return found


def test_what_is_compared_is_ours_the_jobs_or_flinks() -> None:
    pairs = against("scoring.batch_ms=20,job.placement=sharded,state.backend.type=hashmap")
    settings, flags, options = applied(Settings(), pairs)
    assert settings.scoring.batch_ms == 20
    assert settings.kafka == Settings().kafka
    assert flags == ["--placement", "sharded"]
    assert options == {"state.backend.type": "hashmap"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scoring.batch_ms=soon", "RISK_SCORING__BATCH_MS: scoring.batch_ms: Expected"),
        ("scoring.none=1", "scoring: Object contains unknown field `none`"),
        ("kafka.port=1", "kafka.port: the servers read it when they start"),
    ],
)
def test_a_wrong_setting_is_named(text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        applied(Settings(), against(text))


def test_a_pair_without_a_value_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        against("batch")
    assert "'batch' is not KEY=VALUE" in capsys.readouterr().err
