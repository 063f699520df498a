"""The code of a look-back window: entries join it and leave it, one by one.

A few entries are looked at in one pass instead (`of`). What is by currency has a window for each
of them in it; in a pass it is one more condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from risk.engine.features.declared.aggregates import (
    ALWAYS,
    Aggregate,
    Numbered,
    by_condition,
    kept_for,
    needed,
    value,
)
from risk.engine.features.declared.pieces import indented, when

_EMPTY: Final = {"n": "0", "sum": "0", "sq": "0", "distinct": "{}", "ends": "[]"}
_JOIN: Final = {
    "n": "self.{name} += 1",
    "sum": "self.{name} += e.{of}",
    "sq": "self.{name} += e.{of} * e.{of}",
    "distinct": "self.{name}[e.{of}] = self.{name}.get(e.{of}, 0) + 1",
    "ends": "insort(self.{name}, e.{of})",
}
_LEAVE: Final = {
    "n": "self.{name} -= 1",
    "sum": "self.{name} -= e.{of}",
    "sq": "self.{name} -= e.{of} * e.{of}",
    "distinct": "leave(self.{name}, e.{of})",
    "ends": "del self.{name}[bisect_left(self.{name}, e.{of})]",
}
_READ: Final = {
    "n": "self.{name}",
    "sum": "self.{name}",
    "sq": "self.{name}",
    "distinct": "len(self.{name})",
    "least": "(self.{name}[0] if self.{name} else 0)",
    "greatest": "(self.{name}[-1] if self.{name} else 0)",
}
_PASS: Final = {  # of a few entries: the first, a further one, and what is read
    "n": ("1", "{name} += 1", "{name}"),
    "sum": ("e.{of}", "{name} += e.{of}", "{name}"),
    "sq": ("e.{of} * e.{of}", "{name} += e.{of} * e.{of}", "{name}"),
    "distinct": ("{{e.{of}}}", "{name}.add(e.{of})", "len({name})"),
    "ends": ("[e.{of}]", "{name}.append(e.{of})", ""),
    "least": ("", "", "min({name}, default=0)"),
    "greatest": ("", "", "max({name}, default=0)"),
}
_PASS_EMPTY: Final = {**_EMPTY, "distinct": "set()"}
_OWN: Final = "by_currency"  # windows by currency
_IN_CURRENCY: Final = "_in_currency"  # what of a pass is of one


class _Kept(NamedTuple):
    """An aggregate as a window keeps it: of the least and the greatest all values, in order."""

    what: str
    of: str
    name: str

    @staticmethod
    def of_aggregate(one: Aggregate, suffix: str = "") -> _Kept:
        what = "ends" if one.what in ("least", "greatest") else one.what
        return _Kept(what, one.of, one.called(what) + suffix)


def window_code(
    name: str, features: Numbered, key: tuple[str, ...], of_verdicts: bool = False
) -> str:
    """A class `name` that is a `Sliding` of these features, each with the number of its condition.

    They all have the same window. Those of another key than the stage's are by currency as well.
    """
    by_currency = [one for one in features if one[0].key != key]
    blocks = []
    if by_currency:
        blocks.append(_class(f"{name}Currency", by_currency, (), False, inner=True))
    blocks.append(_class(name, features, by_currency, of_verdicts))
    return "\n\n\n".join(blocks)


def _class(
    name: str, features: Numbered, by_currency: Numbered, of_verdicts: bool, inner: bool = False
) -> str:
    kept = kept_for([one for one in features if one not in by_currency])
    if inner and Aggregate(-1, ALWAYS, "n") not in kept:  # to tell when it is empty
        kept = sorted([*kept, Aggregate(-1, ALWAYS, "n")])
    names = list(dict.fromkeys(_Kept.of_aggregate(one).name for one in kept))
    join, leave, own = ("more", "less", ["verdicts"]) if of_verdicts else ("add", "drop", [])
    own += [_OWN] if by_currency else []
    slots = "".join(f"{one!r}, " for one in [*own, *names])
    values = [
        f"own[{by_currency.index((one, where))}]"
        if (one, where) in by_currency
        else value(one, where, [_form(_READ[a.what], a) for a in needed(one, where)])
        for one, where in features
    ]
    lines = [
        f"class {name}:",
        f'    """{", ".join(one.name for one, _ in features)}."""',
        "",
        f"    __slots__ = ({slots})",
        "",
        "    def __init__(self):",
        *(f"        self.{one} = {{}}" for one in own),
        *(f"        self.{one} = {_EMPTY[one.partition('_')[0]]}" for one in names),
        "",
        *(_LATEST if of_verdicts else ()),
        f"    def {join}(self, e):",
        *indented(_changes(kept, _JOIN), 2),
        *(_JOIN_OWN.format(name=name).splitlines() if by_currency else ()),
        "",
        f"    def {leave}(self, e):",
        *indented(_changes(kept, _LEAVE), 2),
        *(_LEAVE_OWN.splitlines() if by_currency else ()),
        "",
        "    def read(self, e):",
        *(["        own = self.by_currency[e.currency].read(e)"] if by_currency else ()),
        "        return (",
        *(f"            {one}," for one in values),
        "        )",
    ]
    if not inner:
        lines += ["", "    @staticmethod", "    def of(newest_first, far):"]
        in_pass = [f"return scanned({name}(), newest_first, far)"]
        if not of_verdicts:
            in_pass = list(_pass(features, by_currency))
        lines += indented(in_pass, 2)
    return "\n".join(lines)


_JOIN_OWN = """\
        own = self.by_currency.get(e.currency)
        if own is None:
            own = self.by_currency[e.currency] = {name}Currency()
        own.add(e)"""
_LEAVE_OWN = """\
        own = self.by_currency[e.currency]
        own.drop(e)
        if not own.n_always:
            del self.by_currency[e.currency]"""
_LATEST = (
    "    def add(self, e):",
    "        enter(self, e)",
    "",
    "    def drop(self, e):",
    "        depart(self, e)",
    "",
)


def _form(code: str, one: Aggregate, suffix: str = "") -> str:
    return code.format(of=one.of, name=_Kept.of_aggregate(one, suffix).name)


def _changes(kept: Sequence[Aggregate], how: dict[str, str], suffix: str = "") -> Iterator[str]:
    for condition, aggregates in by_condition(kept):
        stored = dict.fromkeys(_Kept.of_aggregate(one, suffix) for one in aggregates)
        lines = [how[one.what].format(of=one.of, name=one.name) for one in stored]
        yield from when(condition, lines)


def _pass(features: Numbered, by_currency: Numbered) -> Iterator[str]:
    """The values in one pass over a few entries, for which a window needn't be kept up."""
    own = [one for one in features if one not in by_currency]
    suffixes = {one: _IN_CURRENCY if one in by_currency else "" for one in features}
    yield "own = e = next(newest_first)"
    if by_currency:
        yield "currency = own.currency"
    for some, suffix in ((own, ""), (by_currency, _IN_CURRENCY)):
        first = {_Kept.of_aggregate(one, suffix): one.condition for one in kept_for(some)}
        for kept, condition in first.items():
            begun = _PASS[kept.what][0].format(of=kept.of)
            empty = f" if {condition} else {_PASS_EMPTY[kept.what]}" if condition else ""
            yield f"{kept.name} = {begun}{empty}"
    yield "for e in newest_first:"
    yield "    if e.time <= far:"
    yield "        break"
    more = {what: code for what, (_, code, _) in _PASS.items()}
    yield from indented(_changes(kept_for(own), more))
    if by_currency:
        others = list(_changes(kept_for(by_currency), more, _IN_CURRENCY))
        yield from indented(when("e.currency == currency", others))
    values = [
        value(*one, [_form(_PASS[a.what][2], a, suffix) for a in needed(*one)])
        for one, suffix in suffixes.items()
    ]
    if any("e." in one for one in values):
        yield "e = own"
    yield "return ("
    yield from (f"    {one}," for one in values)
    yield ")"
