"""The summary of the demo that learns, as tables."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from risk.cli import tables
from risk.cli.demonstration.learning.summary import Learned
from risk.cli.demonstration.show import sentence
from risk.cli.tables import Column, Styled, Table
from risk.engine.messages import MODEL_FILE_DIGITS
from risk.verify.quality.budgets import BUDGETS, Quality, Recall

SHOWN = BUDGETS[:2]
BY_RULES, WITH_MODEL = "rules", "with model"


def show(found: Learned, console: Console) -> None:
    """Print it."""
    console.print()
    tables.show(console, _stages(found), _recall(found))
    model, told = found.learning, found.told
    sentence(
        console,
        f"model: {model.kind}, file {model.sha256[:MODEL_FILE_DIGITS]}, learnt from "
        f"{model.payments:,} payments, {model.frauds:,} of them fraud by then; {model.verdicts:,} "
        f"verdicts, each {model.late_s:g} s late; it was {' and then '.join(found.statuses)}",
    )
    sentence(
        console,
        f"in the shadow it would have flagged {told.new_flagged:,} of {told.new:,} of "
        f"{found.new} and {told.honest_flagged:,} of {told.honest:,} honest payments",
    )
    sentence(console, f"seed {found.seed}; {found.seconds:.0f} s in all")
    for line in found.disagreements:
        console.print(Text.assemble(("wrong:", "red"), f" {line}"), soft_wrap=True)
    if found.ok:
        console.print(Text("all counts agree, and the model is worth it", "green"))


def _stages(found: Learned) -> Table:
    names = ("sent", "scored", "others", "stores", "mismatches")
    table = Table(
        "stage",
        Column("ruleset", least=9),
        *(Column(name, right=True) for name in names),
        title="every record has one outcome, and every store its score",
    )
    for one in found.stages:
        others = one.duplicate + one.late + one.rejected
        same = {store.scores for store in one.stores.values()} == {one.scored}
        agree = Styled("agree", "green") if same else Styled("differ", "red")
        table.row(one.name, one.ruleset, one.sent, one.scored, others, agree, one.mismatches)
    table.note = "others: duplicate, late, rejected; mismatches with the oracle, stores included"
    return table


def _recall(found: Learned) -> Table:
    before, after = found.judged.without, found.judged.decided
    table = Table(
        "fraud",
        Column("payments", right=True),
        "decided by",
        Column("flagged", right=True),
        *(Column(f"{100 * budget:g} %", right=True) for budget in SHOWN),
        title="found among payments that the model had not seen",
    )
    names = sorted(before.attacks, key=lambda name: (name == found.new, name))
    for name in names:
        for by, quality in ((BY_RULES, before), (WITH_MODEL, after)):
            one = quality.attacks[name]
            table.row(name, one.payments, by, *_cells(one))
        table.section()
    for by, quality in ((BY_RULES, before), (WITH_MODEL, after)):
        table.row("honest", quality.honest, by, *_cost(quality))
    table.note = "%: the share found if so many of the honest may be flagged"
    return table


def _cells(one: Recall) -> list[str]:
    shares = [one.flagged / max(1, one.payments), *one.at_budgets[: len(SHOWN)]]
    return [f"{share:.1%}" for share in shares]


def _cost(quality: Quality) -> list[str]:
    cuts = [cut.false_positives for cut in quality.cuts[: len(SHOWN)]]
    return [f"{count / max(1, quality.honest):.2%}" for count in (quality.honest_flagged, *cuts)]
