"""Hits and records at the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.auditing.document import Scored
from cli.auditing.moments import shown
from cli.auditing.record import Payment, Record
from cli.common import console

COLOURS = {"ALLOW": "green", "REVIEW": "yellow", "BLOCK": "red"}


def hits(total: int, rows: Sequence[dict[str, Any]]) -> None:
    """A table of what a search found."""
    table = Table()
    for column in ("event time, UTC", "event", "user", "decision", "rules", "amount", "ip"):
        table.add_column(column, overflow="fold")
    table.add_column("ruleset", overflow="fold")
    for row in rows:
        txn = row["transaction"]
        table.add_row(
            shown(row["event_time"]),
            Text(row["event_id"]),
            Text(row["user_id"]),
            _decision(row["decision"], row["score"]),
            Text(", ".join(reason["rule"] for reason in row["reasons"])),
            _amount(txn),
            Text(txn["ip"]),
            Text(_ruleset(row["ruleset"], row["ruleset_version"], row["kind"], row["late"])),
        )
    if rows:
        console.print(table)
    more = f", the latest {len(rows):,} shown" if total > len(rows) else ""
    console.print(f"{total:,} found{more}")


def record(found: Record) -> None:
    """All about the payments under one event_id."""
    for one in found.payments:
        console.print(
            Text.assemble("event ", (found.event_id, "bold"), " of user ", (one.user_id, "bold")),
            soft_wrap=True,
        )
        _payment(one)
    for store, words in found.stored.items():
        console.print(Text.assemble(f"{store}: ", words), soft_wrap=True)


def _payment(one: Payment) -> None:
    if one.transaction:
        table = Table(title="transaction", title_justify="left", show_header=False)
        for name, value in one.transaction.items():
            words = f"{shown(value)} UTC" if name == "event_time" else str(value)
            table.add_row(name, Text("" if value is None else words))
        console.print(table)
    if one.late:
        by = "" if one.late_by is None else f" by {one.late_by:,} ms behind the {one.behind}"
        console.print(f"late{by}: decided on what it says itself", soft_wrap=True)
    for score in one.scores:
        _scored(score)
    if one.scores:
        _features(one.scores)


def _scored(score: Scored) -> None:
    name = _ruleset(score.ruleset, score.ruleset_version, score.kind, score.late)
    corrected = ", corrected" if score.revision else ""
    where = ", ".join(f"{store} r{revision}" for store, revision in score.stored.items())
    console.print()
    console.print(
        Text.assemble((name, "bold"), ": ", _decision(score.decision, score.score)), soft_wrap=True
    )
    console.print(
        f"revision {score.revision}{corrected}; scored {shown(score.scored_at)} UTC by "
        f"{score.run_id}; fingerprint {score.fingerprint[:12]}; in {where}",
        markup=False,
        soft_wrap=True,
    )
    if score.reasons:
        table = Table()
        table.add_column("points", justify="right")
        table.add_column("rule")
        table.add_column("why", overflow="fold")
        for reason in score.reasons:
            rule = f"{reason['rule']} v{reason['version']}"
            table.add_row(str(reason["points"]), Text(rule), Text(reason["text"]))
        console.print(table)


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
    table = Table()
    table.add_column("feature")
    for _, names in sets:
        table.add_column(Text(", ".join(names)), justify="right", overflow="fold")
    for feature in sorted({name for features, _ in sets for name in features}):
        table.add_row(feature, *(str(features.get(feature, "")) for features, _ in sets))
    console.print(table)


def _decision(decision: str, score: int) -> Text:
    return Text(f"{decision} {score}", style=COLOURS.get(decision, ""))


def _ruleset(name: str, version: int, kind: str, late: bool) -> str:
    marks = [*([kind] if kind != "live" else []), *(["late"] if late else [])]
    return f"{name}:{version}" + (f" ({', '.join(marks)})" if marks else "")


def _amount(txn: dict[str, Any]) -> str:
    return f"{txn['amount']:,} {txn['currency']}"
