"""From an edit to what would be committed: versions raised, locks written, tests run. Pure.

A ruleset that extends the one that is edited has other content, too, so it gets its new version and
lock by the same patch: else `risk rules check --all` would ask for it afterwards.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from risk.engine.rules import InvalidRuleset, RuleError, Ruleset, lock
from risk.engine.rules.head import HEAD
from risk.ops.rule_changes.tree import Tree
from risk.ops.rule_changes.versions import with_version
from risk.ops.ruleset_check import Ran, failures, run_tests

_ROUNDS: Final = 100  # a version that is raised may ask for another, but not for ever


class Edit(NamedTuple):
    """A file of a ruleset's own folder, and its new text."""

    ruleset: str
    path: str
    text: str


class Prepared(NamedTuple):
    """What an edit comes to. `errors` are those of files, `failures` of tests.

    `tree` is all that would be there afterwards, and `ruleset` the one that was edited; None where
    it isn't valid. `raised` says which versions were raised, and `others` which rulesets change
    because they extend it.
    """

    tree: Tree
    errors: tuple[RuleError, ...]
    failures: tuple[str, ...]
    ruleset: Ruleset | None
    ran: Ran | None
    raised: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether it may be proposed: `risk rules check` would find nothing."""
        return self.ruleset is not None and not self.errors and not self.failures


def prepare(before: Tree, edit: Edit) -> Prepared:
    """Check an edit, and finish it. Raises `NotFound` for a ruleset that isn't there."""
    tree = before.with_text(edit.ruleset, edit.path, edit.text)
    errors = _errors(before, tree, edit.ruleset)
    if errors:
        return Prepared(tree, errors, (), _ruleset(tree, edit.ruleset), None, (), ())
    tree, raised = _raise_versions(before, tree, edit.ruleset)
    affected = _affected(before, tree, edit.ruleset)
    for name in affected:
        text = lock.write(tree.read(name).ruleset, tree.locked(name))
        tree = tree.with_text(name, lock.FILE, text)
    ruleset = tree.read(edit.ruleset).ruleset
    ran = run_tests(ruleset)
    told = _failures(tree, edit.ruleset, ran)
    others = tuple(name for name in affected if name != edit.ruleset)
    for name in others:
        told += _failures(tree, name, run_tests(tree.read(name).ruleset))
    return Prepared(tree, (), tuple(dict.fromkeys(told)), ruleset, ran, raised, others)


def _affected(before: Tree, tree: Tree, edited: str) -> list[str]:
    """The ruleset that was edited, and all others that mean something else since."""
    changed = [name for name in tree.names() if _mark(before, name) != _mark(tree, name)]
    return sorted({edited, *changed}, key=lambda name: (name != edited, name))


def _raise_versions(before: Tree, tree: Tree, edited: str) -> tuple[Tree, tuple[str, ...]]:
    """The tree in which no version stands for two contents, and what was raised, in words."""
    raised: dict[str, int] = {}
    for _ in range(_ROUNDS):
        for name in _affected(before, tree, edited):
            wanted = _outgrown(tree.read(name).ruleset, tree.locked(name))
            if wanted is not None:
                kind, which, version = wanted
                path = HEAD if kind == "ruleset" else f"{which}.yaml"
                owner, file = (name, path) if path == HEAD else tree.place(name, path)
                text = with_version(tree.own(owner)[file], version)
                tree = tree.with_text(owner, file, text)
                raised[f"{kind} {which}"] = version
                break
        else:
            break
    return tree, tuple(f"{what} to version {version}" for what, version in raised.items())


def _outgrown(ruleset: Ruleset, locked: lock.Entries) -> tuple[str, str, int] | None:
    """A version that stands for another content already, or is below one: what it should be."""
    for (kind, name, version), mark in reversed(lock.current(ruleset).items()):
        top = max((one[2] for one in locked if one[:2] == (kind, name)), default=0)
        known = locked.get((kind, name, version))
        if known != mark and (known is not None or version < top):
            return kind, name, top + 1
    return None


def _errors(before: Tree, after: Tree, name: str) -> tuple[RuleError, ...]:
    """The faults of a ruleset, and those that others have only since."""
    found: dict[RuleError, None] = {}
    for one in sorted(after.names(), key=lambda other: (other != name, other)):
        try:
            after.read(one)
            after.locked(one)
        except InvalidRuleset as error:
            if one == name or _mark(before, one):
                found |= dict.fromkeys(error.errors)
    return tuple(found)


def _ruleset(tree: Tree, name: str) -> Ruleset | None:
    try:
        return tree.read(name).ruleset
    except InvalidRuleset:
        return None


def _mark(tree: Tree, name: str) -> str:
    found = _ruleset(tree, name)
    return found.fingerprint if found else ""


def _failures(tree: Tree, name: str, ran: Ran) -> list[str]:
    found = tree.read(name)
    return failures(tree.folder(name), found.places, found.ruleset, ran, tree.locked(name))
