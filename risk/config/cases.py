"""The section of cases: how alerts become one, when it is due, whose verdict needs another's."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from risk.config.section import Section
from risk.config.types import MOST, Host, Port, Positive

MAX_FILE_BYTES = 26_214_400

Count = Annotated[int, msgspec.Meta(ge=0, le=MOST)]


class Cases(Section, frozen=True):
    """Cases, and their intake: `risk cases run`, which says at `host` and `port` how it is."""

    host: Host = "127.0.0.1"
    port: Port = 9263
    # Payments of several users within these hours that share a device, an address or a card are
    # one case; 0: each user has their own. What more users share than that links nobody: it is an
    # office or a mobile network, and no ring.
    ring_hours: Annotated[int, msgspec.Meta(ge=0, le=24 * 365)] = 24
    ring_users: Positive = 20
    # From the alert that opens a case until it is due.
    block_due_minutes: Positive = 60
    review_due_minutes: Positive = 1_440
    # Within this time an undone verdict was never sent.
    undo_s: Annotated[int, msgspec.Meta(ge=0, le=3_600)] = 10
    # Whose verdicts another person has to approve, a lead or an admin: those of this role and of
    # roles below it, where at least so many major units are at stake.
    four_eyes: Literal["none", "analyst", "lead", "admin"] = "analyst"
    four_eyes_stake: Count = 10_000
    max_file_bytes: Annotated[int, msgspec.Meta(ge=1, le=MAX_FILE_BYTES)] = 5_242_880
