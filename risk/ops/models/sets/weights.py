"""How much a payment counts: 1 over how likely it is that its outcome could be seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from risk.engine.feedback import Verdict
from risk.engine.messages import ControlGroup

THOUSANDTHS: Final = 1_000
UNWEIGHTED: Final = 1.0


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Payments that were to be blocked under a control group, by what became of them.

    `released` ones stand for those that were `not_drawn`; of those `beyond_caps` none is released.
    """

    released: int
    not_drawn: int
    beyond_caps: int


def weight(control: ControlGroup | None, verdict: Verdict | None) -> float:
    """Of a payment with this word of the control group; None if there is none.

    One that was not drawn has none, whatever was said of it: the released ones stand for it. Beyond
    the caps only verdicts say anything, and no verdict doesn't mean honest.
    """
    if control is None:
        return UNWEIGHTED
    if control.released:
        return THOUSANDTHS / control.propensity
    return UNWEIGHTED if not control.propensity and verdict else 0.0


def counts(found: Iterable[ControlGroup | None]) -> Control | None:
    """How many there are of each; None if there are none."""
    told = [one for one in found if one is not None]
    released = sum(one.released for one in told)
    beyond = sum(not one.propensity for one in told)
    return Control(released, len(told) - released - beyond, beyond) if told else None
