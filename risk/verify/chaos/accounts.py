"""What was promised, what is there, and what came of it: asked once all faults are over."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException

from risk.config import names
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.groups import ends, lag
from risk.kafka.scan import read_all
from risk.ops import jobs, metadata
from risk.ops.rulesets import tag
from risk.registry import runs
from risk.registry.runs import Run
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.process import Home
from risk.verify.chaos.journal import checksum, lost, read
from risk.verify.chaos.report import Totals
from risk.verify.coverage import of_ruleset
from risk.verify.verification import Report, verify
from risk.waiting import until
from sinks import registry

SHOWN: Final = 10
EVERY: Final = 10_000  # runs
POLL_S: Final = 1.0


def settle(
    settings: Settings, home: Home, journals: Iterable[Path], undecided: int, wait_s: float
) -> tuple[Totals, list[str]]:
    """The totals, and what is wrong in words. Raises `UserError` if something can't be read."""
    behind = lags(settings, wait_s)
    noted = [one for path in journals for one in read(path)]
    there = {
        (message.partition() or 0, message.offset() or 0): checksum(message.value())
        for message in read_all(settings, settings.topics.transactions)
    }
    missing = lost(noted, there)
    found, *earlier = _verified(settings, home, wait_s)
    wrong = [line for report in (found, *earlier) for line in _told(report)]
    places = {(one.partition, one.offset) for one in noted}
    totals = Totals(
        acknowledged=len(places),
        in_topic=len(there),
        unconfirmed=len(there.keys() - places),
        consumed=found.events,
        rejected=found.rejected,
        duplicate=found.duplicate,
        late=found.late,
        scored=found.scored,
        elsewhere=found.elsewhere,
        corrections=found.corrections,
        mismatches=sum(report.mismatches for report in (found, *earlier)),
        rows={name: store.rows for name, store in found.stores.items()},
        lag=behind,
        undecided=undecided,
    )
    return totals, [*missing[:SHOWN], *wrong]


def _verified(settings: Settings, home: Home, wait_s: float) -> list[Report]:
    """Of the ruleset that is active, and then of each other that was live before."""
    ruleset, scope = of_ruleset(settings, home, None)
    known = {(run.ruleset, run.ruleset_version) for run in _live(settings)}
    others = sorted(known - {(ruleset.name, ruleset.version)})
    every = [(ruleset, scope), *(of_ruleset(settings, home, tag(*one)) for one in others)]
    return [verify(settings, one, None, wait_s, part) for one, part in every]


def _live(settings: Settings) -> list[Run]:
    """The live runs that are noted; none where Postgres has lost them."""
    return [run for run in runs.list_runs(settings, EVERY) if run.kind == "live"]


def _told(found: Report) -> list[str]:
    if found.gone:
        return [*found.first, "the beginning of risk.transactions was deleted: what is left of it"]
    return list(found.first)


def groups(settings: Settings) -> list[tuple[str, str, str]]:
    """Each live job with its consumer group and a topic that it reads.

    Raises `FlinkUnavailable`: which run is live now is told by the job that runs.
    """
    found = [
        (one.name, names.delivery_group(one.name), topic)
        for one in registry.deliveries()
        for topic in one.read_from(settings.topics)
    ]
    return [*found, (names.SCORE, _scoring_group(settings), settings.topics.transactions)]


def _scoring_group(settings: Settings) -> str:
    # As the job says: where Postgres was emptied, nothing is noted.
    for job in jobs.running(settings, names.SCORING_JOBS):
        if names.kind_of(job.name) == names.SCORE:
            told = metadata.told_group(settings, job.id)
            return told or metadata.noted_group(settings, job.id, job.name)
    return names.scoring_group(Path(settings.scoring.ruleset).name)


def lags(settings: Settings, wait_s: float) -> dict[str, int]:
    """What each live job hasn't committed of what there is now: once all have, or time is up.

    Raises `UserError` if Kafka or Flink couldn't be asked the last time.
    """
    left: dict[str, int] = {}
    failed = ""

    def caught_up() -> bool:
        nonlocal failed
        left.clear()
        failed = ""
        try:
            for job, whose, topic in groups(settings):
                behind = lag(settings, whose, topic, ends(settings, topic))
                left[job] = left.get(job, 0) + behind
        except (UserError, KafkaException, FlinkUnavailable) as error:
            failed = str(error)
            return False  # what was just away: a broker may still be electing
        return not any(left.values())

    until(caught_up, wait_s, POLL_S)
    if failed:  # what was not read is no lag of 0
        raise UserError(f"lags can't be read: {failed}")
    return dict(left)
