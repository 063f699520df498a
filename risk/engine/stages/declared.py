"""The stage of declared features of one key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

from risk.engine.features.catalogue import MINUTE
from risk.engine.features.declared import payments
from risk.engine.features.declared.entries import Entries, is_verdict
from risk.engine.features.declared.keycode import KeyCode
from risk.engine.features.entry import Entry
from risk.engine.features.shape import SeveralWindows
from risk.engine.features.timeline import Timeline
from risk.engine.rules.declaration import entry_field
from risk.engine.stages.base import FLUSH, Correction, Frontier, Item, Store
from risk.engine.stages.keyed import KeyedStage

# Longer than corrections need: most keys are used again by then, and needn't be opened anew.
AWAKE_MS: Final = 6 * MINUTE
AHEAD_MS: Final = 10 * MINUTE  # past what a fold looks at, for events ahead of the frontier
ENTRY: Final = ""  # the key of the row that names the fields of a batch's entries

_WHO: Final = ("time", "event_id", "user_id", "device_id", "flags")  # what each row begins with


class DeclaredStages:
    """The stages of all keys of a set, one after the other, as one."""

    def __init__(self, store: Callable[[str], Store], keys: Iterable[KeyCode]) -> None:
        self._stages = [DeclaredStage(store(code.stage), code) for code in keys]
        self._behind = 0  # of those before they were loaded again

    def on_batch(
        self, items: list[Item], corrections: list[Correction], frontier: Frontier
    ) -> tuple[list[Item], list[Correction]]:
        """As every stage."""
        for stage in self._stages:
            items, corrections = stage.on_batch(items, corrections, frontier)
        return items, corrections

    @property
    def behind_frontier(self) -> int:
        """Events found behind the frontier by any of them."""
        return self._behind + sum(stage.behind_frontier for stage in self._stages)

    @behind_frontier.setter
    def behind_frontier(self, counted: int) -> None:
        self._behind = counted

    @property
    def frontier(self) -> int:
        """Up to here, in ms UTC, all of them have settled."""
        return min((stage.frontier for stage in self._stages), default=FLUSH)

    def some(self) -> Iterator[object]:
        """A few of the objects that are held, from all over them."""
        for stage in self._stages:
            yield from stage.some()

    def sizes(self) -> dict[str, int]:
        """How much is kept, of all keys."""
        total: Counter[str] = Counter()
        for stage in self._stages:
            total.update(stage.sizes())
        return dict(total)


class DeclaredStage(KeyedStage):
    """Keyed by what the declarations are: one field, or several.

    Where verdicts are counted, an entry is a verdict, or a payment that meets no condition.
    """

    own_entries = True

    def __init__(self, store: Store, code: KeyCode) -> None:
        self.code = code
        self.of_verdicts = code.of_verdicts
        self.names = tuple(feature.slot for feature in code.features)
        self.neutral = tuple(feature.unkeyed for feature in code.features)
        self.shape = SeveralWindows(code.fold, code.windows)
        self.keep_ms = max(AWAKE_MS, self.shape.window)
        if code.fold:
            self.fold, self.parts = "fold", code.parts
            folded = [feature.retention for feature in code.features]
            self.retention_ms = max(folded) + AHEAD_MS
            self.bucket_ms = max(MINUTE, self.retention_ms // 1_000)
        else:
            self.retention_ms = 0
        self._key = payments.key(code.key)
        self._entries = Entries(code)
        self._row = attrgetter(*_WHO, *map(entry_field, code.fields), *code.replaced)
        self._columns = [*code.fields, *code.replaced]
        self._told = [*self._columns, *(f"where {one.text}" for one in code.conditions)]
        super().__init__(store)

    def keys(self, items: Sequence[Item]) -> list[str]:
        """What they are counted under; empty for those that lack it."""
        key = self._key
        return [key(item.txn) for item in items]

    def entry(self, item: Item, timeline: Timeline) -> Entry | None:
        """What the features of this key need of the event."""
        verdict = item.verdict
        if verdict is None:
            return self._entries.payment(item.txn)
        return self._entries.verdict(
            item.txn, verdict.verdict, verdict.at, verdict.was, verdict.since
        )

    def correction(self, entry: Entry) -> Correction | None:
        """With what the decision is keyed by; the address isn't remembered here."""
        if is_verdict(entry):
            return None
        return Correction(entry.user_id, entry.event_id, entry.time, "", entry.device_id or "", {})

    def rows(self, found: Sequence[tuple[str, Entry]]) -> list[tuple[str, tuple[Any, ...]]]:
        """A first row says what the others hold: their fields, then the conditions in `flags`."""
        row = self._row
        return [(ENTRY, tuple(self._told)), *[(key, row(entry)) for key, entry in found]]

    def unpacked(self, packed: Sequence[tuple[str, Sequence[Any]]]) -> Iterator[tuple[str, Entry]]:
        """By name: a field that wasn't kept then is None, a condition wasn't met."""
        (_, told), *rows = packed
        there = {name: at for at, name in enumerate(told)}
        conditions = [name for name in told if name.startswith("where ")]
        bits = [
            (conditions.index(name), 1 << bit)
            for bit, name in enumerate(self._told[len(self._columns) :])
            if name in conditions
        ]
        places = [there.get(name) for name in self._columns]

        def now(flags: int) -> int:
            return sum(bit for old, bit in bits if flags >> old & 1)

        replaced = len(self.code.replaced)
        for key, (time, event_id, user_id, device_id, flags, *values) in rows:
            yield (
                key,
                self._entries.type(
                    time,
                    event_id,
                    user_id,
                    device_id,
                    now(flags),
                    *[
                        None if at is None else values[at]
                        for at in places[: len(places) - replaced]
                    ],
                    *((now(values[-2]), values[-1]) if replaced else ()),
                ),
            )
