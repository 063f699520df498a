"""The stage of declared features of one key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

from msgspec.structs import astuple

from risk.engine.features.catalogue import HOUR, MINUTE
from risk.engine.features.declared import payments
from risk.engine.features.declared.entries import Entries, is_verdict
from risk.engine.features.declared.folds import LATEST_CURRENCY, OTHER_CURRENCIES
from risk.engine.features.declared.keycode import KeyCode
from risk.engine.features.entry import Entry
from risk.engine.features.shape import Shape
from risk.engine.features.timeline import Timeline
from risk.engine.rules.declaration import entry_field
from risk.engine.stages.base import FLUSH, Correction, Frontier, Item, Store
from risk.engine.stages.keyed import KeyedStage
from risk.engine.stages.layout import (
    BY_CURRENCY,
    FOLD,
    Moves,
    Nested,
    UnknownLayout,
    of_earlier_code,
    take_up,
)

# Longer than corrections need: most keys are used again by then, and needn't be opened anew.
AWAKE_MS: Final = 6 * MINUTE
AHEAD_MS: Final = 10 * MINUTE  # past what a fold looks at, for events ahead of the frontier
ENTRY: Final = ""  # the key of the row that names the fields of a batch's entries

SOON_OVER_MS: Final = HOUR  # what is kept no longer than this goes together

_FLAGS: Final = frozenset({"flags", "was"})  # what of an entry has a bit for each condition
_WHO: Final = ("time", "event_id", "user_id", "device_id")  # what each row has, but for its key


class DeclaredStages:
    """The stages of all keys of a set, one after the other, as one."""

    def __init__(self, store: Callable[[str], Store], keys: Iterable[KeyCode]) -> None:
        self._stages = []
        for code in keys:
            for former in code.former_stages:
                if any(store(former).items()):
                    raise UnknownLayout(of_earlier_code(former))
            self._stages.append(DeclaredStage(store(code.stage), code))
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

    Where verdicts are counted, an entry is a verdict, or a payment that meets no condition. Rows of
    the store hold what the stage reads of its entries, and the fields of these that are `told`.
    """

    told: tuple[str, ...] = ()
    awake_ms: int = AWAKE_MS  # for so long a key with a fold is awake, at least

    def __init__(self, store: Store, code: KeyCode) -> None:
        self.code = code
        self.of_verdicts = self.own_entries = code.of_verdicts
        self.names = tuple(feature.slot for feature in code.features)
        self.neutral = tuple(feature.unkeyed for feature in code.features)
        self.shape = Shape(code.fold, code.windows)
        self.keep_ms, self.retention_ms = self.shape.window, 0
        if code.fold:
            self.keep_ms = max(self.awake_ms, self.shape.window)
            folded = [feature.retention for feature in code.features]
            self.retention_ms = max(folded) + AHEAD_MS
            self.retained_in_batches = self.retention_ms <= SOON_OVER_MS
            self.bucket_ms = max(MINUTE, self.retention_ms // 1_000)
        self._key = payments.key(code.key)
        self._entries = Entries(code.remembered)
        conditions = code.remembered.conditions if code.conditional else ()
        self._conditions = [f"where {one.text}" for one in conditions]
        # What rows needn't repeat. The key of an address is a network, so it may not be it.
        self._own = code.key[0] if len(code.key) == 1 and code.key[0] in _WHO else ""
        columns = [
            *_WHO,
            *(["flags"] if self._conditions else []),
            *(entry_field(field) for field in code.fields),
            *self.told,
            *code.remembered.replaced,
        ]
        self._columns = [one for one in dict.fromkeys(columns) if one != self._own]
        self._row = attrgetter(*self._columns)
        self._written = (*self._columns, *self._conditions)  # what a row says that others hold
        super().__init__(store)

    def keys(self, items: Sequence[Item]) -> list[str]:
        """What they are counted under; empty for those that lack it."""
        key = self._key
        return [key(item.txn) for item in items]

    def entry(self, item: Item, timeline: Timeline) -> Entry | None:
        """What is remembered of the event: of a payment it is for the other keys, too."""
        verdict = item.verdict
        if verdict is not None:
            return self._entries.verdict(
                item.txn, verdict.verdict, verdict.at, verdict.was, verdict.since
            )
        entry = self._entries.payment(item.txn)
        if not self.own_entries:
            item.entry = entry
        return entry

    def correction(self, entry: Entry) -> Correction | None:
        """None of a verdict."""
        return None if is_verdict(entry) else super().correction(entry)

    def parts_now(self) -> dict[str, dict[str, Any]]:
        """The parts of the fold with their neutral values, and of the folds by currency in it."""
        found = {FOLD: dict(zip(self.code.parts, self.shape.neutral(), strict=True))}
        fold = self.code.currency_fold
        if fold is not None:
            found[BY_CURRENCY] = dict(zip(self.code.currency_parts, astuple(fold()), strict=True))
        return found

    def moved(self, layout: bytes | None) -> Moves:
        """By name."""
        moves = take_up(self._store, layout, self.parts_now())
        if BY_CURRENCY not in moves:
            return moves[FOLD]
        return Nested(moves[FOLD], moves[BY_CURRENCY], LATEST_CURRENCY, OTHER_CURRENCIES)

    def rows(self, found: Sequence[tuple[str, Entry]]) -> list[tuple[str, tuple[Any, ...]]]:
        """A first row says what the others hold: their fields, then the conditions in `flags`."""
        row = self._row
        return [(ENTRY, self._written), *[(key, row(entry)) for key, entry in found]]

    def unpacked(self, packed: Sequence[tuple[str, Sequence[Any]]]) -> Iterator[tuple[str, Entry]]:
        """By name: a field that wasn't kept then is missing, a condition wasn't met."""
        (_, told), *rows = packed
        if tuple(told) == self._written:
            return self._as_written(rows)
        return self._by_name(told, rows)

    def _as_written(self, rows: Sequence[tuple[str, Sequence[Any]]]) -> Iterator[tuple[str, Entry]]:
        """Of rows that hold what this code writes: there may be millions, and somebody waits."""
        columns, own_field, restored = self._columns, self._own, self.restored
        for key, row in rows:
            own = {"ip": "", **dict(zip(columns, row, strict=True))}
            if own_field:
                own[own_field] = key
            yield key, restored(own)

    def _by_name(
        self, told: Sequence[str], rows: Sequence[tuple[str, Sequence[Any]]]
    ) -> Iterator[tuple[str, Entry]]:
        if not set(told).issuperset({*_WHO} - {self._own}):
            raise UnknownLayout(of_earlier_code(self.code.stage))
        conditions = [name for name in told if name.startswith("where ")]
        bits = [
            (conditions.index(name), 1 << bit)
            for bit, name in enumerate(self._conditions)
            if name in conditions
        ]
        columns = told[: len(told) - len(conditions)]
        wanted = [(name, columns.index(name)) for name in self._columns if name in columns]

        def now(flags: int) -> int:
            return sum(bit for old, bit in bits if flags >> old & 1)

        for key, row in rows:
            own = {"ip": "", **{name: row[at] for name, at in wanted}}
            if self._own:
                own[self._own] = key
            for flags in _FLAGS & own.keys():
                own[flags] = now(own[flags])
            yield key, self.restored(own)

    def restored(self, own: dict[str, Any]) -> Entry:
        """An entry of what a row has of it, by name."""
        found: Entry = self._entries.type(**own)
        return found
