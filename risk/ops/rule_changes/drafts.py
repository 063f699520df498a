"""New drafts: of a rule that is there, of a new one, of a list's values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from flink_jobs.rulesets import Read
from risk.engine.rules import InvalidRuleset
from risk.engine.rules.names import Value
from risk.engine.rules.rulefile import WORD
from risk.ops.actor import Actor
from risk.ops.new_rule import RESERVED, TEMPLATE
from risk.ops.refusal import Invalid, NotFound
from risk.ops.rule_changes import lists, machine
from risk.ops.rule_changes.tree import Tree
from risk.registry import rule_changes
from risk.registry.rule_changes import Change, Draft
from risk.registry.session import Cursor

MOST_TEXT: Final = 50_000  # characters: a form takes no more than 65,536 bytes
MOST_WHY: Final = 1_000


def of_rule(cursor: Cursor, tree: Tree, actor: Actor, ruleset: str, rule: str) -> Change:
    """Draft a change of a rule: of its own file, or a copy of one of another ruleset.

    Raises `NotAllowed`, `NotFound`, and `Invalid` for a ruleset that isn't valid as it is.
    """
    path = f"{rule}.yaml"
    found = valid(tree, ruleset)
    if path not in found.files or path in RESERVED:
        raise NotFound(f"{ruleset} has no rule {rule}")
    own = tree.own(ruleset)
    text = own.get(path, found.files[path])
    return _drafted(cursor, tree, actor, ("rule", ruleset, rule, path), text, "")


def of_new_rule(cursor: Cursor, tree: Tree, actor: Actor, ruleset: str, rule: str) -> Change:
    """Draft a new rule, to be filled in. Raises as `of_rule`, and `Invalid` for its name."""
    path = f"{rule}.yaml"
    if not re.fullmatch(WORD, rule) or path in RESERVED:
        raise Invalid("name: a small letter, then small letters, digits and _, up to 63 in all")
    if path in valid(tree, ruleset).files:
        raise Invalid(f"name: {ruleset} has a rule {rule} already: draft a change of it")
    text = TEMPLATE.format(name=rule)
    return _drafted(cursor, tree, actor, ("rule", ruleset, rule, path), text, "")


def of_added(
    cursor: Cursor,
    tree: Tree,
    actor: Actor,
    which: tuple[str, str],
    value: str,
    reason: str,
    until: date | None,
) -> Change:
    """Draft one more value of a list; `which` are ruleset and list. Raises as `of_rule`."""

    def edit(place: lists.Place) -> str:
        return lists.add(place, value, reason, until, actor.name)

    return _of_list(cursor, tree, actor, which, edit, f"adds {value.strip()}: {reason}")


def of_removed(
    cursor: Cursor,
    tree: Tree,
    actor: Actor,
    which: tuple[str, str],
    values: Sequence[Value],
    reason: str,
) -> Change:
    """Draft a list without these values. Raises as `of_rule`."""

    def edit(place: lists.Place) -> str:
        return lists.remove(place, values)

    if not reason.strip():
        raise Invalid("reason: say why")
    told = ", ".join(map(str, values))
    return _of_list(cursor, tree, actor, which, edit, f"removes {told}: {reason}")


def normal(text: str) -> str:
    """A text as a file has it: lines end in LF, the last one too. Raises `Invalid`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip() or len(text) > MOST_TEXT or "\0" in text:
        raise Invalid(f"text: up to {MOST_TEXT:,} characters, none of them a null byte")
    return text if text.endswith("\n") else f"{text}\n"


def valid(tree: Tree, ruleset: str) -> Read:
    """A ruleset as it is in its folder. Raises `NotFound`, and `Invalid` if it isn't valid."""
    try:
        return tree.read(ruleset)
    except InvalidRuleset as error:
        told = str(error).partition("\n")[0]
        raise Invalid(f"{ruleset} isn't valid as it is, mend its files first: {told}") from None


def _of_list(
    cursor: Cursor,
    tree: Tree,
    actor: Actor,
    which: tuple[str, str],
    edit: Callable[[lists.Place], str],
    why: str,
) -> Change:
    ruleset, name = which
    valid(tree, ruleset)
    place = lists.find(tree, ruleset, name)
    if place.owner != ruleset:
        raise Invalid(f"the list is {place.owner}'s: change it there, and {ruleset} has it, too")
    if len(why) > MOST_WHY or not why.isprintable():
        raise Invalid(f"reason: one line of up to {MOST_WHY - 200} characters")
    return _drafted(cursor, tree, actor, ("list", ruleset, name, place.path), edit(place), why)


def _drafted(
    cursor: Cursor, tree: Tree, actor: Actor, of: tuple[str, str, str, str], text: str, why: str
) -> Change:
    machine.may_draft(actor)
    kind, ruleset, name, path = of
    draft = Draft(
        kind=kind,  # type: ignore[arg-type]
        ruleset=ruleset,
        name=name,
        path=path,
        text=normal(text),
        base_text=tree.own(ruleset).get(path),
        base_fingerprint=tree.read(ruleset).ruleset.fingerprint,
        why=why,
        author=actor.name,
    )
    change = rule_changes.add(cursor, draft)
    detail = {"file": f"{tree.folder(ruleset)}/{path}"}
    rule_changes.append(cursor, change.id, (actor.name, actor.role), "draft", detail)
    return change
