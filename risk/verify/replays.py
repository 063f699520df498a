"""What a replay with an end had to say of the last payments that it read.

It is done when it has read what there was. An older payment that comes later corrects what is live,
and not what the replay said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.messages import Score
from risk.engine.oracle import Expected, Settled, expected
from risk.engine.rules import Ruleset
from risk.registry import runs
from risk.verify.recorded import Told
from risk.verify.wanted import consumed, feedback

ReadTo = Mapping[int, int]  # by partition, the offset after the last one read


class Replays:
    """By their runs: up to where each has read. `expect` computes what is right of so much."""

    def __init__(
        self,
        read_to: Mapping[str, ReadTo] = MappingProxyType({}),
        expect: Callable[[ReadTo], Expected] | None = None,
    ) -> None:
        self._read_to, self._expect = read_to, expect
        self._found: dict[str, Expected] = {}

    @classmethod
    def of(cls, settings: Settings, ruleset: Ruleset, told: Told) -> Replays:
        """Those of a ruleset; where Postgres is away, none."""
        try:
            known = runs.of_ruleset(settings, ruleset.name, ruleset.version)
        except Unavailable:
            known = []

        def expect(read_to: ReadTo) -> Expected:
            records = consumed(settings, told.failed, read_to)
            verdicts = feedback(settings, told)
            return expected(records, ruleset, settings.scoring, told.late, verdicts)

        return cls(
            {
                run.run_id: {int(partition): offset for partition, offset in run.read_to.items()}
                for run in known
                if run.kind == "replay" and run.read_to
            },
            expect,
        )

    def settled(self, score: Score) -> Settled | None:
        """What is right of a replay's score by what that replay had read; None of any other's."""
        read_to = self._read_to.get(score.run_id)
        if read_to is None or self._expect is None:
            return None
        want = self._found.get(score.run_id)
        if want is None:
            want = self._found[score.run_id] = self._expect(read_to)
        scores = want.late_scores if score.late else want.scores
        return scores.get((score.event_id, score.user_id, score.event_time))
