"""Decisions and late events as lines for Kafka: "user_id TAB json"."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from flink_jobs.lines import JSON_KEY
from flink_jobs.model_scores import BatchScores
from risk import logs
from risk.engine.messages import Alert, Kind, Late, MaskedTransaction, Score, masked
from risk.engine.payment.contract import NOTHING
from risk.engine.payment.contract import Kind as AttributeKind
from risk.engine.payment.identity import payment_key
from risk.engine.payment.transaction import SCHEMA_VERSION
from risk.engine.rules import Ruleset
from risk.engine.scoring import Outcome, score
from risk.engine.since import WHOLE, History, Since
from risk.engine.stages.emission import Scorable
from risk.engine.stages.ingested import TooLate

log = logging.getLogger(__name__)


class Lines(msgspec.Struct):
    """The lines of risk.scores and of risk.alerts."""

    scores: list[str]
    alerts: list[str]


class RunRulesets(NamedTuple):
    """The rulesets of a run: one that decides, maybe another in its shadow."""

    ruleset: Ruleset
    kind: Kind = "live"
    shadow: Ruleset | None = None

    @property
    def label(self) -> str:
        """Their names and versions."""
        rulesets = (self.ruleset, self.shadow) if self.shadow else (self.ruleset,)
        return " ".join(f"{ruleset.name}:{ruleset.version}" for ruleset in rulesets)


class Tally:
    """Counts what rulesets decide. This one forgets it."""

    def expect(self, kind: Kind, ruleset: Ruleset) -> None:
        """Events will be judged by this ruleset."""

    def count(self, kind: Kind, ruleset: Ruleset, outcome: Outcome, revision: int) -> None:
        """An event was."""

    def failed(self) -> None:
        """The shadow ruleset failed on an event."""

    def uncorrected(self) -> None:
        """The ruleset that an event has to be corrected under is not at hand."""

    def left_out(self) -> None:
        """What is to be emitted of an event can't be."""


class Writer:
    """Scores for one run: under one ruleset, and under one in its shadow, which never alerts.

    Events that an earlier run emitted first are corrected under that run's rulesets: `earlier` has
    them by the label of its emissions. `label` is the label of this run's own. `history` is what
    the run knows of the past: its scores say which features lack some of it.
    """

    def __init__(
        self,
        ruleset: Ruleset,
        run_id: str,
        kind: Kind = "live",
        shadow: Ruleset | None = None,
        tally: Tally | None = None,
        label: str = "",
        earlier: Mapping[str, RunRulesets] = MappingProxyType({}),
        history: History = WHOLE,
    ) -> None:
        self._run_id = run_id
        self._rulesets = {**earlier, label: RunRulesets(ruleset, kind, shadow)}
        self._declared = ruleset.declared
        self._tally = tally or Tally()
        self._history = history
        self._since: dict[str, Since] = {}  # by the fingerprint of a ruleset
        for rulesets in self._rulesets.values():
            self._know(rulesets.ruleset)
            self._tally.expect(rulesets.kind, rulesets.ruleset)
            rulesets.ruleset.prepare()
            if rulesets.shadow:
                self._know(rulesets.shadow)
                self._tally.expect("shadow", rulesets.shadow)
                rulesets.shadow.prepare()
        self._encode = msgspec.json.Encoder().encode

    def _know(self, ruleset: Ruleset) -> None:
        self._since[ruleset.fingerprint] = Since(self._history, ruleset.features)

    def decisions(self, scorables: Sequence[Scorable], now: int) -> Lines:
        """Score and emit. `now` in ms UTC.

        Raises what a rule raises on a payment that was taken just now: the caller finds it, and
        leaves it out. A correction, or what a replay emits, is left out here: its payment counts.
        """
        lines, batch = Lines([], []), BatchScores(scorables)
        for scorable in scorables:
            rulesets = self._rulesets.get(scorable.label)
            if rulesets is None:
                self._tally.uncorrected()
                continue
            try:
                self._emit(rulesets, scorable, batch, now, lines)
            except MemoryError:
                raise
            except Exception:
                if rulesets.kind == "live" and not scorable.revision:
                    raise
                event_id = scorable.txn.event_id
                log.exception("an event can't be emitted", extra={"event": logs.event(event_id)})
                self._tally.left_out()
        return lines

    def _emit(
        self, rulesets: RunRulesets, scorable: Scorable, batch: BatchScores, now: int, lines: Lines
    ) -> None:
        ruleset, kind, shadow = rulesets
        shown = masked(scorable.txn, ruleset.declared)
        if _concerns(ruleset, scorable):
            found = self._decide(ruleset, kind, scorable, batch, shown, now, lines)
            if kind == "live" and found.decision != "ALLOW":
                lines.alerts.append(self._line(alert(found)))
        if shadow is not None and _concerns(shadow, scorable):
            try:
                if scorable.txn.attributes:
                    shown = masked(scorable.txn, shadow.declared)
                self._decide(shadow, "shadow", scorable, batch, shown, now, lines)
            except Exception:  # a ruleset on trial must not harm the one that decides
                self._tally.failed()

    def late(self, late: Sequence[TooLate]) -> list[str]:
        """The lines of risk.late."""
        return late_lines(late, self._run_id, self._declared)

    def _decide(
        self,
        ruleset: Ruleset,
        kind: Kind,
        scorable: Scorable,
        batch: BatchScores,
        shown: MaskedTransaction,
        now: int,
        lines: Lines,
    ) -> Score:
        """Add a ruleset's decision to the lines, and count it."""
        txn, _, revision, _, late, _ = scorable
        features, scored = batch.of(ruleset, scorable)
        outcome = score(ruleset, features, txn, late, scored)
        as_dict: Any = features  # encoded as the object that a dict would be
        found = Score(
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
            as_dict,
            shown,
            now,
            kind,
            late,
            outcome.models,
            outcome.control_group,
            self._since[ruleset.fingerprint].of(txn.event_time, late),
        )
        lines.scores.append(self._line(found))
        self._tally.count(kind, ruleset, outcome, revision)
        return found

    def _line(self, message: Score | Alert) -> str:
        return message.user_id + JSON_KEY + self._encode(message).decode()


def _concerns(ruleset: Ruleset, scorable: Scorable) -> bool:
    """Whether a ruleset has to say it: a correction may be of features that others declare."""
    return not scorable.revision or not scorable.changed or ruleset.reads_any(scorable.changed)


def alert(found: Score) -> Alert:
    """The alert of a flagged payment's score."""
    return Alert(
        SCHEMA_VERSION,
        payment_key(found.user_id, found.event_id, found.event_time),
        found.user_id,
        found.event_time,
        found.run_id,
        found.ruleset,
        found.ruleset_version,
        found.revision,
        found.score,
        found.decision,
        found.reasons,
        found.transaction,
        found.scored_at,
        found.late,
        found.event_id,
    )


def late_lines(
    late: Sequence[TooLate], run_id: str, declared: Mapping[str, AttributeKind] = NOTHING
) -> list[str]:
    """The lines of risk.late. `declared` are the attributes of the ruleset that decides."""
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
                masked(txn, declared),
                behind,
            )
        ).decode()
        for raw, txn, late_by, behind in late
    ]
