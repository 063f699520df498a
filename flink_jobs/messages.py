"""Verdicts and late events as lines for Kafka: "user_id TAB json"."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from flink_jobs.lines import JSON_KEY
from risk.event import SCHEMA_VERSION
from risk.messages import Alert, Late, Score, masked
from risk.rules import Ruleset
from risk.scoring import score
from risk.stages.decide import Verdict
from risk.stages.ingest import TooLate


class Writer:
    """Scores under one ruleset, for one run."""

    def __init__(self, ruleset: Ruleset, run_id: str) -> None:
        self._ruleset, self._run_id = ruleset, run_id
        self._encode = msgspec.json.Encoder().encode

    def verdicts(self, verdicts: Sequence[Verdict], now: int) -> tuple[list[str], list[str]]:
        """The lines of risk.scores and of risk.alerts."""
        scores: list[str] = []
        alerts: list[str] = []
        ruleset = self._ruleset
        for txn, features, revision in verdicts:
            outcome = score(ruleset, features, txn)
            shown = masked(txn)
            message = Score(
                SCHEMA_VERSION,
                txn.event_id,
                txn.user_id,
                txn.event_time,
                self._run_id,
                ruleset.name,
                ruleset.version,
                ruleset.fingerprint,
                revision,
                outcome.score,
                outcome.decision,
                outcome.reasons,
                features,
                shown,
                now,
            )
            scores.append(self._line(txn.user_id, message))
            if outcome.decision != "ALLOW":
                alert = Alert(
                    SCHEMA_VERSION,
                    txn.event_id,
                    txn.user_id,
                    txn.event_time,
                    self._run_id,
                    ruleset.name,
                    ruleset.version,
                    revision,
                    outcome.score,
                    outcome.decision,
                    outcome.reasons,
                    shown,
                    now,
                )
                alerts.append(self._line(txn.user_id, alert))
        return scores, alerts

    def late(self, late: Sequence[TooLate]) -> list[str]:
        """The lines of risk.late."""
        return [
            self._line(
                txn.user_id,
                Late(
                    SCHEMA_VERSION,
                    txn.event_id,
                    txn.user_id,
                    txn.event_time,
                    self._run_id,
                    late_by,
                    raw.partition,
                    raw.offset,
                    masked(txn),
                ),
            )
            for raw, txn, late_by in late
        ]

    def _line(self, key: str, message: msgspec.Struct) -> str:
        return key + JSON_KEY + self._encode(message).decode()
