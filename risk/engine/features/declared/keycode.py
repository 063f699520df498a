"""What the features of a key are compiled to, and the entries that its classes take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from risk.engine.features.cursor import Sliding
from risk.engine.features.shape import History
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


class KeyCode(NamedTuple):
    """What a key's features were compiled to.

    `features` are in the order of their values: those of `windows` (window in ms, class), then
    those of the `fold`, whose dump has the `parts` so called. `fields` are what an entry holds of a
    payment besides who and when; `conditions` are the bits of its `flags`, from the lowest on.
    """

    key: tuple[str, ...]
    features: tuple[Declaration, ...]
    windows: tuple[tuple[int, type[Sliding]], ...]
    fold: Callable[[], History] | None
    parts: tuple[str, ...]
    fields: tuple[str, ...]
    conditions: tuple[Condition, ...]
    code: str
    of_verdicts: bool = False

    @property
    def replaced(self) -> tuple[str, ...]:
        """What an entry says of the verdict that it replaces: the bits of `flags`, and when."""
        return REPLACED if self.of_verdicts else ()

    @property
    def stage(self) -> str:
        """The name of its stage, and of what that keeps."""
        return f"{'verdicts' if self.of_verdicts else 'key'} {'+'.join(self.key)}"


def entry_type(code: KeyCode) -> type[msgspec.Struct]:
    """What is remembered of an event: ordered by time, event_id and user_id, then as it comes.

    Of a verdict also the conditions that the payment met before, and since when.
    """
    return msgspec.defstruct(
        "Entry",
        [
            ("time", int),
            ("event_id", str),
            ("user_id", str),
            ("device_id", str | None),  # None where a payment lacks it, as every field
            ("flags", int),
            *((entry_field(field), object) for field in code.fields),
            *((name, int) for name in code.replaced),
        ],
        namespace={"position": property(lambda e: (e.time, e.event_id, e.user_id))},
        module=__name__,
        order=True,
        frozen=True,
        gc=False,
    )
