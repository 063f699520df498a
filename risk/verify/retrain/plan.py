"""What is retrained daily, and what it takes to pass: `retrain.yaml`, checked as rules are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec
import yaml

from risk.engine.models.rollout import percent
from risk.engine.rules.document import Document
from risk.engine.rules.rolloutfile import SALT, SALT_MEANS, tenths
from risk.errors import UserError
from risk.ops.models.train import KINDS
from risk.verify.retrain.gate import Limits

NAME: Final = r"[a-z][a-z0-9_]{0,53}"  # a day stands behind it, and all of it is a name
MOST_DAYS: Final = 1_000
_GATE: Final = ("f1_above", "frauds", "group_frauds", "group_worse", "resamples")


class Days(msgspec.Struct, frozen=True):
    """In days: payments to learn from, how long a verdict may take, payments to judge on."""

    learn: int
    delay: int
    test: int


class Plan(msgspec.Struct, frozen=True):
    """All of it. `model` is what rules ask; what passes answers for a `share` of the users.

    `share` is in tenths of a percent: with 0 it is told beside, and decides nothing.
    """

    ruleset: str
    model: str
    kinds: tuple[str, ...]
    days: Days
    gate: Limits
    folder: str
    seed: int = 7
    share: int = 0
    salt: str = ""

    @property
    def traffic(self) -> str:
        """What becomes of a candidate that passes, in words."""
        return f"{percent(self.share)} of the users" if self.share else "the shadow"


def read(path: Path) -> Plan:
    """The plan in a file. Raises `UserError`: each fault with its line, and the place marked."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file: see docs/how-to/retrain.md for one") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8: save the file in that encoding") from None
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    return parse(text, str(path))


def parse(text: str, file: str) -> Plan:
    """The plan in a text. Raises `UserError`."""
    document = Document(file, text)
    keys = document.mapping(
        document.root, ("ruleset", "model", "kinds", "days", "gate", "folder"), ("seed", "rollout")
    )
    ruleset = document.line(keys.get("ruleset"), "the name of a ruleset, or its folder")
    model = document.word(
        keys.get("model"), NAME, "a name of small letters, digits and _, of 54 at most"
    )
    days = document.mapping(keys.get("days"), ("learn", "delay", "test"))
    lengths = [
        document.integer(days.get(name), least, MOST_DAYS)
        for name, least in (("learn", 1), ("delay", 0), ("test", 1))
    ]
    kinds = _kinds(document, keys.get("kinds"))
    limits = _limits(document, keys.get("gate"))
    folder = document.line(keys.get("folder"), "a folder for sets and candidates")
    seed = document.integer(keys["seed"], 0, 2**31 - 1) if "seed" in keys else 7
    share, salt = _rollout(document, keys.get("rollout"))
    if document.errors or not (ruleset and model and limits and folder):
        raise UserError("\n".join(str(one) for one in document.errors))
    learn, delay, test = (one or 0 for one in lengths)
    return Plan(
        ruleset, model, kinds, Days(learn, delay, test), limits, folder, seed or 0, share, salt
    )


def _kinds(document: Document, node: yaml.Node | None) -> tuple[str, ...]:
    found: dict[str, None] = {}
    allowed = [kind for kind in KINDS if kind != "isolation"]  # it has no probability to threshold
    for item in document.items(node, "a list of kinds, such as [boosting]"):
        kind = document.choice(item, allowed, f"one of {', '.join(allowed)}")
        if kind in found:
            document.fault(item, f"{kind} stands in this list twice", whole=True)
        elif isinstance(kind, str):
            found[kind] = None
    if isinstance(node, yaml.SequenceNode) and not node.value:
        document.fault(node, "the list is empty: name a kind such as boosting")
    return tuple(found)


def _limits(document: Document, node: yaml.Node | None) -> Limits | None:
    keys = document.mapping(node, _GATE)
    f1 = _number(document, keys.get("f1_above"), 1)
    worse = _number(document, keys.get("group_worse"), 1)
    frauds = document.integer(keys.get("frauds"), 1, 10**9)
    group = document.integer(keys.get("group_frauds"), 1, 10**9)
    resamples = document.integer(keys.get("resamples"), 20, 1_000)
    if f1 is None or worse is None or not (frauds and group and resamples):
        return None
    return Limits(f1, frauds, group, worse, resamples)


def _number(document: Document, node: yaml.Node | None, most: float) -> float | None:
    value = document.scalar(node) if node else None
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most:
        return float(value)
    document.fault(node, f"expected a number from 0 to {most:g}", whole=True)
    return None


def _rollout(document: Document, node: yaml.Node | None) -> tuple[int, str]:
    """The share and the salt; neither is asked for."""
    keys = document.mapping(node, ("share",), ("salt",))
    share = tenths(document, keys.get("share"), 100)
    salt = document.word(keys.get("salt"), SALT, SALT_MEANS)
    if share and "salt" not in keys:
        document.fault(node, "'salt' is missing: which users are in the share follows from it")
    return share or 0, salt or ""


def is_candidate(name: str, model: str) -> bool:
    """Whether a model is called as a candidate for `model` of some day is."""
    return re.fullmatch(rf"{re.escape(model)}_\d{{8}}", name) is not None
