"""Features that count verdicts, by brute force: what was known of each earlier payment, and when.

It reads declarations and the log, and shares nothing with what the stages do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from risk.config.settings import Scoring
from risk.engine.features.catalogue import FeatureValue
from risk.engine.feedback import Logged, current_verdict
from risk.engine.oracle.conditions import holds
from risk.engine.oracle.reading import Order, key_of, of_numbers, order, read
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.declaration import Declaration

FOREVER: Final = 2**63


class Known(NamedTuple):
    """What a payment's verdict was from `since` on and before `until`, in ms UTC."""

    since: int
    until: int
    txn: Transaction
    verdict: str


def known(scored: Iterable[Transaction], log: Iterable[Logged], scoring: Scoring) -> list[Known]:
    """All verdicts that ever counted, the earliest first; those on other payments never do."""
    said: defaultdict[tuple[str, str, int], list[Logged]] = defaultdict(list)
    for one in log:
        said[one.feedback.payment].append(one)
    found: list[Known] = []
    for txn in scored:
        found += _history(txn, said.get((txn.event_id, txn.user_id, txn.event_time), []), scoring)
    return sorted(found, key=lambda one: one.since)


def _history(txn: Transaction, said: Sequence[Logged], scoring: Scoring) -> Iterator[Known]:
    moments = {one: _counts_from(one, scoring.feedback_delay_ms) for one in said}
    last = txn.event_time + scoring.feedback_memory_ms
    changes: list[tuple[int, str]] = []
    for moment in sorted({at for at in moments.values() if at <= last}):
        current = current_verdict(one for one, at in moments.items() if at <= moment)
        assert current is not None
        verdict: str = current.feedback.verdict
        if not changes or changes[-1][1] != verdict:
            changes.append((moment, verdict))
    ends = [*(since for since, _ in changes[1:]), FOREVER]
    for (since, counted), until in zip(changes, ends, strict=False):
        yield Known(since, until, txn, counted)


def _counts_from(one: Logged, delay_ms: int) -> int:
    said = one.feedback
    moments = [said.known_at, said.event_time]
    if said.source != "import":
        moments.append(one.append_time)
    return max(moments) + delay_ms


def of_verdicts(
    scored: Sequence[Transaction], declarations: Iterable[Declaration], history: Sequence[Known]
) -> dict[Order, dict[str, FeatureValue]]:
    """The features of verdicts of each event, by name."""
    found: dict[Order, dict[str, FeatureValue]] = {order(txn): {} for txn in scored}
    for one in declarations:
        groups: defaultdict[tuple[Any, ...], list[Known]] = defaultdict(list)
        for each in history:
            groups[key_of(one, each.txn)].append(each)
        times = {key: [each.since for each in group] for key, group in groups.items()}
        for txn in scored:
            key = key_of(one, txn)
            counted = () if None in key else _window(one, txn, groups.get(key, []), times.get(key))
            found[order(txn)][one.name] = one.unkeyed if None in key else _value(one, counted)
    return found


def _window(
    one: Declaration, txn: Transaction, group: Sequence[Known], times: Sequence[int] | None
) -> Iterator[Transaction]:
    now = txn.event_time
    first = now - one.window + 1
    if one.step:
        first = (now // one.step - one.window // one.step + 1) * one.step
    assert one.where is not None
    attributes: Mapping[str, Any] = dict(one.attributes)
    for each in group[bisect_right(times or (), first - 1) : bisect_right(times or (), now)]:
        if now < each.until and holds(one.where, each.txn, attributes, each.verdict):
            yield each.txn


def _value(one: Declaration, counted: Iterable[Transaction]) -> FeatureValue:
    if one.value == "count":
        return sum(1 for _ in counted)
    values = [value for txn in counted if (value := read(txn, one.of)) is not None]
    if one.value == "distinct":
        return len(set(values))
    return of_numbers(one.value, values)
