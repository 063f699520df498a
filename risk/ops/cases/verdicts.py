"""Sends the verdicts on cases to risk.feedback."""

from __future__ import annotations

from typing import Final

from risk.config.settings import Settings
from risk.engine.feedback import Feedback, build
from risk.ops.feedback.send import send
from risk.registry.cases import verdicts
from risk.registry.cases.session import within
from risk.registry.cases.verdicts import Said

BATCH: Final = 1_000


def send_due(settings: Settings) -> int:
    """Send what is due, until nothing is; how many. Raises `UserError` and `Unavailable`.

    What was sent, but not noted so because this process died, is sent again: it is the same, word
    for word, and counts once.
    """
    sent = 0
    while True:
        with within(settings) as cursor:
            due = verdicts.due(cursor, BATCH)
            if due:
                send(settings, map(_message, due))
                verdicts.sent(cursor, [one.id for one in due])
        sent += len(due)
        if len(due) < BATCH:
            return sent


def _message(said: Said) -> Feedback:
    payment = said.event_id, said.user_id, said.event_time
    return build(payment, said.verdict, "analyst", said.known_at, said.said_by, said.note)
