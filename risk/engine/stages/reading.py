"""What a run reads, and by what it judges the records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from risk.config.settings import Scoring
from risk.engine.payment.contract import OPEN, Contract


class VerdictTimes(NamedTuple):
    """When verdicts count, in ms: from `delay` after they are known, if the payment is no older
    than `memory` by then.
    """

    delay: int
    memory: int


class Reading(NamedTuple):
    """A run's input. Offsets and marks are by partition, times in ms.

    `starts` are all the partitions that there are, each with the offset that reading starts at.
    `ends`, for a bounded run, has the offset after the last that counts: what lies beyond is left
    out, and a partition read so far holds nothing back any more. `emitted` has the first offset
    whose decision is emitted, and the one after the last: all other records are read because they
    count for the features of these. `contract` is what the ruleset that decides asks of a payment,
    `verdicts` say when verdicts count. `max_partition_payments` is that of the settings.
    """

    starts: Mapping[int, int]
    lateness_ms: int
    future_ms: int
    dedup_ms: int
    ends: Mapping[int, int] | None = None
    emitted: Mapping[int, tuple[int, int]] | None = None
    contract: Contract = OPEN
    verdicts: VerdictTimes = VerdictTimes(0, 0)
    max_partition_payments: int = Scoring().max_partition_payments

    @classmethod
    def of(
        cls,
        starts: Mapping[int, int],
        scoring: Scoring,
        ends: Mapping[int, int] | None = None,
        emitted: Mapping[int, tuple[int, int]] | None = None,
        contract: Contract = OPEN,
    ) -> Reading:
        """Judged as the settings say."""
        times = scoring.lateness_ms, scoring.future_ms, scoring.dedup_ms
        verdicts = VerdictTimes(scoring.feedback_delay_ms, scoring.feedback_memory_ms)
        most = scoring.max_partition_payments
        return cls(starts, *times, ends, emitted, contract, verdicts, most)


class Idle(NamedTuple):
    """What the broker and the clock say of partitions from which nothing comes.

    `partitions` no longer hold the frontier: they are silent and read to their end, or have been
    read to their end for long and are still far behind the others. `elsewhere` is a mark that the
    partitions of other shards have passed, as far as they aren't idle themselves.

    With `settled_to`, in ms UTC, nothing has come in any partition for so long that all that was
    read, but for event times later than that, is taken to have settled. No event of another shard
    is later than `latest_elsewhere`.
    """

    partitions: frozenset[int] = frozenset()
    elsewhere: int | None = None
    settled_to: int | None = None
    latest_elsewhere: int = -1


AWAKE: Final = Idle()
