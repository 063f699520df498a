"""A stage of the course: the payments that one ruleset decides."""

from __future__ import annotations

import time

from risk.cli.demonstration.tail import Tail
from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.rulesets import Chosen
from risk.registry import runs


class Stage:
    """One of them, named after what happens in it. `tail` goes on reading what is corrected.

    It begins where topics end now, or, after another stage, with the first payments that its
    ruleset decides. `begun` is `time.monotonic()`, `begin_ms` UTC.
    """

    def __init__(
        self, settings: Settings, name: str, chosen: Chosen, after: Stage | None = None
    ) -> None:
        self.name, self.chosen = name, chosen
        self.begun, self.begin_ms = time.monotonic(), time.time_ns() // 1_000_000
        self._topic = settings.topics.transactions
        if after is None:
            self.tail = Tail(settings, chosen.key, at_leisure=True)
        else:
            first = _first(settings, chosen)
            # Topics of outcomes once more from where the stage before began: none is overlooked.
            begin = {**after.tail.begin, self._topic: first}
            self.tail = Tail(settings, chosen.key, begin, at_leisure=True)
            after.tail.end(first)
        self.tail.start()

    @property
    def sent(self) -> int:
        """How many records the log of payments has of it, once it has ended."""
        begin, end = self.tail.begin[self._topic], self.tail.tally.end
        return sum(end.values()) - sum(begin.values())


def _first(settings: Settings, chosen: Chosen) -> dict[int, int]:
    """The first offset, by partition, that is the ruleset's to decide. Raises `UserError`."""
    for run in runs.running(settings):
        if run.kind == "live" and (run.ruleset, run.ruleset_version) == chosen.key:
            return {int(partition): first for partition, first in run.offsets_from.items()}
    raise UserError(f"no live run of {chosen.tag} is noted: see `risk runs`")
