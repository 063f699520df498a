"""`risk rules`: check a ruleset and run its tests, show it, lock its versions, add a rule."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from risk.cli import ruleset_models, ruleset_release, tables
from risk.cli.common import console
from risk.cli.tables import Column, Styled, Table
from risk.engine.features.declared.cases import FeatureResult
from risk.engine.models.rollout import percent
from risk.engine.rules import InvalidRuleset, Result, Ruleset, lock
from risk.engine.rules.tree import render
from risk.errors import UserError
from risk.ops import new_rule
from risk.ops.ruleset_check import failures, run_tests
from risk.ops.ruleset_folder import (
    find_folder,
    known_folders,
    read_folder,
    read_whole,
    shown,
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk rules check|show|lock|new`."""
    parser = subparsers.add_parser("rules", help="check, show and lock rulesets, add a rule")
    actions = parser.add_subparsers(metavar="action", required=True)
    which = "a ruleset's name or its folder (default: scoring.ruleset of the settings)"
    for name, run, text in (
        ("check", check, "validate rulesets, run their rules' tests, compare with versions.lock"),
        ("lock", write_lock, "write versions.lock: what each version stands for"),
        ("show", show, "show a ruleset's rules in full"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("ruleset", nargs="?", help=which)
        if name != "show":
            action.add_argument("--all", action="store_true", help="every ruleset in rules/")
        action.set_defaults(run=run)
    text = "write the file of a new rule, with tests, to be filled in"
    action = actions.add_parser("new", help=text, description=text)
    action.add_argument("name", help="small letters, digits and _")
    action.add_argument("--ruleset", help=which)
    action.set_defaults(run=new)


def check(args: argparse.Namespace) -> int:
    """0: all is well; 1: a test fails or a version is not what was locked; 2: an invalid file."""
    worst = 0
    for folder in _folders(args):
        try:
            (_, places, ruleset), locked = read_whole(folder), _locked(folder)
        except InvalidRuleset as error:
            print(error, file=sys.stderr)
            worst = 2
            continue
        ran = run_tests(ruleset)
        console.print(
            Text.assemble(
                (ruleset.name, "bold"),
                f" version {ruleset.version}: REVIEW from {ruleset.review}, "
                f"BLOCK from {ruleset.block}, fingerprint {ruleset.fingerprint[:12]}",
            ),
            soft_wrap=True,
        )
        tables.show(console, _table(ruleset, ran.results))
        if ran.measured:
            tables.show(console, _features(ran.measured))
        if ruleset.models:
            tables.show(console, ruleset_models.models(ruleset))
        if ruleset.rollouts:
            tables.show(console, ruleset_models.arms(ruleset))
        for line in ruleset_release.told(ruleset):
            console.print(line, soft_wrap=True)
        if locked is None:
            console.print(f"no {lock.FILE} yet: `risk rules lock` guards the versions")
        wrong = failures(shown(folder), places, ruleset, ran, locked)
        for line in wrong:
            print(line, file=sys.stderr)
        worst = max(worst, 1 if wrong else 0)
    return worst


def write_lock(args: argparse.Namespace) -> int:
    """Lock the versions as they stand; 1 if a locked version changed or a test fails."""
    worst = 0
    for folder in _folders(args):
        try:
            (_, places, ruleset), locked = read_whole(folder), _locked(folder) or {}
        except InvalidRuleset as error:
            print(error, file=sys.stderr)
            worst = 2
            continue
        ran = run_tests(ruleset)
        wrong = failures(shown(folder), places, ruleset, ran, locked, mended=False)
        for line in wrong:
            print(line, file=sys.stderr)
        if wrong:
            worst = max(worst, 1)
            continue
        path = folder / lock.FILE
        path.write_text(lock.write(ruleset, locked), encoding="utf-8")
        console.print(f"{shown(path)}: {ruleset.name} version {ruleset.version} locked")
    return worst


def show(args: argparse.Namespace) -> int:
    """Print thresholds, lists and every rule."""
    for folder in _folders(args):
        try:
            ruleset = read_folder(folder)
        except InvalidRuleset as error:
            print(error, file=sys.stderr)
            return 2
        about = f" version {ruleset.version}: {ruleset.description}"
        console.print(Text.assemble((ruleset.name, "bold"), about), soft_wrap=True)
        console.print(f"REVIEW from {ruleset.review}, BLOCK from {ruleset.block}")
        console.print(f"fingerprint {ruleset.fingerprint}", soft_wrap=True)
        for rule in ruleset.rules:
            about = f" version {rule.version}, {rule.points} points"
            console.print(Text.assemble("\n", (rule.id, "bold"), about))
            for label, text in (
                ("", rule.description),
                ("when   ", render(rule.when)),
                ("reason ", rule.reason.text),
            ):
                console.print(f"  {label}{text}", markup=False, soft_wrap=True)
        for name, values in sorted(ruleset.lists.items()):
            items = ", ".join(map(str, values))
            console.print(f"\nlist {name}: {items}", markup=False, soft_wrap=True)
        for name, model in sorted(ruleset.models.items()):
            console.print(f"\nmodel {name}: {model.kind}, {model.digest}", soft_wrap=True)
        for name, one in sorted(ruleset.rollouts.items()):
            told = f"{percent(one.share)} of users by {one.challenger}"
            salted = f", salt {one.salt}" if one.salt else ""
            beside = ", which is told of all (shadow)" if one.shadow else ""
            console.print(f"\nrollout {name}: {told}{salted}{beside}", soft_wrap=True)
        for line in ruleset_release.told(ruleset):
            console.print(f"\n{line}", soft_wrap=True)
    return 0


def new(args: argparse.Namespace) -> int:
    """Write a rule's file and say what to do with it."""
    (folder,) = _folders(args)
    path = shown(new_rule.create(folder, args.name))
    then = f"fill it in, then `risk rules check {args.ruleset or folder.name}`"
    console.print(f"{path}: {then}", markup=False, soft_wrap=True)
    return 0


def _folders(args: argparse.Namespace) -> list[Path]:
    if getattr(args, "all", False):
        if args.ruleset:
            raise UserError("give a ruleset or --all, not both")
        return known_folders()
    return [find_folder(args.ruleset)]


def _locked(folder: Path) -> lock.Entries | None:
    path = folder / lock.FILE
    if not path.exists():
        return None
    return lock.read(path.read_text(encoding="utf-8", errors="replace"), shown(path))


def _features(measured: Sequence[FeatureResult]) -> Table:
    table = Table("feature", Column("says", least=12), Column("tests", right=True))
    for feature in dict.fromkeys(one.feature for one in measured):
        own = [one.passed for one in measured if one.feature == feature]
        tests = Styled(f"{sum(own)}/{len(own)}", "green" if all(own) else "red")
        table.row(feature.name, feature.about, tests)
    return table


def _table(ruleset: Ruleset, results: list[Result]) -> Table:
    table = Table("rule", "version", "points", Column("tests", right=True))
    for rule in ruleset.rules:
        own = [result.passed for result in results if result.rule is rule]
        tests = Styled(f"{sum(own)}/{len(own)}", "green" if all(own) else "red")
        table.row(rule.id, rule.version, rule.points, tests)
    return table
