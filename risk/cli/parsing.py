"""The argument parser of all commands: help with an example, and what a mistyped word may mean."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from risk.engine.rules.errors import did_you_mean

# For each command that doesn't bring examples itself.
EXAMPLES: Final = {
    "demo": ("risk demo --rate 200 --chaos",),
    "up": ("risk up", "risk up --with prometheus --brokers 3", "risk up --secure"),
    "down": ("risk down", "risk down --only flink"),
    "status": ("risk status", "risk status | cut -f 1,2"),
    "secrets": ("risk secrets rotate", "risk secrets rotate --only postgres"),
    "provision": ("RISK_KAFKA__BOOTSTRAP=broker:9092 risk provision",),
    "migrate": ("risk migrate",),
    "warm-up": ("risk warm-up --seconds 30",),
    "submit": ("risk submit all", "risk submit score --placement sharded --parallelism 2"),
    "generate": (
        "risk generate --rate 500 --duration 60",
        "risk generate --attack card_testing --to-file stream.jsonl",
    ),
    "rules": ("risk rules check --all", "risk rules show default"),
    "features": ("risk features show", "risk features show strict --code"),
    "verify": ("risk verify --wait 60", "risk verify --stores none --json"),
    "prove": ("risk prove --events 20000 --seed 7",),
    "chaos": ("risk chaos --plan --seed 7", "risk chaos isolation --store redis --seconds 60"),
    "soak": ("risk soak --minutes 60", "risk soak --traffic overload --minutes 2"),
    "runs": ("risk runs --limit 5", "risk runs | grep running"),
    "replay": ("risk replay --ruleset strict --from 2025-03-01 --to 2025-03-02",),
    "diff": ("risk diff default strict --html diff.html",),
    "promote": ("risk promote strict",),
    "rollback": ("risk rollback",),
    "alerts": ("risk alerts --follow --decision BLOCK", "risk alerts --since 2h --json"),
    "rebuild": ("risk rebuild redis --keep",),
    "api": ("risk api run",),
    "exporter": ("risk exporter --port 9260",),
    "bench": ("risk bench stages", "risk bench latency --json"),
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed
_CHOICE = re.compile(r"invalid choice: '(.*?)' \(choose from (.*)\)", re.DOTALL)


def printable(line: str) -> str:
    """With what a terminal would obey shown as it is written in Python."""
    return _CONTROLS.sub(lambda found: repr(found[0])[1:-1], line)


def some_of(known: Sequence[str], unknown: str) -> Callable[[str], tuple[str, ...]]:
    """How names with commas or blanks between are read; `unknown` is said of any other."""
    every = ", ".join(known)

    def read(text: str) -> tuple[str, ...]:
        names = tuple(text.replace(",", " ").split())
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{unknown} {name}: there are {every}")
        if not names:
            raise argparse.ArgumentTypeError(f"name some of {every}")
        return names

    return read


class Help(argparse.HelpFormatter):
    """Wraps a text, unless it has lines of its own."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


class Parser(argparse.ArgumentParser):
    """Says of a word that isn't known which one was meant."""

    def error(self, message: str) -> NoReturn:
        """End with code 2."""
        if found := _CHOICE.search(message):
            message += did_you_mean(found[1], re.findall(r"'(.*?)'", found[2]))
        super().error(printable(message))


def add_examples(commands: argparse._SubParsersAction[Parser]) -> None:
    """Give each command its examples."""
    for name, parser in commands.choices.items():
        if name in EXAMPLES and parser.epilog is None:
            parser.formatter_class = Help
            lines = "\n".join(f"  {line}" for line in EXAMPLES[name])
            parser.epilog = f"example{'s' * (len(EXAMPLES[name]) > 1)}:\n{lines}"
