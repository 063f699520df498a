"""What honest people do that looks like fraud, as a share of their payments.

It has no clock of its own: of the honest payments a share is made by the habits, each of them as
often as its weight says, whatever the rate. Of each habit as many episodes go on at a time as makes
its payments come `every_s` within one of them: more traffic means more households and more shared
addresses, not busier ones.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping
from itertools import accumulate
from random import Random

from generator.config import StreamConfig
from generator.habits.base import Habit
from generator.world import World
from risk.engine.payment.transaction import Transaction


class Everyday:
    """The habits of a stream with `rate` honest payments a second."""

    def __init__(
        self,
        habits: Mapping[str, Habit],
        config: StreamConfig,
        rate: float,
        world: World,
        rng: Random,
    ) -> None:
        self._share = config.habit_share if habits else 0.0
        self._world, self._rng = world, rng
        self._names, self._habits = tuple(habits), tuple(habits.values())
        self._upto = list(accumulate(habit.weight for habit in self._habits))
        self._going: list[list[Iterator[Transaction]]] = []
        for habit in self._habits:
            per_s = rate * self._share * habit.weight / self._upto[-1]
            every_s = habit.every_s
            if habit.story:  # so that a short stream has whole ones, too
                every_s = min(every_s, 0.5 * config.duration_s / habit.story)
            some = max(1, round(per_s * every_s))
            self._going.append([habit.episode(world, rng) for _ in range(some)])

    def due(self) -> bool:
        """Whether the next honest payment is one of these."""
        return self._share > 0 and self._rng.random() < self._share

    def payment(self) -> tuple[str, Transaction]:
        """The habit's name, and its payment at `world.time`."""
        draw = self._rng.random
        kind = bisect(self._upto, draw() * self._upto[-1])
        going = self._going[kind]
        at = int(draw() * len(going))
        txn = next(going[at], None)
        if txn is None:
            going[at] = self._habits[kind].episode(self._world, self._rng)
            txn = next(going[at])
        return self._names[kind], txn
