"""The code of long windows and sessions: folds over a key's events in order.

A long window is a row of steps, each with what was in it; a session has one row, which begins anew
after a gap. `row[0]` is the step's number, or the session's first time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from risk.engine.features.declared.aggregates import (
    Aggregate,
    by_condition,
    earlier,
    needed,
    ratio,
)
from risk.engine.rules.declaration import STEP_DISTINCT, Declaration

Numbered = Sequence[tuple[Declaration, int]]


def steps_code(name: str, features: Numbered, of_verdicts: bool = False) -> str:
    """A class `name`: these features, of one window and step, over what came in order.

    Verdicts replace earlier ones, each in the step in which that was counted.
    """
    kept = _kept(features)
    window, step = features[0][0].window, features[0][0].step
    added = [one for one in kept if one.what in ("n", "sum", "sq")]
    sets = [one for one in kept if one.what == "distinct"]
    lines = [
        *_head(name, features, ["steps", *(one.name for one in [*added, *sets])]),
        "",
        "    def __init__(self):",
        "        self.steps = []",
        *(f"        self.{one.name} = 0" for one in added),
        *(f"        self.{one.name} = {{}}" for one in sets),
        "",
        "    def count(self, e):",
        f"        step = e.time // {step}",
        "        steps = self.steps",
        f"        while steps and steps[0][0] <= step - {window // step}:",
        "            row = steps.pop(0)",
        *(f"            self.{one.name} -= row[{1 + kept.index(one)}]" for one in added),
        *_each_value(sets, kept, "leave(self.{name}, value)"),
        "        if not steps or steps[-1][0] != step:",
        f"            steps.append([step, {_empty(kept)}])",
        "        row = steps[-1]",
        *_changes(kept, total=True),
        *(_replaced(kept, step) if of_verdicts else ()),
        "",
        *_OBSERVE,
        "    def read(self, e):",
        "        return (",
        *(f"            {_read_steps(feature, where, kept)}," for feature, where in features),
        "        )",
        "",
        "    def dump(self):",
        f"        return columns(self.steps, {_whats(kept)})",
        "",
        "    def load(self, dumped):",
        "        self.__init__()",
        f"        self.steps = rows(dumped, {_whats(kept)})",
        *(["        for row in self.steps:"] if added or sets else []),
        *(f"            self.{one.name} += row[{1 + kept.index(one)}]" for one in added),
        *_each_value(sets, kept, "self.{name}[value] = self.{name}.get(value, 0) + 1"),
    ]
    return "\n".join(lines)


def session_code(name: str, features: Numbered) -> str:
    """A class `name`: these features of a session, all with the same gap."""
    kept = _kept(features)
    gap = features[0][0].session
    lines = [
        *_head(name, features, ["row", "last"]),
        "",
        "    def __init__(self):",
        "        self.row, self.last = None, 0",
        "",
        "    def count(self, e):",
        f"        if self.row is None or e.time - self.last > {gap}:",
        f"            self.row = [e.time, {_empty(kept)}]",
        "        self.last = e.time",
        "        row = self.row",
        *_changes(kept, total=False),
        "",
        *_OBSERVE,
        "    def read(self, e):",
        "        row = self.row",
        "        return (",
        *(f"            {_read_session(feature, where, kept)}," for feature, where in features),
        "        )",
        "",
        "    def dump(self):",
        "        found = [] if self.row is None else [self.row]",
        f"        return [*columns(found, {_whats(kept)}), self.last]",
        "",
        "    def load(self, dumped):",
        "        *dumped, self.last = dumped",
        f"        found = rows(dumped, {_whats(kept)})",
        "        self.row = found[0] if found else None",
    ]
    return "\n".join(lines)


def _kept(features: Numbered) -> list[Aggregate]:
    return sorted({one for feature, where in features for one in needed(feature, where)})


def _head(name: str, features: Numbered, slots: Sequence[str]) -> list[str]:
    return [
        f"class {name}:",
        f'    """{", ".join(feature.name for feature, _ in features)}."""',
        "",
        f"    __slots__ = ({''.join(f'{slot!r}, ' for slot in slots)})",
    ]


_OBSERVE = (
    "    def observe(self, e):",
    "        self.count(e)",
    "        return self.read(e)",
    "",
)
_EMPTY = {"n": "0", "sum": "0", "sq": "0", "distinct": "{}", "ends": "None", "first": "None"}
_COUNT = {
    "n": ("row[{at}] += 1",),
    "sum": ("row[{at}] += e.{of}",),
    "sq": ("row[{at}] += e.{of} * e.{of}",),
    "first": ("if row[{at}] is None: row[{at}] = e.{of}",),
    "ends": ("row[{at}] = ends(row[{at}], e.{of})",),
}
_TOTAL = {
    "n": "self.{name} += 1",
    "sum": "self.{name} += e.{of}",
    "sq": "self.{name} += e.{of} * e.{of}",
}


_LESS = {
    "n": ("row[{at}] -= 1", "self.{name} -= 1"),
    "sum": ("row[{at}] -= e.{of}", "self.{name} -= e.{of}"),
    "sq": ("row[{at}] -= e.{of} * e.{of}", "self.{name} -= e.{of} * e.{of}"),
}


def _replaced(kept: Sequence[Aggregate], step: int) -> Iterator[str]:
    """Take back what was counted of the payment, if the window still has it."""
    yield f"        before = e.since // {step}"
    yield "        for row in steps if e.was else ():"
    yield "            if row[0] == before:"
    for condition, aggregates in by_condition(kept):
        yield f"                if {condition.replace('e.flags', 'e.was')}:"
        for one in aggregates:
            for line in _LESS[one.what]:
                shown = line.format(at=1 + kept.index(one), of=one.of, name=one.name)
                yield f"                    {shown}"


def _empty(kept: Sequence[Aggregate]) -> str:
    return ", ".join(_EMPTY[one.what] for one in kept)


def _changes(kept: Sequence[Aggregate], *, total: bool) -> Iterator[str]:
    for condition, aggregates in by_condition(kept):
        if condition:
            yield f"        if {condition}:"
        gap = " " * (12 if condition else 8)
        for one in aggregates:
            at = 1 + kept.index(one)
            if one.what == "distinct":
                yield f"{gap}if e.{one.of} not in row[{at}] and len(row[{at}]) < {STEP_DISTINCT}:"
                yield f"{gap}    row[{at}][e.{one.of}] = None"
                if total:
                    count = f"self.{one.name}.get(e.{one.of}, 0) + 1"
                    yield f"{gap}    self.{one.name}[e.{one.of}] = {count}"
                continue
            for line in _COUNT[one.what]:
                yield gap + line.format(at=at, of=one.of)
            if total and one.what in _TOTAL:
                yield gap + _TOTAL[one.what].format(name=one.name, of=one.of)


def _each_value(sets: Sequence[Aggregate], kept: Sequence[Aggregate], what: str) -> Iterator[str]:
    for one in sets:
        yield f"            for value in row[{1 + kept.index(one)}]:"
        yield "                " + what.format(name=one.name)


def _whats(kept: Sequence[Aggregate]) -> str:
    return repr(tuple(one.what for one in kept))


def _read_steps(feature: Declaration, where: int, kept: Sequence[Aggregate]) -> str:
    found = needed(feature, where)
    if feature.value in ("min", "max", "first"):
        at = 1 + kept.index(found[0])
        return {
            "min": f"least([row[{at}] for row in self.steps])",
            "max": f"greatest([row[{at}] for row in self.steps])",
            "first": f"first([row[{at}] for row in self.steps])",
        }[feature.value]
    return _value(feature, where, [f"self.{one.name}" for one in found])


def _read_session(feature: Declaration, where: int, kept: Sequence[Aggregate]) -> str:
    names = [f"row[{1 + kept.index(one)}]" for one in needed(feature, where)]
    if feature.value in ("min", "max", "first"):
        call = {"min": "least", "max": "greatest", "first": "first"}[feature.value]
        return f"{call}([{names[0]}])"
    return _value(feature, where, names)


def _value(feature: Declaration, where: int, names: Sequence[str]) -> str:
    if feature.value == "duration":
        return "e.time - row[0]"
    if feature.value == "ratio":
        return ratio(names, where, feature.of)
    if feature.value == "earlier":
        return earlier(names, where)
    return {
        "count": "{0}",
        "sum": "bounded({0})",
        "mean": "mean({0}, {1})",
        "stddev": "deviation({0}, {1}, {2})",
        "distinct": "len({0})",
    }[feature.value].format(*names)
