"""Verdicts and late events as lines for Kafka: "user_id TAB json"."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from flink_jobs.lines import JSON_KEY
from risk.event import SCHEMA_VERSION
from risk.messages import Alert, Kind, Late, MaskedTransaction, Score, masked
from risk.rules import Ruleset
from risk.scoring import Outcome, score
from risk.stages.decide import Verdict
from risk.stages.ingest import TooLate


class Lines(msgspec.Struct):
    """The lines of risk.scores and of risk.alerts, and what went into them.

    `outcomes` are the deciding ruleset's; `shadow` and `shadow_failed` count what the shadow
    ruleset made of the same features, or could not.
    """

    scores: list[str]
    alerts: list[str]
    outcomes: list[Outcome]
    shadow: list[Outcome]
    shadow_failed: int = 0


class Writer:
    """Scores under one ruleset, for one run; under a second one beside it, which never alerts."""

    def __init__(
        self, ruleset: Ruleset, run_id: str, kind: Kind = "live", shadow: Ruleset | None = None
    ) -> None:
        self._ruleset, self._run_id, self._kind, self._shadow = ruleset, run_id, kind, shadow
        self._encode = msgspec.json.Encoder().encode

    def verdicts(self, verdicts: Sequence[Verdict], now: int) -> Lines:
        """Score and say. `now` in ms UTC."""
        lines = Lines([], [], [], [])
        alerting = self._kind == "live"
        for verdict in verdicts:
            outcome = score(self._ruleset, verdict.features, verdict.txn)
            shown = masked(verdict.txn)
            lines.outcomes.append(outcome)
            lines.scores.append(
                self._score(self._ruleset, self._kind, verdict, outcome, shown, now)
            )
            if alerting and outcome.decision != "ALLOW":
                lines.alerts.append(self._alert(verdict, outcome, shown, now))
            if self._shadow is not None:
                self._add_shadow(self._shadow, verdict, shown, now, lines)
        return lines

    def late(self, late: Sequence[TooLate]) -> list[str]:
        """The lines of risk.late."""
        return late_lines(late, self._run_id)

    def _add_shadow(
        self,
        ruleset: Ruleset,
        verdict: Verdict,
        shown: MaskedTransaction,
        now: int,
        lines: Lines,
    ) -> None:
        """A ruleset on trial must not harm the one that decides, whatever is wrong with it."""
        try:
            outcome = score(ruleset, verdict.features, verdict.txn)
            line = self._score(ruleset, "shadow", verdict, outcome, shown, now)
        except Exception:
            lines.shadow_failed += 1
            return
        lines.shadow.append(outcome)
        lines.scores.append(line)

    def _score(
        self,
        ruleset: Ruleset,
        kind: Kind,
        verdict: Verdict,
        outcome: Outcome,
        shown: MaskedTransaction,
        now: int,
    ) -> str:
        txn, features, revision = verdict
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
            kind,
        )
        return txn.user_id + JSON_KEY + self._encode(message).decode()

    def _alert(self, verdict: Verdict, outcome: Outcome, shown: MaskedTransaction, now: int) -> str:
        txn, _, revision = verdict
        alert = Alert(
            SCHEMA_VERSION,
            txn.event_id,
            txn.user_id,
            txn.event_time,
            self._run_id,
            self._ruleset.name,
            self._ruleset.version,
            revision,
            outcome.score,
            outcome.decision,
            outcome.reasons,
            shown,
            now,
        )
        return txn.user_id + JSON_KEY + self._encode(alert).decode()


def late_lines(late: Sequence[TooLate], run_id: str) -> list[str]:
    """The lines of risk.late."""
    encode = msgspec.json.Encoder().encode
    return [
        txn.user_id
        + JSON_KEY
        + encode(
            Late(
                SCHEMA_VERSION,
                txn.event_id,
                txn.user_id,
                txn.event_time,
                run_id,
                late_by,
                raw.partition,
                raw.offset,
                masked(txn),
            )
        ).decode()
        for raw, txn, late_by in late
    ]
