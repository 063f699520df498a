"""What each run knew of the past, and whether its scores say so."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from risk.config.settings import Scoring, Settings
from risk.engine.delivery import Unavailable
from risk.engine.messages import Score
from risk.engine.oracle.since import since
from risk.engine.rules import Ruleset
from risk.registry import runs
from risk.verify.fields import different

ALL_RUNS: Final = 1_000_000


class Histories:
    """By the runs' rows: `moments` has the event time, ms UTC, from which on a run knows all
    payments; None: it knows all that there ever were. Of a run without a row nothing is said.
    """

    def __init__(
        self,
        moments: Mapping[str, int | None] = MappingProxyType({}),
        scoring: Scoring | None = None,
    ) -> None:
        self._moments, self._scoring = moments, scoring or Scoring()

    @classmethod
    def of(cls, settings: Settings) -> Histories:
        """Those of all runs; where Postgres is away, of none."""
        try:
            known = runs.list_runs(settings, ALL_RUNS)
        except Unavailable:
            known = []
        return cls({run.run_id: run.history_since for run in known}, settings.scoring)

    def wrong(self, score: Score, ruleset: Ruleset) -> str:
        """What is wrong with what a score says of its run's history; empty if nothing is."""
        if score.run_id not in self._moments:
            return ""
        moment = None if score.late else self._moments[score.run_id]
        said = score.since or {}
        return different({"since": said}, {"since": self._due(moment, ruleset, score)})

    def shorter(self, score: Score, ruleset: Ruleset, oldest: int) -> bool:
        """Whether a score's run had not read all that its features look at, and that there is:
        payments from `oldest` on, ms UTC.
        """
        moment = None if score.late else self._moments.get(score.run_id)
        return moment is not None and oldest < moment and bool(self._due(moment, ruleset, score))

    def _due(self, moment: int | None, ruleset: Ruleset, score: Score) -> dict[str, int]:
        return since(moment, ruleset, self._scoring, score.event_time) or {}
