"""What the first operator does with feedback: nothing, unless some feature counts verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from risk.engine.features.feature_set import FeatureSet
from risk.engine.feedback import Logged
from risk.engine.stages.base import FLUSH, Frontier, Item, Raw, Store
from risk.engine.stages.hold import Hold
from risk.engine.stages.reading import Reading
from risk.engine.stages.verdicts import VerdictStage


class Feedback:
    """Verdicts join their payments, and no frontier passes before those that count are known."""

    def __init__(self, stage: VerdictStage | None) -> None:
        self.stage = stage
        self._hold = Hold()

    @staticmethod
    def of(store: Callable[[str], Store], features: FeatureSet, reading: Reading) -> Feedback:
        """For these features, over the state of a shard."""
        if not features.of_verdicts:
            return Feedback(None)
        return Feedback(VerdictStage(store("verdicts"), features, reading.verdicts))

    @property
    def wanted(self) -> bool:
        """Whether the log has to be read."""
        return self.stage is not None

    @property
    def holds(self) -> bool:
        """Whether a frontier waits for the log to be read."""
        return self._hold.holds

    @property
    def appended(self) -> int:
        """When the latest payment that was read was appended, in ms UTC."""
        return self._hold.appended

    def take(self, logged: Iterable[Logged], appended: int) -> list[Logged]:
        """The log was read to its end, after a payment was read that was appended then.

        `logged` are what is new in it. Those that count for no feature, as they came too late.
        """
        assert self.stage is not None
        late = self.stage.take(logged)
        self._hold.known(appended)
        return late

    def without_log(self) -> None:
        """There is no log of feedback: whatever is measured without one."""
        self._hold.known(FLUSH)

    def passes(self, frontier: Frontier, raws: Sequence[Raw]) -> Frontier:
        """The frontier that later stages may know of, once these records were read."""
        if self.stage is None:
            return frontier
        if raws:
            latest = max([raw.append_time for raw in raws])
            self._hold.appended = max(self._hold.appended, latest)
        return self._hold.passes(frontier)

    def joined(self, items: list[Item], frontier: Frontier) -> list[Item]:
        """The items, and one for each verdict that counts from now on."""
        return items if self.stage is None else self.stage.on_batch(items, frontier)
