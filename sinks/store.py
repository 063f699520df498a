"""What every store can do, and what only some can: each of that is a protocol of its own.

A store is a package, and its functions are those of the protocol. Whoever needs what only some can
do asks by type, `isinstance(store, Checks)`, never by name. What goes wrong with a store's server
is raised as `Unavailable`, whatever its client calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from risk.config.settings import Settings
from risk.engine.delivery import Sink, Writer
from risk.engine.erasure import Erased
from risk.engine.feedback import Logged
from sinks.found import Found
from sinks.stored import Stored

Tag = tuple[str, int]  # a ruleset's name and version
Payment = tuple[str, str, int]  # event_id, user_id, event_time in ms UTC, as `Stored.payment`
# Which of these payments are there. Whatever its client raises goes through.
Ask = Callable[[Sequence[Payment]], set[Payment]]


@runtime_checkable
class Delivers(Protocol):
    """What a delivery job, and `risk rebuild`, write to."""

    def create(self, settings: Settings) -> Writer[Any]:
        """A writer."""
        raise NotImplementedError

    def wipe(self, settings: Settings) -> None:
        """Delete all that it has from Kafka, and nothing else. Raises `Unavailable`."""
        raise NotImplementedError


@runtime_checkable
class Store(Protocol):
    """A store of scores. `PROBE_PAUSE_S` is how long to wait before asking it again, and again."""

    PROBE_PAUSE_S: float

    def create(self, settings: Settings) -> Sink:
        """A writer."""
        raise NotImplementedError

    def scan(self, settings: Settings, ruleset: str, version: int) -> Iterator[Stored]:
        """The stored scores of a ruleset's version, by their payments. Raises `Unavailable`."""
        raise NotImplementedError

    def wipe(self, settings: Settings) -> None:
        """Delete all that comes from Kafka, and nothing else. Raises `Unavailable`."""
        raise NotImplementedError

    def probe(self, settings: Settings, ruleset: Tag) -> Ask:
        """A connection to ask by which payments have a score under the ruleset's version."""
        raise NotImplementedError


@runtime_checkable
class Checks(Protocol):
    """A store where a score is more than its row."""

    def problems(self, settings: Settings) -> list[str]:
        """What doesn't fit together, a line each. Raises `Unavailable`."""
        raise NotImplementedError


@runtime_checkable
class Finds(Protocol):
    """A store that finds payments by their event_id alone."""

    def find(self, settings: Settings, event_id: str, user_id: str | None = None) -> Found:
        """What it holds of every user's payment, or of one user's. Raises `Unavailable`."""
        raise NotImplementedError


@runtime_checkable
class LooksUp(Protocol):
    """A store that finds a payment fast only if all of its key is known."""

    def look_up(
        self,
        settings: Settings,
        event_id: str,
        user_id: str | None = None,
        known: Collection[tuple[str, int]] = (),
    ) -> Found:
        """The same, of the `known` payments by user_id and event_time; without any, of all.

        Raises `Unavailable`.
        """
        raise NotImplementedError


@runtime_checkable
class Searches(Protocol):
    """A store that a search shows a score in later than a look by its key."""

    def probe_search(self, settings: Settings, ruleset: Tag) -> Ask:
        """As `probe`, of what a search shows."""
        raise NotImplementedError


@runtime_checkable
class Archives(Protocol):
    """A store that keeps the transactions of all payments, those of late ones too."""

    def archived(self, settings: Settings, event_ids: Collection[str]) -> int:
        """How many it has under these ids. Raises `Unavailable`."""
        raise NotImplementedError


@runtime_checkable
class Recalls(Protocol):
    """What has the feedback on payments."""

    def history(
        self, settings: Settings, event_id: str, user_id: str | None = None
    ) -> list[Logged]:
        """What was said of every user's payment, or of one user's, in the log's order.

        Raises `Unavailable`.
        """
        raise NotImplementedError

    def recall(self, settings: Settings) -> Iterator[Logged]:
        """All of it, payment by payment. Raises `Unavailable`."""
        raise NotImplementedError


@runtime_checkable
class Erases(Protocol):
    """What a person can be erased from: all that has personal data does this.

    `upto` is an event time, ms UTC: later payments under the same user_id are a new customer's.
    """

    def erased(self, settings: Settings) -> Erased | None:
        """The list of erased users as it is kept there; None: it has none yet.

        Raises `Unavailable`.
        """
        raise NotImplementedError

    def add_erased(self, settings: Settings, erased: Erased) -> None:
        """Add to the list. What is erased after this has returned stays away: no writer brings it
        back, neither one that is at work nor one that begins later. Raises `Unavailable`.
        """
        raise NotImplementedError

    def count(self, settings: Settings, user_id: str, upto: int) -> dict[str, int]:
        """What it has of a user, by kind. Raises `Unavailable`."""
        raise NotImplementedError

    def erase(self, settings: Settings, user_id: str, upto: int) -> dict[str, int]:
        """Remove it; how much there was. Raises `Unavailable`: then it may be done in part."""
        raise NotImplementedError


class Expired(NamedTuple):
    """What one step of a retention has removed, by kind; `done` of `total` parts are looked at."""

    removed: dict[str, int]
    done: int
    total: int


@runtime_checkable
class Retains(Protocol):
    """A store that gives up what is old when it is told to, and not by itself.

    Times are event times, ms UTC.
    """

    def retention_limit(self, settings: Settings, now: int) -> int | None:
        """What is to be removed is before it; None: all is kept, as the settings say."""
        raise NotImplementedError

    def count_expired(self, settings: Settings, upto: int) -> dict[str, int]:
        """What would be removed, by kind. Raises `Unavailable`."""
        raise NotImplementedError

    def expire(self, settings: Settings, upto: int) -> Iterator[Expired]:
        """Remove it, in steps of a bounded size. Raises `Unavailable`: then it may be done in part,
        and goes on when it is asked again.
        """
        raise NotImplementedError


class MigrationError(Exception):
    """A schema is not what the migrations say: the message says which and what to do."""


@runtime_checkable
class Migrates(Protocol):
    """A store with a schema that has versions."""

    def migrate(self, settings: Settings) -> list[str]:
        """Bring the schema up to date; what was applied.

        Raises `MigrationError` and `Unavailable`.
        """
        raise NotImplementedError


@runtime_checkable
class Divides(Protocol):
    """A store that can have a second place on the same server, for what measures it."""

    def apart(self, settings: Settings, name: str) -> Settings:
        """The settings with the place of that name, of letters and dashes, instead of its own."""
        raise NotImplementedError

    def make(self, settings: Settings, own: Settings) -> None:
        """Make the place of `own`, empty; from `settings` its server is known.

        Raises `Unavailable`.
        """
        raise NotImplementedError

    def remove(self, settings: Settings, own: Settings) -> None:
        """Remove the place of `own`, if it is there. Raises `Unavailable`."""
        raise NotImplementedError
