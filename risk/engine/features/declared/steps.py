"""The code of long windows: whole steps, and the one that is running.

A sum is kept as one running total and as what that was when the window's first step began: an event
adds to one number, and the window's sum is a difference. What the total was when the later steps
began is looked at only when one begins. Of different values each has the step of its last use; of
the least, greatest and first there are the steps where they may still be that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from risk.engine.features.declared.aggregates import (
    Aggregate,
    Numbered,
    by_condition,
    kept_for,
    needed,
    value,
)
from risk.engine.features.declared.pieces import NEVER, Field, Piece, indented, shown, when
from risk.engine.rules.declaration import STEP_DISTINCT

_TOTALS: Final = {"n": "1", "sum": "e.{of}", "sq": "e.{of} * e.{of}"}
_BEATEN: Final = {"least": ">=", "greatest": "<="}  # by a value that comes later


def steps_piece(features: Numbered, conditions: Sequence[str], of_verdicts: bool = False) -> Piece:
    """These features, of one window and step.

    Verdicts replace earlier ones, each in the step in which that was counted.
    """
    span, kept = shown(features), kept_for(features)
    window, step = features[0][0].window, features[0][0].step
    totals = [one for one in kept if one.what in _TOTALS]
    running = f"step_{step}"
    count = [
        f"{running} = e.time // {step}",
        f"if self.step_{span} != {running}:",
        f"    self.begin_{span}({running})",
    ]
    for condition, aggregates in by_condition(kept):
        lines = [line for one in aggregates for line in _counted(one, span, running)]
        count += when(condition, lines)
    methods = list(_begin(kept, totals, span, window // step))
    if of_verdicts:
        count += ["if e.was:", f"    self.take_back_{span}(e)"]
        methods += _take_back(totals, span, step)
    values = [
        (feature, value(feature, where, [_read(one, span) for one in needed(feature, where)]))
        for feature, where in features
    ]
    commutes = None if of_verdicts else _commutes(kept, span, step)
    return Piece(_fields(kept, span, conditions), count, count, values, methods, commutes)


def _fields(kept: Sequence[Aggregate], span: str, conditions: Sequence[str]) -> list[Field]:
    fields = [Field(f"step_{span}", "int", str(NEVER), f"{span} step")]
    if any(one.what in _TOTALS for one in kept):
        fields.append(Field(f"first_{span}", "int", str(NEVER), f"{span} first"))
        fields.append(Field(f"later_{span}", "list", "[]", f"{span} later"))
    for one in kept:
        name, part = f"{one.name}_{span}", f"{span} {one.part(conditions)}"
        if one.what in _TOTALS:
            fields.append(Field(name, "Any", "0", part))
            fields.append(Field(f"{name}_before", "Any", "0", f"{part} before"))
            fields.append(Field(f"{name}_later", "list", "[]", f"{part} later"))
        elif one.what == "distinct":
            fields.append(Field(name, "dict", "{}", part))
            fields.append(Field(f"{name}_told", "int", "0", f"{part} told"))
        else:
            fields.append(Field(name, "list", "[]", part))
    return fields


def _counted(one: Aggregate, span: str, running: str) -> Iterator[str]:
    name, of = f"self.{one.name}_{span}", f"e.{one.of}"
    if one.what in _TOTALS:
        yield f"{name} += {_TOTALS[one.what].format(of=one.of)}"
    elif one.what == "distinct":
        yield f"if {name}.get({of}) != {running} and {name}_told < {STEP_DISTINCT}:"
        yield f"    {name}.pop({of}, None)"
        yield f"    {name}[{of}] = {running}"
        yield f"    {name}_told += 1"
    else:
        yield f"found = {name}"
        if one.what in _BEATEN:
            yield f"while found and found[-1] {_BEATEN[one.what]} {of}:"
            yield "    del found[-2:]"
        yield f"if not found or found[-2] != {running}:"
        yield f"    found += {running}, {of}"


def _commutes(kept: Sequence[Aggregate], span: str, step: int) -> list[str] | None:
    """The first of a step is another if one comes in before it. The rest is the same in any order
    within a step, unless it has more different values than are told: then those that come first
    are, so one that had come in time might have been in another's place.
    """
    if any(one.what == "first" for one in kept):
        return None
    running = f"self.step_{span}"
    found = [f"{running} == e.time // {step}"]
    for one in kept:
        if one.what == "distinct":
            name, told = f"{one.name}_{span}", f"{one.name}_{span}_told >= {STEP_DISTINCT}"
            known = f"self.{name}.get(e.{one.of}) == {running}"
            late = f"then.{told} and then.step_{span} == {running}"
            found.append(f"(not self.{told} or {known} or {late})")
    return found


def _begin(
    kept: Sequence[Aggregate], totals: Sequence[Aggregate], span: str, steps: int
) -> Iterator[str]:
    yield f"def begin_{span}(self, step):"
    yield '    """A step begins; those that the window has left behind go."""'
    yield f"    gone = step - {steps}"
    if totals:
        yield f"    if self.step_{span} == {NEVER}:  # the first of all: none is left behind"
        yield f"        self.step_{span} = self.first_{span} = step"
        yield "        return"
        yield from indented(_begin_totals(totals, span))
    for one in kept:
        name = f"self.{one.name}_{span}"
        if one.what == "distinct":
            yield f"    forget({name}, gone)"
            yield f"    {name}_told = 0"
        elif one.what not in _TOTALS:
            yield f"    while {name} and {name}[0] <= gone:"
            yield f"        del {name}[:2]"
    yield f"    self.step_{span} = step"


def _begin_totals(totals: Sequence[Aggregate], span: str) -> Iterator[str]:
    names = [f"self.{one.name}_{span}" for one in totals]
    yield f"later = self.later_{span}"
    yield f"if self.first_{span} == {NEVER}:  # kept since the last step at most"
    yield f"    self.first_{span} = self.step_{span}"
    for name in names:
        yield f"align({name}_later, len(later))"
        yield f"{name}_later.append({name})"
    yield "later.append(step)"
    yield f"if self.first_{span} <= gone:"
    yield "    count = bisect_right(later, gone) + 1"
    yield f"    self.first_{span} = later[count - 1]"
    yield "    del later[:count]"
    for name in names:
        yield f"    {name}_before = {name}_later[count - 1]"
        yield f"    del {name}_later[:count]"


def _take_back(totals: Sequence[Aggregate], span: str, step: int) -> Iterator[str]:
    yield ""
    yield f"def take_back_{span}(self, e):"
    yield '    """What was counted of the payment, if the window still has that step."""'
    yield f"    at, later = e.since // {step}, self.later_{span}"
    yield f"    if at < self.first_{span}:"
    yield "        return"
    yield "    rest = range(bisect_right(later, at), len(later))"
    for condition, aggregates in by_condition(totals):
        lines: list[str] = []
        for one in aggregates:
            name, change = f"self.{one.name}_{span}", _TOTALS[one.what].format(of=one.of)
            lines += [f"align({name}_later, len(later))", f"{name} -= {change}"]
            lines.append("for index in rest:")
            lines.append(f"    {name}_later[index] -= {change}")
        yield from indented(when(condition.replace("e.flags", "e.was"), lines))


def _read(one: Aggregate, span: str) -> str:
    name = f"self.{one.name}_{span}"
    if one.what in _TOTALS:
        return f"({name} - {name}_before)"
    if one.what == "distinct":
        return f"len({name})"
    return f"({name}[1] if {name} else 0)"
