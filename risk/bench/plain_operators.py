"""The baseline's functions for PyFlink: one event at a time, each with its key's state.

Apart from the script, whose own names PyFlink would pickle one by one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import msgspec
from pyflink.common import Types
from pyflink.datastream import FlatMapFunction, KeyedProcessFunction, MapFunction, RuntimeContext
from pyflink.datastream.state import ValueStateDescriptor

from risk.bench.plain import Features, State, decode, message
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import load

Event = tuple[Transaction, Features]
EVENT = Types.PICKLED_BYTE_ARRAY()


class Parse(FlatMapFunction):  # type: ignore[misc]
    """JSON to transactions; what can't be read is dropped."""

    def flat_map(self, value: str) -> Iterator[Event]:
        """None or one."""
        try:
            yield decode(value), {}
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return


class KeyFeatures(KeyedProcessFunction):  # type: ignore[misc]
    """Adds the features of its key, whose state is forgotten when it is idle for `keep_ms`."""

    def __init__(
        self, compute: Callable[[State, Transaction], Features | None], keep_ms: int
    ) -> None:
        self._compute, self._keep = compute, keep_ms

    def open(self, context: RuntimeContext) -> None:
        """One value a key."""
        self._state = context.get_state(ValueStateDescriptor("state", Types.PICKLED_BYTE_ARRAY()))

    def process_element(self, value: Event, ctx: KeyedProcessFunction.Context) -> Iterator[Event]:
        """One event; none if it is a duplicate."""
        txn, features = value
        state: State | None = self._state.value()
        if state is None:
            state = {}
            timers = ctx.timer_service()
            timers.register_processing_time_timer(timers.current_processing_time() + self._keep)
        found = self._compute(state, txn)
        if found is not None:
            state["seen"] = int(time.time() * 1_000)
            self._state.update(state)
            yield txn, features | found

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> None:
        """Forget the key, or look again when it may be idle."""
        state = self._state.value()
        if state and state["seen"] + self._keep > timestamp:
            timer = state["seen"] + self._keep
            ctx.timer_service().register_processing_time_timer(timer)
        else:
            self._state.clear()


class Decide(MapFunction):  # type: ignore[misc]
    """Features to a score, as JSON."""

    def __init__(self, files: dict[str, str], run_id: str) -> None:
        self._files, self._run_id = files, run_id

    def open(self, context: RuntimeContext) -> None:
        """Compile the rules."""
        self._ruleset = load(self._files)

    def map(self, value: Event) -> str:
        """One event."""
        txn, features = value
        now = int(time.time() * 1_000)
        return message(self._ruleset, self._run_id, txn, features, now).decode()
