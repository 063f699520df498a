"""The declared features of one key as classes: code that is made here, and can be read.

It is made of checked declarations only, never of a file's text: names of fields, numbers, and the
few forms of `windows`, `folds` and `aggregates`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from risk.engine.features.declared import numbers
from risk.engine.features.declared.aggregates import needed
from risk.engine.features.declared.chains import CHAINS, PLACES
from risk.engine.features.declared.folds import Numbered, session_code, steps_code
from risk.engine.features.declared.keycode import Condition, KeyCode
from risk.engine.features.declared.rows import columns, ends, first, greatest, least, rows
from risk.engine.features.declared.windows import depart, enter, leave, scanned, window_code
from risk.engine.rules.declaration import CHAINED, Declaration, entry_field

_HELPERS: Final[dict[str, Any]] = {
    "bounded": numbers.bounded,
    "mean": numbers.mean,
    "deviation": numbers.deviation,
    "ratio": numbers.ratio,
    "insort": insort,
    "bisect_left": bisect_left,
    "leave": leave,
    "scanned": scanned,
    "enter": enter,
    "depart": depart,
    "columns": columns,
    "rows": rows,
    "ends": ends,
    "least": least,
    "greatest": greatest,
    "first": first,
    **{one.__name__: one for one in CHAINS.values()},
}
_BUILTINS: Final = {
    "len": len,
    "set": set,
    "staticmethod": staticmethod,
    "__build_class__": __build_class__,
    "__name__": "declared",
}


def compile_key(declarations: Iterable[Declaration]) -> KeyCode:
    """The classes of the features of one key, all of payments or all of verdicts.

    Their order doesn't matter.
    """
    given = sorted(set(declarations), key=lambda one: one.slot)
    conditions = tuple(dict.fromkeys(one for one in map(Condition.of, given) if one is not None))
    texts = [one.text for one in conditions]
    of_verdicts = given[0].of_verdicts
    numbered = [
        (one, -1 if (own := Condition.of(one)) is None else texts.index(own.text)) for one in given
    ]
    sliding = [one for one in numbered if one[0].span == "window" and one[0].value not in CHAINED]
    steps = [one for one in numbered if one[0].span == "steps"]
    sessions = [one for one in numbered if one[0].span == "session"]
    chains = [one for one in numbered if one[0].value in CHAINED]
    blocks: list[str] = []
    features: list[Declaration] = []
    windows: list[tuple[int, str]] = []
    for window, group in _grouped(sliding, lambda one: one.window):
        windows.append((window, f"Window{window}"))
        blocks.append(window_code(windows[-1][1], group, of_verdicts))
        features += [one for one, _ in group]
    spans: list[tuple[str, list[str]]] = []  # a class, and what its dump is made of
    for (window, step), group in _grouped(steps, lambda one: (one.window, one.step)):
        spans.append((f"Steps{window}By{step}", _columns(f"{window}/{step}", group, texts)))
        blocks.append(steps_code(spans[-1][0], group, of_verdicts))
        features += [one for one, _ in group]
    for gap, group in _grouped(sessions, lambda one: one.session):
        last = f"session {gap} last"
        spans.append((f"Session{gap}", [*_columns(f"session {gap}", group, texts), last]))
        blocks.append(session_code(spans[-1][0], group))
        features += [one for one, _ in group]
    parts: list[str] = []
    if spans or chains:
        blocks.append(_fold_code(spans, chains))
        parts = [part for _, names in spans for part in names] + [one.slot for one, _ in chains]
        features += [one for one, _ in chains]
    code = "\n\n\n".join(blocks)
    namespace: dict[str, Any] = {"__builtins__": _BUILTINS, "__name__": "declared", **_HELPERS}
    exec(compile(code, f"<features of {'+'.join(given[0].key)}>", "exec"), namespace)  # noqa: S102
    return KeyCode(
        given[0].key,
        tuple(features),
        tuple((window, namespace[name]) for window, name in windows),
        namespace.get("Fold"),
        tuple(parts),
        _fields(given),
        conditions,
        code,
        of_verdicts,
    )


def _grouped(
    numbered: Numbered, by: Callable[[Declaration], Any]
) -> list[tuple[Any, list[tuple[Declaration, int]]]]:
    groups: dict[Any, list[tuple[Declaration, int]]] = {}
    for one in numbered:
        groups.setdefault(by(one[0]), []).append(one)
    return sorted(groups.items(), key=lambda group: group[0])


def _columns(span: str, features: Numbered, conditions: Sequence[str]) -> list[str]:
    """The names of what a span's dump is made of: the same whatever else is declared."""
    kept = sorted({one for feature, where in features for one in needed(feature, where)})
    return [
        f"{span} at",
        *(
            f"{span} {one.what} {one.of}"
            + (f" where {conditions[one.where]}" if one.where >= 0 else "")
            for one in kept
        ),
    ]


def _fold_code(
    spans: Sequence[tuple[str, list[str]]], chains: Sequence[tuple[Declaration, int]]
) -> str:
    if len(spans) == 1 and not chains:
        return f"Fold = {spans[0][0]}"
    names = [f"span{number}" for number in range(len(spans))]
    made = [f"        self.{name} = {span}()" for name, (span, _) in zip(names, spans, strict=True)]
    calls: dict[str, str] = {}  # what makes a chain -> its name: of one call there is one
    singles: list[tuple[Declaration, str]] = []  # each feature, and its chain
    for one, where in chains:
        mark = 1 << where if where >= 0 else 0
        call = f"{CHAINS[one.value].__name__}({one.window}, {mark}, {entry_field(one.of)!r})"
        singles.append((one, calls.setdefault(call, f"chain{len(calls)}")))
    made += [f"        self.{name} = {call}" for call, name in calls.items()]
    loads, at = [], 0
    for name, (_, columns_) in zip(names, spans, strict=True):
        loads.append(f"        self.{name}.load(dumped[{at}:{at + len(columns_)}])")
        at += len(columns_)
    for number, (_, name) in enumerate(singles, at):
        loads.append(f"        self.{name}.load(dumped[{number}])")
    slots = [*names, *calls.values()]
    return "\n".join(
        [
            "class Fold:",
            '    """All that looks further back than a window."""',
            "",
            f"    __slots__ = ({''.join(f'{name!r}, ' for name in slots)})",
            "",
            "    def __init__(self):",
            *made,
            "",
            "    def observe(self, e):",
            *(f"        {name} = self.{name}.observe(e)" for name in slots),
            "        return (",
            *(f"            *{name}," for name in names),
            *(
                f"            {name}{PLACES.get(one.value, '')},  # {one.name}"
                for one, name in singles
            ),
            "        )",
            "",
            "    def count(self, e):",
            *(f"        self.{name}.count(e)" for name in slots),
            "",
            "    def dump(self):",
            "        return [",
            *(f"            *self.{name}.dump()," for name in names),
            *(f"            self.{name}.dump()," for _, name in singles),
            "        ]",
            "",
            "    def load(self, dumped):",
            *loads,
        ]
    )


def _fields(declarations: Iterable[Declaration]) -> tuple[str, ...]:
    found: set[str] = set()
    for one in declarations:
        if one.of:
            found.add(one.of)
        if one.value in ("distance", "speed"):
            found |= {"lat", "lon"}
    return tuple(sorted(found - {"user_id", "device_id"}))
