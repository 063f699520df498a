"""What is shown of a model's figures: tables for 80 columns or a pipe."""

from __future__ import annotations

from risk.cli.tables import Column, Table
from risk.verify.quality.card import NAMES, plain
from risk.verify.quality.evaluation import Evaluation


def figures_table(found: Evaluation, title: str) -> Table:
    """The figures with their intervals."""
    table = Table(
        Column("figure", least=16),
        Column("value", right=True),
        Column("from", right=True, rank=1),
        Column("to", right=True, rank=1),
        title=title,
    )
    for name, one in found.figures.items():
        table.row(NAMES[name], plain(one.value), plain(one.low), plain(one.high))
    table.row("card precision@100", plain(found.card_precision_100), "", "")
    table.note = (
        f"intervals are of 95 %, by {found.resamples} resamples of users; card precision has none: "
        "it takes too long"
    )
    return table
