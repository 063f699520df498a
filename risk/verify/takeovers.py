"""Which run had to decide a payment, where one has taken over from another."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.messages import Score
from risk.engine.oracle import Expected
from risk.engine.takeover.board import Board
from risk.engine.takeover.takeover import Span
from risk.kafka.control_log import ControlLog


class Owners:
    """By what stands in risk.control. A run that no takeover names may decide every payment."""

    def __init__(self, board: Board | None = None) -> None:
        self._board = board or Board()
        self._spans: dict[str, Span] = {}

    @classmethod
    def of(cls, settings: Settings) -> Owners:
        """Read the log."""
        log, board = ControlLog(settings), Board()
        try:
            for heard in log.all():
                board.hear(heard.said, heard.appended)
        finally:
            log.close()
        return cls(board)

    def wrong(self, score: Score, want: Expected) -> str | None:
        """Why the run that decided a payment live must not have; None if it had to, or may have."""
        if not self._board.takeovers or score.kind != "live":
            return None
        events = want.late_scores if score.late else want.scores
        settled = events.get((score.event_id, score.user_id, score.event_time))
        if settled is None:
            return None
        span = self._spans.get(score.run_id)
        if span is None:
            span = self._spans[score.run_id] = self._board.owned(score.run_id)
        if span.first <= settled.appended < span.last:
            return None
        return f"was decided by {score.run_id}, and was another run's to decide"
