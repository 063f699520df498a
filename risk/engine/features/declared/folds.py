"""The code of a key's fold: all of its features that look further back than a window.

One struct of plain numbers, lists and dicts, so that msgpack is made of it, and it of msgpack,
without a step in Python. What is by currency has a fold for each in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from risk.engine.features.declared.aggregates import Numbered
from risk.engine.features.declared.chains import chain_piece
from risk.engine.features.declared.pieces import Field, Piece, indented
from risk.engine.features.declared.sessions import session_piece
from risk.engine.features.declared.steps import steps_piece
from risk.engine.rules.declaration import CHAINED, Declaration

# Parts of a fold: a fold in it, and folds by currency.
LATEST_CURRENCY: Final = "latest currency"
OTHER_CURRENCIES: Final = "other currencies"


class FoldCode(NamedTuple):
    """A class, the features in the order of its values, and its attributes' names in state."""

    code: str
    features: tuple[Declaration, ...]
    parts: tuple[str, ...]


def fold_code(
    name: str,
    features: Numbered,
    conditions: Sequence[str],
    of_verdicts: bool,
    order: Sequence[Declaration],
    more: Sequence[Piece] = (),
) -> FoldCode:
    """The class of these features, none of which is of a window, and of `more`. Its values are in
    that order.
    """
    pieces = [*_pieces(features, conditions, of_verdicts), *more]
    fields = [field for piece in pieces for field in piece.fields]
    values = [value for piece in pieces for value in piece.values]
    values.sort(key=lambda value: order.index(value[0]))
    lines = [
        f"class {name}(Struct, gc=False, array_like=True):",
        f'    """{", ".join(one.name for one, _ in values)}."""',
        "",
        *(f"    {one.name}: {one.type} = {one.neutral}" for one in fields),
        "",
        "    def observe(self, e):",
        *indented([line for piece in pieces for line in piece.observe], 2),
        "        return (",
        *(f"            {value}," for _, value in values),
        "        )",
        "",
        "    def count(self, e):",
        *indented([line for piece in pieces for line in piece.count], 2),
        "",
        "    def copy(self):",
        "        return self.__class__(",
        *(f"            {one.copied}," for one in fields),
        "        )",
        "",
        "    def commutes(self, e, then):",
        *indented(_commutes(pieces), 2),
    ]
    for piece in pieces:
        if piece.methods:
            lines += ["", *indented(piece.methods)]
    return FoldCode(
        "\n".join(lines), tuple(one for one, _ in values), tuple(one.part for one in fields)
    )


def _commutes(pieces: Sequence[Piece]) -> Iterator[str]:
    conditions: list[str] = []
    for piece in pieces:
        if piece.commutes is None:
            yield "return False"
            return
        conditions += piece.commutes
    yield "return ("
    yield from indented("\nand ".join(conditions).splitlines())
    yield ")"


def by_currency_piece(fold: FoldCode, name: str, retention: int) -> Piece:
    """A fold for each currency, that of the latest on its own: few pay in more than one.

    What nobody has paid in for so long goes when a further one comes.
    """
    found = [
        "own = self.latest_currency",
        "if own is None or own.currency != e.currency:",
        "    own = self.turn_to_currency(e)",
        "own.last = e.time",
    ]
    methods = [
        "def turn_to_currency(self, e):",
        '    """The fold of another currency than the latest; those that are over go."""',
        "    others, latest = self.other_currencies, self.latest_currency",
        "    if latest is not None:",
        "        others[latest.currency] = latest",
        "    found = others.pop(e.currency, None)",
        "    if found is None:",
        f"        over = [one for one in others if others[one].last < e.time - {retention}]",
        "        for one in over:",
        "            del others[one]",
        f"        found = {name}(currency=e.currency)",
        "    self.latest_currency = found",
        "    return found",
    ]
    values = [(one, f"values[{at}]") for at, one in enumerate(fold.features)]
    return Piece(
        [
            Field("latest_currency", f"{name} | None", "None", LATEST_CURRENCY),
            Field("other_currencies", f"dict[str, {name}]", "{}", OTHER_CURRENCIES),
        ],
        [*found, "own.count(e)"],
        [*found, "values = own.observe(e)"],
        values,
        methods,
    )


OF_A_CURRENCY: Final = Piece(
    [Field("currency", "str", "''", "currency"), Field("last", "int", "0", "last")], (), (), ()
)


def _pieces(features: Numbered, conditions: Sequence[str], of_verdicts: bool) -> Iterator[Piece]:
    steps = [one for one in features if one[0].span == "steps"]
    for group in _grouped(steps, lambda one: (one[0].step, one[0].window)):
        yield steps_piece(group, conditions, of_verdicts)
    sessions = [one for one in features if one[0].span == "session"]
    for group in _grouped(sessions, lambda one: one[0].session):
        yield session_piece(group, conditions)
    chains = [one for one in features if one[0].value in CHAINED]
    for group in _grouped(chains, _chain):
        yield chain_piece(group, conditions)


def _chain(one: tuple[Declaration, int]) -> tuple[str, str, int, int]:
    """What tells it from others: distance and speed are of one."""
    feature, where = one
    kind = "distance" if feature.value == "speed" else feature.value
    return kind, feature.of, feature.window, where


def _grouped(features: Numbered, by: Callable[[Any], Any]) -> Iterable[Numbered]:
    return [list(group) for _, group in groupby(sorted(features, key=by), key=by)]
