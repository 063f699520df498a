"""Rules, diffs and figures as pages show them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from risk.console.formatting import money
from risk.engine.rules import InvalidRuleset, Rule, Ruleset
from risk.engine.rules.tree import render
from risk.ops.rule_changes.tree import Tree
from risk.registry.rule_figures import RuleFigures, figures
from risk.registry.session import Cursor

DAYS: Final = 30  # of payments, that figures of rules are of
DAY_MS: Final = 86_400_000
FEW_SUMS: Final = 4


Figures = dict[str, RuleFigures] | None


class Line(NamedTuple):
    """A rule of a ruleset, with its condition in one line, and what it did lately.

    `figures` are None where the payments were too many to be counted.
    """

    ruleset: str
    rule: Rule
    when: str
    owner: str
    figures: RuleFigures | None


class DiffLine(NamedTuple):
    """A line of a diff: `kind` is add, remove, file, place or same."""

    kind: str
    text: str


def lines(tree: Tree, name: str, found: Figures) -> list[Line]:
    """The rules of a ruleset that is valid, those of most points first."""
    return [
        Line(
            name,
            rule,
            render(rule.when),
            tree.place(name, f"{rule.id}.yaml")[0],
            of_rule(found, rule.id),
        )
        for rule in tree.read(name).ruleset.rules
    ]


def of_rule(found: Figures, rule: str) -> RuleFigures | None:
    """Those of one rule: none in the figures is no hit."""
    return None if found is None else found.get(rule, RuleFigures(rule))


def lately(cursor: Cursor, ruleset: str) -> Figures:
    """What the rules of a ruleset did in the last days."""
    now = now_ms()
    return figures(cursor, ruleset, now - DAYS * DAY_MS, now + DAY_MS)


def now_ms() -> int:
    """The time, in ms UTC."""
    return time.time_ns() // 1_000_000


def matches(line: Line, text: str) -> bool:
    """Whether a rule says a text anywhere, whatever its case."""
    rule = line.rule
    told = (line.ruleset, rule.id, rule.description, line.when, rule.reason.text)
    return all(word in " ".join(told).lower() for word in text.lower().split())


def ruleset_or_fault(tree: Tree, name: str) -> tuple[Ruleset | None, str]:
    """A ruleset of the folder, or None and the first of what is wrong with it."""
    try:
        return tree.read(name).ruleset, ""
    except InvalidRuleset as error:
        return None, str(error).partition("\n")[0]


def diff_lines(patch: str) -> Iterator[DiffLine]:
    """The lines of a unified diff, by what they are."""
    for text in patch.split("\n")[:-1]:
        yield DiffLine(_kind(text), text)


def sums(amounts: dict[str, int]) -> str:
    """Sums by currency, the largest first; a dash for none."""
    ordered = sorted(amounts.items(), key=lambda one: (-one[1], one[0]))
    told = [money(amount, currency) for currency, amount in ordered[:FEW_SUMS]]
    more = f" + {len(ordered) - FEW_SUMS} more" if len(ordered) > FEW_SUMS else ""
    return " + ".join(told) + more if told else "–"


def _kind(text: str) -> str:
    if text.startswith(("diff --git ", "--- ", "+++ ", "new file", "deleted file")):
        return "file"
    if text.startswith("@@"):
        return "place"
    return {"+": "add", "-": "remove"}.get(text[:1], "same")
