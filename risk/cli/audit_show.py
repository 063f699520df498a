"""Hits and records at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import msgspec
from rich.text import Text

from risk.audit.moments import shown
from risk.audit.record import Payment, Record, Said
from risk.cli import tables
from risk.cli.common import console
from risk.cli.tables import Column, Styled, Table
from sinks.found import Scored

COLOURS = {"ALLOW": "green", "REVIEW": "yellow", "BLOCK": "red"}


def hits(total: int, rows: Sequence[dict[str, Any]]) -> None:
    """A table of what a search found."""
    table = Table(
        "event time, UTC",
        "event",
        Column("user", rank=1),
        "decision",
        Column("rules", rank=3, least=16),
        Column("amount", right=True, rank=2),
        Column("ip", rank=4),
        Column("ruleset", rank=5),
    )
    for row in rows:
        txn = row["transaction"]
        table.row(
            shown(row["event_time"]),
            row["event_id"],
            row["user_id"],
            _decision(row["decision"], row["score"]),
            ", ".join(reason["rule"] for reason in row["reasons"]),
            _amount(txn),
            txn["ip"] or "",
            _ruleset(row["ruleset"], row["ruleset_version"], row["kind"], row["late"]),
        )
    if rows:
        tables.show(console, table)
    more = f", the latest {len(rows):,} shown" if total > len(rows) else ""
    if console.is_terminal:
        console.print(f"{total:,} found{more}")
    else:  # what reads the table is not given a line that isn't of it
        print(f"{total:,} found{more}", file=sys.stderr)


def record(found: Record) -> None:
    """All about the payments under one event_id."""
    for one in found.payments:
        user = one.user_id, "bold"
        console.print(Text.assemble("event ", (found.event_id, "bold"), " of user ", user))
        _payment(one)
    for store, words in found.stored.items():
        console.print(Text.assemble(f"{store}: ", words))


def _payment(one: Payment) -> None:
    if one.transaction:
        table = Table("field", Column("value", wrap=True, least=20), title="transaction")
        for name, value in one.transaction.items():
            if isinstance(value, dict):
                for key, part in value.items():
                    table.row(f"{name}.{key}", as_json(part))
                continue
            words = f"{shown(value)} UTC" if name == "event_time" else str(value)
            if value is not None or name not in ("attributes", "undeclared"):
                table.row(name, "" if value is None else words)
        tables.show(console, table)
    if one.late:
        by = "" if one.late_by is None else f" by {one.late_by:,} ms behind the {one.behind}"
        if one.behind == "limit":
            by = " beyond scoring.max_partition_payments"
        console.print(f"late{by}: decided on what it says itself")
    if one.feedback:
        _feedback(one.feedback, waits=not one.scores)
    for score in one.scores:
        _scored(score)
    if one.scores:
        _features(one.scores)


def _feedback(told: Sequence[Said], waits: bool) -> None:
    """What was said of it, the first first."""
    table = Table(
        "verdict", "source", "known at, UTC", Column("sent, UTC", rank=2), Column("by", rank=1),
        Column("note", wrap=True, least=16), title="feedback",
    )  # fmt: skip
    for one in told:
        verdict = Styled(f"{one.verdict}, counts", "bold") if one.counts else one.verdict
        table.row(
            *(verdict, one.source, shown(one.known_at), shown(one.sent_at), one.by),
            one.note.replace("\n", " ").replace("\t", " "),
        )
    tables.show(console, table)
    if waits:
        console.print("no score yet: the verdict waits for it")


def _scored(score: Scored) -> None:
    name = _ruleset(score.ruleset, score.ruleset_version, score.kind, score.late)
    corrected = ", corrected" if score.revision else ""
    where = ", ".join(f"{store} r{revision}" for store, revision in score.stored.items())
    console.print()
    text, style = _decision(score.decision, score.score)
    decision = Text(str(text), style)
    console.print(Text.assemble((name, "bold"), ": ", decision), soft_wrap=True)
    console.print(
        f"revision {score.revision}{corrected}; scored {shown(score.scored_at)} UTC by "
        f"{score.run_id}; fingerprint {score.fingerprint[:12]}; in {where}",
        markup=False,
        soft_wrap=True,
    )
    if score.reasons:
        table = Table("points", "rule", Column("why", wrap=True, least=24))
        for reason in score.reasons:
            table.row(reason["points"], f"{reason['rule']} v{reason['version']}", reason["text"])
        tables.show(console, table)


def _features(scores: Sequence[Scored]) -> None:
    """The features; each set of them once, under the rulesets that saw it."""
    sets: list[tuple[dict[str, Any], list[str]]] = []
    for score in scores:
        name = f"{score.ruleset}:{score.ruleset_version}"
        for features, names in sets:
            if features == score.features:
                names.append(name)
                break
        else:
            sets.append((score.features, [name]))
    table = Table("feature", *(Column(", ".join(names), right=True, least=12) for _, names in sets))
    for feature in sorted({name for features, _ in sets for name in features}):
        table.row(feature, *(str(features.get(feature, "")) for features, _ in sets))
    tables.show(console, table)
    for name, moment in sorted({pair for score in scores for pair in score.since.items()}):
        console.print(f"{name}: history since {shown(moment)} UTC", markup=False, soft_wrap=True)


def as_json(value: Any) -> str:
    """An attribute's value."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _decision(decision: str, score: int) -> Styled:
    return Styled(f"{decision} {score}", COLOURS.get(decision, ""))


def _ruleset(name: str, version: int, kind: str, late: bool) -> str:
    marks = [*([kind] if kind != "live" else []), *(["late"] if late else [])]
    return f"{name}:{version}" + (f" ({', '.join(marks)})" if marks else "")


def _amount(txn: dict[str, Any]) -> str:
    return f"{txn['amount']:,} {txn['currency']}"
