"""The folder of the ruleset that is retrained: read, and given its next version."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from flink_jobs import rulesets
from risk.engine.rules import InvalidRuleset, Ruleset, load, lock
from risk.engine.rules.extends import whole
from risk.engine.rules.head import HEAD
from risk.errors import UserError
from risk.ops.files import replace
from risk.ops.ruleset_folder import find_folder, read_whole, shown
from risk.ops.rulesets import tag
from risk.verify.quality.model_scores import Loaded, read_model
from risk.verify.retrain.proposal import Changes


class Here(NamedTuple):
    """A ruleset in its folder: `own` are the files that stand in it, by their paths there."""

    folder: Path
    own: dict[str, str]
    places: dict[str, str]
    ruleset: Ruleset

    def model(self, name: str) -> Loaded | None:
        """A model of the ruleset, from the folder that it is in; None if it has none so called."""
        if name not in self.ruleset.models:
            return None
        path = self.folder / "models" / f"{name}.json"
        if path.is_file():
            return read_model(path)
        raise UserError(
            f"{self.ruleset.name}: its model {name} is one of the ruleset that it extends: name "
            "that one in the plan, or copy the file"
        )


class Proposal(msgspec.Struct, frozen=True):
    """The next version of a ruleset, called `ruleset`: `files` are the texts by path in the folder.

    One that is null goes. `before` are the SHA-256 of what stood there, empty for nothing, and
    `others` is that of all other files of the ruleset: nothing is written to a folder that changed.
    """

    ruleset: str
    before: dict[str, str]
    others: str
    files: dict[str, str | None]


def read(name: str) -> Here:
    """The ruleset of that name or folder. Raises `UserError`."""
    folder = find_folder(name)
    try:
        _, places, ruleset = read_whole(folder)
    except InvalidRuleset as error:
        raise UserError(str(error)) from None
    return Here(folder, _own(folder), dict(places), ruleset)


def propose(here: Here, changes: Changes) -> Proposal:
    """The next version with its lock, checked as a whole. Raises `UserError`."""
    files = {path: text for path, text in (here.own | changes).items() if text is not None}
    texts = {path: text for path, text in files.items() if not path.endswith(".md")}

    def sibling(name: str) -> dict[str, str] | None:
        beside = here.folder.parent / name
        return read(str(beside)).own if (beside / HEAD).is_file() else None

    name = shown(here.folder)
    try:
        found = whole(texts, name, sibling)
        ruleset = load(found.files, name, found.places, found.faults)
        path = here.folder / lock.FILE
        if path.is_file():
            locked = lock.read(path.read_text(encoding="utf-8"), shown(path))
            for breach in lock.breaches(ruleset, locked):
                if not breach.mended:
                    raise UserError(f"{shown(path)}: {breach.message}")
            changes = changes | {lock.FILE: lock.write(ruleset, locked)}
    except InvalidRuleset as error:
        raise UserError(f"the next version would not be valid: {error}") from None
    before = {path: _sha256(here.folder / path) for path in changes}
    others = _others(here.own, changes)
    return Proposal(tag(ruleset.name, ruleset.version), before, others, changes)


def write(name: str, wanted: Proposal) -> None:
    """Write a proposal to the ruleset's folder, once more if need be. Raises `UserError`."""
    folder = find_folder(name)
    untouched = _others(_own(folder), wanted.files) == wanted.others and all(
        _sha256(folder / path) in (wanted.before[path], _hash(text))
        for path, text in wanted.files.items()
    )
    if not untouched:
        raise UserError(
            f"{shown(folder)}: it was changed since {wanted.ruleset} was proposed: remove the "
            "day's folder to begin anew"
        )
    # The head and the lock come last: till then no version that was ever locked is changed.
    for path in sorted(wanted.files, key=lambda one: (one == lock.FILE, one == HEAD, one)):
        text, place = wanted.files[path], folder / path
        if text is None:
            place.unlink(missing_ok=True)
        else:
            place.parent.mkdir(exist_ok=True)
            replace(place, text.encode())


def heirs(name: str) -> list[str]:
    """The rulesets beside it that extend it: what changes in it changes them, too."""
    folder = find_folder(name)
    wanted = re.compile(rf"^extends:[ \t]*{re.escape(folder.name)}[ \t]*(#.*)?$", re.MULTILINE)
    heads = sorted(folder.parent.glob(f"*/{HEAD}"))
    return [head.parent.name for head in heads if wanted.search(rulesets.read_text(head))]


def _own(folder: Path) -> dict[str, str]:
    paths = sorted([*folder.rglob("*.y*ml"), *folder.glob("models/*.json")])
    return {path.relative_to(folder).as_posix(): rulesets.read_text(path) for path in paths}


def _others(own: Mapping[str, str], but: Mapping[str, str | None]) -> str:
    left = {path: text for path, text in own.items() if path not in but}
    return _hash(msgspec.json.encode(sorted(left.items())).decode())


def _hash(text: str | None) -> str:
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
