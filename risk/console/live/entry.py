"""An alert as the console keeps it."""

from __future__ import annotations

import msgspec

from risk.engine.messages import Alert


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An alert, and its number in the order in which the console has read it, from 1."""

    seq: int
    alert: Alert

    @property
    def key(self) -> tuple[str, str, int]:
        """The payment and the version of the ruleset that flagged it."""
        return key(self.alert)


def key(alert: Alert) -> tuple[str, str, int]:
    """The payment and the version of the ruleset that flagged it."""
    return alert.alert_id, alert.ruleset, alert.ruleset_version
