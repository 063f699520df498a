"""The code of sessions: runs of a key's events, which begin anew after a gap.

Of different values the first is kept on its own: most sessions have no other.
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
from risk.engine.features.declared.pieces import Field, Piece, indented, shown, when
from risk.engine.rules.declaration import STEP_DISTINCT

_TOTALS: Final = {"n": "1", "sum": "e.{of}", "sq": "e.{of} * e.{of}"}
_LESS: Final = {"least": "<", "greatest": ">"}


def session_piece(features: Numbered, conditions: Sequence[str]) -> Piece:
    """These features of a session, all with the same gap."""
    span, kept = shown(features), kept_for(features)
    fields = [
        Field(f"start_{span}", "Any", "None", f"{span} start"),
        Field(f"last_{span}", "int", "0", f"{span} last"),
    ]
    anew = [f"self.start_{span} = e.time"]
    for one in kept:
        name, part = f"{one.name}_{span}", f"{span} {one.part(conditions)}"
        fields.append(Field(name, "Any", _NOTHING.get(one.what, "None"), part))
        anew.append(f"self.{name} = {_NOTHING.get(one.what, 'None')}")
        if one.what == "distinct":
            fields.append(Field(f"{name}_more", "set | None", "None", f"{part} more"))
            anew.append(f"self.{name}_more = None")
    gap = features[0][0].session
    count = [
        f"if self.start_{span} is None or e.time - self.last_{span} > {gap}:",
        *indented(anew),
        f"self.last_{span} = e.time",
    ]
    for condition, aggregates in by_condition(kept):
        count += when(condition, [line for one in aggregates for line in _counted(one, span)])
    values = [
        (
            feature,
            f"e.time - self.start_{span}"
            if feature.value == "duration"
            else value(feature, where, [_read(one, span) for one in needed(feature, where)]),
        )
        for feature, where in features
    ]
    return Piece(fields, count, count, values)


_NOTHING: Final = {"n": "0", "sum": "0", "sq": "0"}


def _counted(one: Aggregate, span: str) -> Iterator[str]:
    name, of = f"self.{one.name}_{span}", f"e.{one.of}"
    if one.what in _TOTALS:
        yield f"{name} += {_TOTALS[one.what].format(of=one.of)}"
    elif one.what == "distinct":
        yield f"if {name} is None:"
        yield f"    {name} = {of}"
        yield f"elif {name} != {of}:"
        yield f"    if {name}_more is None:"
        yield f"        {name}_more = set()"
        yield f"    if len({name}_more) < {STEP_DISTINCT - 1}:"
        yield f"        {name}_more.add({of})"
    elif one.what in _LESS:
        yield f"if {name} is None or {of} {_LESS[one.what]} {name}:"
        yield f"    {name} = {of}"
    else:
        yield f"if {name} is None:"
        yield f"    {name} = {of}"


def _read(one: Aggregate, span: str) -> str:
    name = f"self.{one.name}_{span}"
    if one.what in _TOTALS:
        return name
    if one.what == "distinct":
        return f"(({name} is not None) + len({name}_more or ()))"
    return f"({name} or 0)"
