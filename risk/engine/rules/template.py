"""A rule's reason: a text with places such as `{user_count_5m}` or `{user_speed_kmh:.0}`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from risk.engine.features.named import Features
from risk.engine.models.scored import UNSCORED, Scored, in_words
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.errors import Fault, did_you_mean
from risk.engine.rules.modelcall import model_call
from risk.engine.rules.names import (
    KINDS,
    NO_ATTRIBUTES,
    NO_MODELS,
    Attributes,
    Kinds,
    Models,
    Value,
    read,
)
from risk.engine.rules.values import unknown

MAX_LENGTH: Final = 300
_ONE_LINE: Final = f"a reason is one line of at most {MAX_LENGTH} characters"
NONE: Final = "(none)"  # what is shown of a text that the payment doesn't have
WHY: Final = "why"  # behind a model's score: what moved it most
MOST_REASONS: Final = 3  # of a model, that are shown
DECIMALS: Final = 1  # of a fraction, where the template doesn't say

_PLACE = re.compile(r"\{(?P<name>[^{}:]*)(?::(?P<spec>[^{}]*))?\}")
_SPEC = re.compile(r"\.([0-4])")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a value; fractions are shown with so many decimals."""

    name: str
    decimals: int


@dataclass(frozen=True, slots=True)
class ModelSlot:
    """A place for a model's score, or for what moved it most."""

    model: str
    why: bool

    def show(self, scored: Scored) -> str:
        """What stands there."""
        if not self.why:
            return str(scored.scores[self.model])
        told = scored.contributions(self.model)[:MOST_REASONS]
        return ", ".join(map(in_words, told)) or NONE


@dataclass(frozen=True, slots=True)
class Template:
    """A checked reason."""

    text: str
    parts: tuple[str | Slot | ModelSlot, ...]
    attributes: Attributes = field(default_factory=dict)

    @property
    def models(self) -> set[str]:
        """Those that it tells of."""
        return {part.model for part in self.parts if isinstance(part, ModelSlot)}

    def render(
        self,
        features: Features,
        txn: Transaction,
        late: bool = False,
        scored: Scored = UNSCORED,
    ) -> str:
        """The reason for one event, of which models say what is `scored`."""
        return "".join(
            part
            if isinstance(part, str)
            else part.show(scored)
            if isinstance(part, ModelSlot)
            else _show(part, read(part.name, features, txn, late, self.attributes))
            for part in self.parts
        )


def template(
    text: str,
    kinds: Kinds = KINDS,
    attributes: Attributes = NO_ATTRIBUTES,
    models: Models = NO_MODELS,
) -> tuple[Template, list[Fault]]:
    """The template and its faults; with a fault it must not be used.

    `kinds` are the types of all names that it may show, the `attributes` among them; `models`
    those whose scores it may show.
    """
    if len(text) > MAX_LENGTH:
        return Template(text, (), attributes), [Fault(0, 1, _ONE_LINE)]
    faults: list[Fault] = []
    parts: list[str | Slot | ModelSlot] = []
    at = 0
    for match in _PLACE.finditer(text):
        parts.append(_plain(text, at, match.start(), faults))
        slot = _slot(match, faults, kinds, models)
        if slot:
            parts.append(slot)
        at = match.end()
    parts.append(_plain(text, at, len(text), faults))
    if not text.strip():
        faults.append(Fault(0, 1, "the reason is empty: say what an investigator should know"))
    elif not text.isprintable():
        faults.append(Fault(0, 1, _ONE_LINE))
    return Template(text, tuple(part for part in parts if part), attributes), faults


def _plain(text: str, start: int, end: int, faults: list[Fault]) -> str:
    for at in range(start, end):
        if text[at] in "{}":
            faults.append(Fault(at, at + 1, f"{text[at]!r} has no partner: write {{name}}"))
            break
    return text[start:end]


def _slot(
    match: re.Match[str], faults: list[Fault], kinds: Kinds, models: Models
) -> Slot | ModelSlot | None:
    name, spec = match["name"], match["spec"]
    start, end = match.span("name")
    try:
        call = model_call(name, models)
    except Fault as fault:
        faults.append(Fault(start + fault.start, start + fault.end, fault.message))
        return None
    if call is not None:
        if spec not in (None, WHY):
            faults.append(Fault(match.start("spec"), match.end("spec"), f"':{spec}': only :why"))
        return ModelSlot(str(call.name.value), spec == WHY)
    if name not in kinds:
        hint = did_you_mean(name, list(kinds))
        faults.append(Fault(start, max(end, start + 1), unknown(name, hint)))
        return None
    if spec is None:
        return Slot(name, DECIMALS)
    decimals = _SPEC.fullmatch(spec)
    if decimals is None or kinds[name] != "float":
        wrong = "decimals are .0 to .4" if kinds[name] == "float" else f"{name} is no fraction"
        faults.append(Fault(match.start("spec"), match.end("spec") or end, f"':{spec}': {wrong}"))
        return None
    return Slot(name, int(decimals[1]))


def _show(slot: Slot, value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.{slot.decimals}f}" if isinstance(value, float) else str(value) or NONE
