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
    """The lines of risk.scores and of risk.alerts."""

    scores: list[str]
    alerts: list[str]


class Tally:
    """Who is told what rulesets said. This one forgets it."""

    def expect(self, kind: Kind, ruleset: Ruleset) -> None:
        """Events will be judged by this ruleset."""

    def count(self, kind: Kind, ruleset: Ruleset, outcome: Outcome, revision: int) -> None:
        """An event was."""

    def failed(self) -> None:
        """The shadow ruleset failed on an event."""


class Writer:
    """Scores under one ruleset, for one run; under a second one beside it, which never alerts."""

    def __init__(
        self,
        ruleset: Ruleset,
        run_id: str,
        kind: Kind = "live",
        shadow: Ruleset | None = None,
        tally: Tally | None = None,
    ) -> None:
        self._ruleset, self._run_id, self._kind, self._shadow = ruleset, run_id, kind, shadow
        self._tally = tally or Tally()
        self._tally.expect(kind, ruleset)
        if shadow:
            self._tally.expect("shadow", shadow)
        self._encode = msgspec.json.Encoder().encode

    def verdicts(self, verdicts: Sequence[Verdict], now: int) -> Lines:
        """Score and say. `now` in ms UTC."""
        lines = Lines([], [])
        alerting = self._kind == "live"
        for verdict in verdicts:
            outcome = score(self._ruleset, verdict.features, verdict.txn)
            shown = masked(verdict.txn)
            self._tally.count(self._kind, self._ruleset, outcome, verdict.revision)
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
            self._tally.failed()
            return
        self._tally.count("shadow", ruleset, outcome, verdict.revision)
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
        txn, features, revision, _ = verdict
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
        txn, _, revision, _ = verdict
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
