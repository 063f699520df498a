"""The operation's side of a takeover: what jobs have said in risk.control, and what it says."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Final

from confluent_kafka import KafkaException

from risk.config.settings import Settings
from risk.engine.takeover.board import Board
from risk.engine.takeover.said import Said
from risk.engine.takeover.takeover import Takeover
from risk.errors import UserError
from risk.kafka.control_log import ControlLog

BY: Final = "operation"
POLL_S: Final = 0.2
LEAD_MS: Final = 3_000  # from a proposal to its moment: the old run looks once a second


class Agreement:
    """On the takeover by a run. Raises `UserError` where the broker can't be asked."""

    def __init__(self, settings: Settings, run: str) -> None:
        self._log, self._board, self._run = ControlLog(settings), Board(), run
        self._topic = settings.topics.control
        with self._asked():
            for heard in self._log.all():
                self._board.hear(heard.said, heard.appended)

    @property
    def takeover(self) -> Takeover | None:
        """As it stands; None if nobody has offered it."""
        return self._board.takeovers.get(self._run)

    def offer(self, old: str) -> Takeover:
        """Offer the run as the standby of the one that decides, unless that was done."""
        if self.takeover is None:
            self._say(Said("offered", self._run, BY, old=old))
            self.wait(lambda: self.takeover, 30, f"{self._topic} can't be read: see `risk status`")
        assert self.takeover is not None
        return self.takeover

    def propose(self) -> None:
        """Propose a moment that is near."""
        self._say(Said("proposed", self._run, BY, lead_ms=LEAD_MS))

    def call_off(self) -> bool:
        """Call it off, if nobody has promised by then. Whether it is off."""
        found = self.takeover
        if found is None:
            return True
        self._say(Said("called_off", self._run, BY))
        self.wait(
            lambda: found.called_off or found.at is not None, 30, f"{self._topic} can't be read"
        )
        return found.called_off

    def wait(self, holds: Callable[[], object], timeout_s: float, message: str) -> None:
        """Listen until a condition holds. Raises `UserError` with the message when time is up."""
        until = time.monotonic() + timeout_s
        while not holds():
            if time.monotonic() > until:
                raise UserError(message)
            with self._asked():
                for heard in self._log.new(POLL_S):
                    self._board.hear(heard.said, heard.appended)

    def close(self) -> None:
        """Disconnect."""
        self._log.close()

    def _say(self, said: Said) -> None:
        with self._asked():
            self._log.say(said)

    @contextlib.contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except KafkaException as error:
            raise UserError(f"{self._topic}: {error.args[0].str()}: is the broker up?") from None


@contextlib.contextmanager
def agreement(settings: Settings, run: str) -> Iterator[Agreement]:
    """Within it, the agreement on the takeover by that run."""
    found = Agreement(settings, run)
    try:
        yield found
    finally:
        found.close()


def agreed_by(settings: Settings, run: str) -> Takeover | None:
    """The takeover by that run, as it stands now; None if nobody has offered it."""
    with agreement(settings, run) as found:
        return found.takeover
