"""The models of a ruleset, and which of them answers for whom, as tables."""

from __future__ import annotations

from risk.cli.tables import Column, Table
from risk.engine.models.rollout import WHOLE, percent
from risk.engine.rules import Ruleset


def models(ruleset: Ruleset) -> Table:
    """Each model's file."""
    table = Table(
        "model", "kind", Column("inputs", right=True), Column("trees", right=True), "file"
    )
    for name, model in sorted(ruleset.models.items()):
        file = model.file
        table.row(name, file.kind, len(file.inputs), len(file.trees), model.mark)
    return table


def arms(ruleset: Ruleset) -> Table:
    """Champion and challenger of each model that has one, and their shares of the users."""
    table = Table("model", "arm", "decided by", Column("share", right=True), "shadow", "salt")
    for name, one in sorted(ruleset.rollouts.items()):
        shadow = "yes" if one.shadow else "no"
        table.row(name, "champion", name, percent(WHOLE - one.share), "", one.salt)
        table.row(name, "challenger", one.challenger, percent(one.share), shadow, one.salt)
    return table
