"""The drift of what counts now, measured again and again: by the exporter."""

from __future__ import annotations

from typing import Final, NamedTuple

from risk.config.settings import Settings
from risk.config.types import DAY_MS
from risk.errors import UserError
from risk.registry import activations
from risk.verify.drift.build import report
from risk.verify.drift.levels import LEAST_ROWS
from risk.verify.drift.periods import Period, settled, week_before
from risk.verify.drift.report import Report
from risk.verify.drift.sample import Population
from risk.verify.drift.sources import Stored

STATEMENT_MS: Final = 300_000


class _Known(NamedTuple):
    ruleset: str
    period: Period
    found: Population


class Watch:
    """Compares the active ruleset's last 24 hours with the seven whole UTC days before them.

    The reference is read once a day: only what is new has to be read each time.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: _Known | None = None

    def look(self, now: int) -> Report:
        """The drift at a time in ms UTC. Raises `UserError` and `Unavailable`."""
        active = activations.active(self._settings)
        if active is None:
            raise UserError("no ruleset has been active yet")
        end = settled(now, self._settings.scoring)
        current = Period(end - DAY_MS, end)
        reference = week_before(current.begin // DAY_MS * DAY_MS)
        then = self._reference(active[0], reference)
        return report(active[0], (reference, then), (current, self._read(active[0], current)))

    def _reference(self, ruleset: str, period: Period) -> Population:
        known = self._known
        if known and (known.ruleset, known.period) == (ruleset, period):
            return known.found
        found = self._read(ruleset, period)
        # Few payments may be few because they are still being delivered.
        enough = found.sample.rows >= LEAST_ROWS
        self._known = _Known(ruleset, period, found) if enough else None
        return found

    def _read(self, ruleset: str, period: Period) -> Population:
        source = Stored(self._settings, ruleset, None, period, statement_ms=STATEMENT_MS)
        return source.population(lambda words: None)
