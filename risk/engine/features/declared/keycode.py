"""What the features of a key are compiled to, and the entries that its classes take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from risk.engine.features.cursor import Sliding
from risk.engine.features.entry import Entry
from risk.engine.payment.contract import Kind
from risk.engine.rules.declaration import Declaration, entry_field
from risk.engine.rules.tree import Node, render

REPLACED: Final = ("was", "since")  # of an entry of a verdict: what it replaces


class Condition(NamedTuple):
    """The `where` of a feature; `text` tells it from others, `attributes` are those it reads."""

    text: str
    node: Node
    attributes: tuple[tuple[str, Kind], ...]

    @staticmethod
    def of(one: Declaration) -> Condition | None:
        """That of a feature; None if it has none."""
        if one.where is None:
            return None
        typed = ", ".join(f"{name}:{kind}" for name, kind in one.attributes)
        text = render(one.where) + (f" ({typed})" if typed else "")
        return Condition(text, one.where, one.attributes)


class Remembered(NamedTuple):
    """What an entry holds of a payment besides who and when: fields, and the `conditions` that it
    meets, the bits of its `flags` from the lowest on.

    The keys of a set share their entries, so it is all that any of them reads. Those of verdicts
    are their own: they tell what a verdict replaces as well.
    """

    fields: tuple[str, ...]
    conditions: tuple[Condition, ...]
    of_verdicts: bool = False

    @staticmethod
    def of(declarations: Iterable[Declaration]) -> Remembered:
        """What features read, all of them of payments or all of verdicts. Their order doesn't
        matter.
        """
        ones = sorted(set(declarations), key=lambda one: one.slot)
        conditions = dict.fromkeys(one for one in map(Condition.of, ones) if one is not None)
        fields = {field for one in ones for field in read_by(one)}
        verdicts = any(one.of_verdicts for one in ones)
        return Remembered(tuple(sorted(fields)), tuple(conditions), verdicts)

    @property
    def replaced(self) -> tuple[str, ...]:
        """What an entry says of the verdict that it replaces: the bits of `flags`, and when."""
        return REPLACED if self.of_verdicts else ()

    @property
    def further(self) -> tuple[str, ...]:
        """The fields that not every entry has."""
        return tuple(one for one in self.fields if one not in Entry.__struct_fields__)


class KeyCode(NamedTuple):
    """What a key's features were compiled to.

    `features` are in the order of their values: those of `windows` (window in ms, class), then
    those of the `fold`, a struct with the `parts` so called; where it has folds by currency, each
    with the `currency_parts`. `fields` are what these read of the payments in `remembered`.
    """

    key: tuple[str, ...]
    features: tuple[Declaration, ...]
    windows: tuple[tuple[int, type[Sliding]], ...]
    fold: type[msgspec.Struct] | None
    parts: tuple[str, ...]
    currency_fold: type[msgspec.Struct] | None
    currency_parts: tuple[str, ...]
    fields: tuple[str, ...]
    remembered: Remembered
    code: str

    @property
    def of_verdicts(self) -> bool:
        """Whether verdicts are counted."""
        return self.remembered.of_verdicts

    @property
    def conditional(self) -> bool:
        """Whether any of them has a condition."""
        return any(one.where is not None for one in self.features)

    @property
    def stage(self) -> str:
        """The name of its stage, and of what that keeps."""
        return f"{'verdicts' if self.of_verdicts else 'key'} {'+'.join(self.key)}"

    @property
    def former_stages(self) -> tuple[str, ...]:
        """Those that earlier code had for what is by currency."""
        if self.of_verdicts:
            return ()
        keys = {"+".join(one.key) for one in self.features if one.key != self.key}
        return tuple(f"key {key}" for key in sorted(keys))


def read_by(one: Declaration) -> tuple[str, ...]:
    """The fields of a payment that a feature reads once it is remembered."""
    own = (one.of,) if one.of else ()
    places = ("lat", "lon") if one.value in ("distance", "speed") else ()
    return (*own, *places, *(("currency",) if "currency" in one.key else ()))


def entry_type(remembered: Remembered) -> type[Any]:
    """What is remembered of an event: an `Entry`, and behind it the rest."""
    if not (remembered.further or remembered.conditions):
        return Entry
    return msgspec.defstruct(
        "Entry",
        [
            ("flags", int, 0),
            *((entry_field(field), object, None) for field in remembered.further),
            *((name, int, 0) for name in remembered.replaced),
        ],
        bases=(Entry,),
        module=__name__,
        order=True,
        frozen=True,
        gc=False,
    )
