"""One stack that runs all the time: each kind of hostile input, then each server away for minutes.

After each step all jobs run and none is restarted, a payment is decided within a second, and
`risk verify` finds nothing. A step that fails doesn't hide the later ones. From the environment:

    SOUND_OUTAGE_S   for how long each server is away (default: 180)
    SOUND_WAY        stop: it hangs and goes on; kill: it dies and is started again (default: stop)
    SOUND_ONLY       a pattern of the steps to run (default: all)

The last two steps are what `risk verify` can't approve of: records on risk.scores that are none,
each of which it names; and payments deleted from Kafka, after which it ends with exit code 3.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from typing import NamedTuple, cast

import msgspec
import pytest

from risk.config.settings import Scoring, Settings
from risk.paths import ROOT
from risk.stack.process import Home
from tests.long import brokers, contents, outages, times
from tests.long.health import HEAD, Row, Sound, grown
from tests.long.outages import Way
from tests.pipeline import Pipeline

REPORT = ROOT / "build" / "sound.json"
OUTAGE_S = float(os.environ.get("SOUND_OUTAGE_S", "180"))
WAY = cast("Way", os.environ.get("SOUND_WAY", "stop"))
ONLY = re.compile(os.environ.get("SOUND_ONLY", ""))
DEDUP_MS = 60_000  # not ten minutes: an id has to be forgotten while the proof runs
WAIT_S = 240  # for outputs to catch up
BACK_S = 300.0  # for jobs to run and decide promptly after an outage
SOON_S = 60.0  # the same after hostile input


class Step(NamedTuple):
    """What is done, and what `risk verify` may say to it."""

    name: str
    do: Callable[[Sound, Row], object]
    back_s: float = SOON_S
    may_restart: bool = False
    wait_s: int = WAIT_S
    known: int = 0
    codes: tuple[int, ...] = (0,)


def _input(
    kind: str,
    do: Callable[[Sound], None],
    wait_s: int = WAIT_S,
    known: int = 0,
    codes: tuple[int, ...] = (0,),
) -> Step:
    name = f"{kind}: {do.__name__.replace('_', ' ')}"
    return Step(name, lambda sound, _: do(sound), wait_s=wait_s, known=known, codes=codes)


FIRST = (
    _input("sizes", contents.records_that_are_too_large),
    _input("sizes", contents.blanks_that_are_small_while_compressed),
    _input("sizes", contents.sixty_records_of_two_megabytes),
    # The payment ahead is corrected when the clock is there.
    _input("time", times.a_clock_that_is_ahead, wait_s=420),
    _input("time", times.a_partition_that_was_silent),
    _input("time", times.stragglers_after_quiet),
    _input("time", times.a_partition_that_drips),
    _input("time", times.a_late_payment_is_decided),
    _input("identity", contents.one_event_id_of_two_users),
    _input("identity", contents.an_id_that_is_used_again),
    _input("identity", contents.ties_in_time),
    _input("identity", contents.an_event_id_of_emoji),
    _input("texts", contents.addresses),
    _input("texts", contents.names),
    _input("texts", contents.money),
    _input("texts", contents.cards),
    _input("kafka", brokers.an_aborted_transaction),
    _input("kafka", brokers.a_marker_at_the_end),
    _input("kafka", brokers.partitions_that_are_added),
    _input("kafka", brokers.tombstones_on_scores),
    _input("redis", brokers.keys_in_the_way_in_redis),
)
LAST = (
    # Its sums cost the oracle, which computes each from all payments, half a minute a time.
    _input("numbers", contents.sums_beyond_64_bits),
    _input("texts", contents.no_card_in_clear),
    _input("scores", brokers.nonsense_on_scores, known=brokers.NONSENSE, codes=(1,), wait_s=0),
    _input("kafka", brokers.records_that_are_deleted, codes=(0, 3)),
)


def _outages(sound: Sound) -> list[Step]:
    def step(server: outages.Server) -> Step:
        def do(sound: Sound, row: Row) -> None:
            outages.outage(sound, row, server, WAY, OUTAGE_S)

        past = {"stop": "stopped", "kill": "killed"}[WAY]
        return Step(f"outage: {server.name} {past} {OUTAGE_S:.0f} s", do, BACK_S, True)

    return [step(server) for server in outages.servers(sound)]


@pytest.fixture
def sound(
    home: Home,
    kafka: Settings,
    postgres: Settings,
    redis: Settings,
    elasticsearch: Settings,
    flink: Settings,
) -> Sound:
    """Servers and jobs with the settings that are shipped, but for the time of DEDUP_MS."""
    settings = msgspec.structs.replace(flink, scoring=Scoring(dedup_ms=DEDUP_MS))
    pipeline = Pipeline(settings, home)
    pipeline.start()
    return Sound(pipeline)


def _run(sound: Sound, step: Step) -> Row:
    """One step, and all that has to hold after it; each fault is noted."""
    row = Row(step.name)
    begun = time.monotonic()
    before: dict[str, tuple[int, int]] = {}
    checks: list[Callable[[], object]] = [
        lambda: before.update(sound.restarts()),
        lambda: step.do(sound, row),
        lambda: sound.recover(row, step.back_s),
        lambda: sound.verify(row, step.wait_s, step.known, step.codes),
        sound.steady,
    ]
    for check in checks:
        try:
            check()
        except (Exception, pytest.fail.Exception) as error:
            row.faults.append(f"{type(error).__name__}: {str(error)[:2_000]}")
    try:
        row.restarts = grown(before, sound.restarts())
    except Exception as error:
        row.faults.append(f"{type(error).__name__}: {error}")
    if row.restarts and not step.may_restart:
        row.faults.append(f"jobs were restarted {row.restarts} times")
    row.seconds = time.monotonic() - begun
    return row


@pytest.mark.timeout(4 * 3_600)
def test_nothing_that_comes_and_nobody_who_goes_does_any_harm(sound: Sound) -> None:
    rows: list[Row] = []
    print(f"\n{HEAD}", flush=True)
    for step in (*FIRST, *_outages(sound), *LAST):
        if not ONLY.search(step.name):
            continue
        row = _run(sound, step)
        rows.append(row)
        print(row.line, *(f"\n    {fault}" for fault in row.faults), flush=True)
        REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    print("", HEAD, *(row.line for row in rows), sep="\n", flush=True)
    failed = [f"{row.step}: {fault}" for row in rows for fault in row.faults]
    assert not failed, "\n".join(failed)
