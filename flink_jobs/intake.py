"""What the first operator of either placement has beside its stages: a view of the broker."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence

from flink_jobs import late_verdicts
from flink_jobs.control import Control
from flink_jobs.plan import ScoringPlan
from risk.config.settings import with_secrets
from risk.engine.feedback import Logged
from risk.engine.stages.base import FLUSH, Raw, Store
from risk.engine.stages.feedback import Feedback
from risk.engine.stages.hold import NOTHING_READ
from risk.engine.stages.ingest import Ingest
from risk.engine.stages.reading import Idle
from risk.engine.stages.watch import IdleWatch, Patience
from risk.kafka import recorded_late as recorded
from risk.kafka.feedback_log import FeedbackLog
from risk.kafka.partition_ends import TopicEnds
from risk.kafka.topic_watch import TopicWatch


class Intake:
    """Watches the topic, and the partitions of it that one shard reads.

    `lost` is told how many records were deleted before they were read. Raises `TopicFault` if the
    topic can't be scored.
    """

    def __init__(self, plan: ScoringPlan, shard: int, lost: Callable[[int], object]) -> None:
        self._settings = with_secrets(plan.settings, os.environ)
        self._elsewhere = plan.elsewhere(shard)
        kafka, topic = self._settings.kafka, self._settings.topics.transactions
        self._topic = TopicWatch(kafka, topic, lost)
        self._broker = TopicEnds(kafka, topic)
        self._ingest: Ingest | None = None
        self._idle: IdleWatch | None = None
        self._recorded: Mapping[int, Mapping[int, int]] | None = None
        self._log = FeedbackLog(self._settings)
        self._recorded_verdicts: set[tuple[int, int]] | None = None
        self._bounded = plan.ends is not None
        self._late: list[Logged] = []
        self.control = Control.of(self._settings, plan)

    def begin(self, ingest: Ingest, feedback: Feedback, store: Store) -> None:
        """The shard's state was loaded: its ingest, its feedback, and where the topic is noted.

        What is about to be read is judged as risk.late has recorded it. That is asked for once:
        what this run finds itself is of records that it doesn't read again, even where its state
        is loaded again after a batch that has failed.
        """
        scoring = self._settings.scoring
        self._ingest = ingest
        self._topic.begin(ingest, store)
        if self._recorded is None:
            self._recorded = recorded.late_by(self._settings, ingest.read_to)
        ingest.take_as_late(self._recorded)
        patience = Patience(
            scoring.idle_ms,
            scoring.hold_ms,
            scoring.quiet_ms,
            scoring.lateness_ms,
            scoring.future_ms,
        )
        self._idle = IdleWatch(ingest, patience, self._elsewhere)
        if self.control:
            self.control.begin(ingest, self._recorded)
        self._feedback = feedback
        if feedback.wanted:
            self._read_all_feedback()

    def _read_all_feedback(self) -> None:
        """Read feedback from its beginning: all that was said before anything is scored."""
        if self._recorded_verdicts is None:
            self._recorded_verdicts = late_verdicts.recorded(self._settings)
        aside = self._recorded_verdicts
        log = (one for one in self._log.all() if (one.partition, one.offset) not in aside)
        # All that a bounded run reads stands in the topic already, and so does all feedback of it.
        appended = FLUSH if self._bounded else NOTHING_READ
        self._late += self._feedback.take(log, appended)

    def read_feedback(self) -> None:
        """Read what is new in the feedback, if any feature asks for it."""
        if not self._feedback.wanted:
            return
        appended, news = self._feedback.appended, self._log.new()
        self._late += self._feedback.take(news.logged, appended if news.whole else NOTHING_READ)

    def too_late(self) -> list[Logged]:
        """Verdicts that came too late to count, and weren't asked for yet."""
        found, self._late = self._late, []
        return found

    def awake(self, records: Sequence[Raw]) -> None:
        """These records came: their partitions aren't idle."""
        assert self._idle is not None
        self._idle.heard({raw.partition for raw in records})

    def read(self, records: Sequence[Raw]) -> None:
        """These records went through the stages."""
        self._topic.heard(records)
        if self.control:
            self.control.took(records)

    def at_end(self, partition: int) -> bool:
        """Whether a partition has no record left to be read; False if nobody can tell."""
        assert self._ingest is not None
        return self._broker.at_end(partition, self._ingest.read_to[partition])

    def tick(self) -> Idle | None:
        """A second has passed. What is idle now, if that is other than before.

        Nothing is where another run judges that.
        """
        assert self._idle is not None
        self._topic.tick()
        if self.control and self.control.follows:
            return None
        return self._idle.tick(self._broker, time.time_ns() // 1_000_000)

    def close(self) -> None:
        """Disconnect."""
        self._topic.close()
        self._broker.close()
        self._log.close()
        if self.control:
            self.control.close()
