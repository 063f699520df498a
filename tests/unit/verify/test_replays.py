"""What a replay said is held to what it had read: what came later corrects what is live alone."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import astuple

from flink_jobs.messages import Writer
from risk.config.settings import Scoring
from risk.engine.messages import Kind
from risk.engine.oracle import Consumed, Expected, expected
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.fused import Fused
from risk.verify import comparison
from risk.verify.comparison import Line, Scores
from risk.verify.replays import Replays
from tests.unit.streams import START, quiet, raw, reading, transaction
from tests.unit.verify.test_comparison import RULESET, lines

RUN = "replay-1"


def stream() -> list[Raw]:
    """Two payments of a user, and then one that comes late enough to correct both."""
    times = (START + 8_000, START + 9_000, START + 1_000)
    return [
        raw(transaction(number, event_time=at, user_id="u1"), number)
        for number, at in enumerate(times)
    ]


def want(raws: list[Raw]) -> Expected:
    return expected([Consumed(*astuple(one)) for one in raws], RULESET, Scoring())


def said(raws: list[Raw], kind: Kind) -> list[Line]:
    """The lines of a run that reads so much."""
    fused = Fused(lambda stage: MemoryStore(), reading())
    results = [fused.on_batch([one]) for one in raws] + [fused.on_idle(quiet())]
    writer = Writer(RULESET, RUN, kind)
    return lines(
        [line for result in results for line in writer.decisions(result.scorables, START).scores]
    )


def compared(told: list[Line], read: int) -> Scores:
    """Against all of the stream, where the replay has read so many."""

    def expect(read_to: Mapping[int, int]) -> Expected:
        assert dict(read_to) == {0: read}
        return want(stream()[:read])

    replays = Replays({RUN: {0: read}}, expect)
    demanded = want(stream()[:2]).scores.keys()
    return comparison.scores(told, want(stream()), RULESET, demanded, replays=replays)


def test_a_replay_is_not_blamed_for_what_came_after_it() -> None:
    told = said(stream()[:2], "replay")
    found = compared(told, read=2)
    missing = [line for line in found.problems if not line.endswith("is missing")]
    assert missing == []
    assert len(found.replayed) == 2
    assert all(comparison.scores(told, want(stream()), RULESET).problems)


def test_what_it_had_read_it_has_to_have_counted() -> None:
    found = compared(said(stream()[:2], "replay"), read=3)
    assert sum("and should be" in line for line in found.problems) == 2


def test_what_is_live_is_held_to_all_there_is() -> None:
    found = compared(said(stream()[:2], "live"), read=2)
    assert sum("and should be" in line for line in found.problems) == 2
    assert found.replayed == {}
