"""The steps of a change: each is one transaction, and leaves a line in its trail.

What is approved is what was proposed, to the byte: where the folder has changed since, the steps
refuse, and the author proposes anew.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec.structs import replace

from risk.ops.actor import Actor
from risk.ops.refusal import Invalid, NotFound, Stale
from risk.ops.rule_changes import drafts, machine
from risk.ops.rule_changes.machine import Step
from risk.ops.rule_changes.patch import patch
from risk.ops.rule_changes.prepare import Edit, Prepared, prepare
from risk.ops.rule_changes.tree import Tree
from risk.registry import rule_changes
from risk.registry.rule_changes import Change
from risk.registry.session import Cursor


class On(NamedTuple):
    """A change as somebody looked at it, who that is, and the folder as it is now."""

    tree: Tree
    actor: Actor
    number: int
    revision: int


def save(cursor: Cursor, on: On, text: str) -> Change:
    """Keep another text of a draft. Raises `Refusal`."""
    change = _locked(cursor, on, "save")
    text = drafts.normal(text)
    if text == change.text:
        return change
    return _done(cursor, on, "save", replace(change, text=text), {})


def propose(cursor: Cursor, on: On, why: str) -> Change:
    """Ask for approval of a draft that is good. Raises `Refusal`."""
    change = _locked(cursor, on, "propose")
    why = " ".join(why.split())
    if not why or len(why) > drafts.MOST_WHY or not why.isprintable():
        raise Invalid(f"why: say what it is for, in up to {drafts.MOST_WHY:,} characters")
    base = on.tree.own(change.ruleset).get(change.path)
    if base != change.base_text:
        raise Stale(f"{change.path} has changed in its folder since it was drafted: draft it anew")
    found = prepared(on.tree, change)
    if not found.is_good or found.ruleset is None:
        raise Invalid("the draft isn't good yet: see what the check says")
    text = patch(on.tree, found.tree)
    if not text:
        raise Invalid("the draft is what stands in the folder: there is nothing to propose")
    proposed = replace(
        change,
        why=why,
        version=found.ruleset.version,
        fingerprint=found.ruleset.fingerprint,
        patch=text,
    )
    detail = {"fingerprint": found.ruleset.fingerprint, "version": found.ruleset.version}
    return _done(cursor, on, "propose", proposed, detail)


def take_back(cursor: Cursor, on: On) -> Change:
    """Make a proposal of one's own a draft again. Raises `Refusal`."""
    return _done(cursor, on, "take_back", _unproposed(_locked(cursor, on, "take_back")), {})


def withdraw(cursor: Cursor, on: On) -> Change:
    """Give a draft up. Raises `Refusal`."""
    return _done(cursor, on, "withdraw", _locked(cursor, on, "withdraw"), {})


def approve(cursor: Cursor, on: On) -> Change:
    """Agree to what was proposed, as another person. Raises `Refusal`."""
    change = _locked(cursor, on, "approve")
    found = prepared(on.tree, change)
    if not found.is_good or patch(on.tree, found.tree) != change.patch:
        raise Stale(
            "the folder has changed since this was proposed: its author takes it back, "
            "looks at it, and proposes it anew"
        )
    approved = replace(change, approved_by=on.actor.name)
    return _done(cursor, on, "approve", approved, {"fingerprint": change.fingerprint})


def reject(cursor: Cursor, on: On, reason: str) -> Change:
    """Give a proposal back to its author. Raises `Refusal`."""
    change = _locked(cursor, on, "reject")
    reason = " ".join(reason.split())
    if not reason or len(reason) > drafts.MOST_WHY or not reason.isprintable():
        raise Invalid(f"reason: say why, in up to {drafts.MOST_WHY:,} characters")
    return _done(cursor, on, "reject", _unproposed(change), {"reason": reason})


def prepared(tree: Tree, change: Change) -> Prepared:
    """What a change comes to in the folder as it is now. Raises `NotFound`."""
    return prepare(tree, Edit(change.ruleset, change.path, change.text))


def get(cursor: Cursor, number: int) -> Change:
    """A change. Raises `NotFound`."""
    found = rule_changes.get(cursor, number)
    if found is None:
        raise NotFound(f"there is no change {number}")
    return found


def _locked(cursor: Cursor, on: On, step: Step) -> Change:
    change = rule_changes.lock(cursor, on.number)
    if change is None:
        raise NotFound(f"there is no change {on.number}")
    machine.check(change, step, on.actor)
    if change.revision != on.revision:
        raise Stale("this change isn't as you looked at it: look again, then decide")
    return change


def _done(cursor: Cursor, on: On, step: Step, change: Change, detail: dict[str, Any]) -> Change:
    found = rule_changes.update(cursor, replace(change, state=machine.TO[step]))
    rule_changes.append(cursor, change.id, (on.actor.name, on.actor.role), step, detail)
    return found


def _unproposed(change: Change) -> Change:
    return replace(change, version=None, fingerprint="", patch="")
