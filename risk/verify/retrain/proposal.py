"""The next version of a ruleset's folder, with a new model in it: files in, files out. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from risk.engine.models.rollout import Rollout
from risk.engine.rules import Ruleset
from risk.engine.rules.head import HEAD
from risk.engine.rules.rolloutfile import ROLLOUT
from risk.engine.rules.ruleset import called_models
from risk.errors import UserError
from risk.verify.retrain.plan import Plan, is_candidate

Changes = dict[str, str | None]  # by path in the folder the text; None: the file goes
_VERSION: Final = re.compile(r"^version:[ \t]*(\d+)", re.MULTILINE)


class Candidate(NamedTuple):
    """A model for the folder: its name, the text of its file, and of its card."""

    name: str
    text: str
    card: str


def changes(files: Mapping[str, str], ruleset: Ruleset, plan: Plan, one: Candidate) -> Changes:
    """What becomes of the folder's own `files`, `ruleset` being what they make.

    With a champion the candidate challenges it, in the shadow or for the plan's share; without one
    no rule asks it, so it is told beside. The candidate that was in its place goes.
    """
    found: Changes = {f"models/{one.name}.json": one.text, f"models/{one.name}.md": one.card}
    if plan.model in ruleset.models:
        rollouts = dict(ruleset.rollouts)
        before = rollouts.get(plan.model)
        if before is not None and _is_free(before.challenger, one.name, plan, ruleset):
            found |= {f"models/{before.challenger}{end}": None for end in (".json", ".md")}
        rollouts[plan.model] = Rollout(one.name, plan.share, plan.salt, shadow=True)
        found[ROLLOUT] = rollout_text(rollouts, files.get(ROLLOUT, ""))
    found[HEAD] = raised(files[HEAD])
    return found


def busy(ruleset: Ruleset, plan: Plan) -> str:
    """Why no candidate may take the place of the challenger there is; empty if one may."""
    before = ruleset.rollouts.get(plan.model)
    if before is None:
        return ""
    if before.share <= plan.share and is_candidate(before.challenger, plan.model):
        return ""
    return (
        f"{before.challenger} challenges {plan.model} already, for users or by somebody's hand: "
        f"end that in {ROLLOUT} first"
    )


def raised(head: str) -> str:
    """A `ruleset.yaml` with the next version. Raises `UserError`."""
    found = _VERSION.findall(head)
    if len(found) != 1:
        raise UserError(f"{HEAD}: a line 'version: N' of its own is needed to raise it")
    return _VERSION.sub(f"version: {int(found[0]) + 1}", head)


def rollout_text(rollouts: Mapping[str, Rollout], before: str = "") -> str:
    """A `models/rollout.yaml`. Comments on lines of their own stay, at its head."""
    lines = [line for line in before.splitlines() if line.startswith("#")]
    for name, one in sorted(rollouts.items()):
        tenths = one.share
        share = f"{tenths // 10}.{tenths % 10}" if tenths % 10 else f"{tenths // 10}"
        salt = f", salt: {json.dumps(one.salt)}" if one.salt else ""
        shadow = ", shadow: true" if one.shadow else ""
        lines.append(f"{name}: {{challenger: {one.challenger}, share: {share}{salt}{shadow}}}")
    return "\n".join(lines) + "\n"


def _is_free(name: str, taken: str, plan: Plan, ruleset: Ruleset) -> bool:
    """Whether a challenger is a candidate of before that nothing else asks for."""
    called = called_models(ruleset.rules)
    return name not in (taken, *called) and is_candidate(name, plan.model)
