"""The declared features of one key as classes: code that is made here, and can be read.

It is made of checked declarations only, never of a file's text: names of fields, numbers, and the
few forms of `windows`, `steps`, `sessions` and `chains`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from risk.engine.features.declared import latest, numbers
from risk.engine.features.declared.chains import is_new, use
from risk.engine.features.declared.folds import OF_A_CURRENCY, by_currency_piece, fold_code
from risk.engine.features.declared.keycode import Condition, KeyCode, Remembered, read_by
from risk.engine.features.declared.windows import window_code
from risk.engine.features.geo import distance_km
from risk.engine.rules.declaration import CHAINED, Declaration, stage_key

_HELPERS: Final[dict[str, Any]] = {
    "Any": Any,
    "Struct": msgspec.Struct,
    "bounded": numbers.bounded,
    "mean": numbers.mean,
    "deviation": numbers.deviation,
    "ratio": numbers.ratio,
    "leave": numbers.leave,
    "forget": numbers.forget,
    "align": numbers.align,
    "insort": insort,
    "bisect_left": bisect_left,
    "bisect_right": bisect_right,
    "scanned": latest.scanned,
    "enter": latest.enter,
    "depart": latest.depart,
    "use": use,
    "is_new": is_new,
    "distance_km": distance_km,
}
_BUILTINS: Final = {
    **{
        one.__name__: one
        for one in (dict, float, int, len, list, max, min, next, range, round, set, str)
    },
    "staticmethod": staticmethod,
    "__build_class__": __build_class__,
}
_FOLD, _CURRENCY = "Fold", "CurrencyFold"


def compile_key(
    declarations: Iterable[Declaration], remembered: Remembered | None = None
) -> KeyCode:
    """The classes of the features of one key, all of payments or all of verdicts.

    Values are in their order, but those of windows first, from the shortest on. `remembered` is
    what entries hold, if that is more than these need.
    """
    given = list(dict.fromkeys(declarations))
    remembered = remembered or Remembered.of(given)
    texts = [one.text for one in remembered.conditions]
    key, of_verdicts = stage_key(given[0]), given[0].of_verdicts
    numbered = [
        (one, -1 if (own := Condition.of(one)) is None else texts.index(own.text)) for one in given
    ]
    blocks: list[str] = []
    features: list[Declaration] = []
    windows: list[tuple[int, str]] = []
    for window in sorted({one.window for one in given if _slides(one)}):
        some = [one for one in numbered if _slides(one[0]) and one[0].window == window]
        windows.append((window, f"Window{window}"))
        blocks.append(window_code(windows[-1][1], some, key, of_verdicts))
        features += [one for one, _ in some]
    folded = [one for one in numbered if not _slides(one[0]) and one[0].key == key]
    by_currency = [one for one in numbered if not _slides(one[0]) and one[0].key != key]
    more, currency = [], None
    if by_currency:
        currency = fold_code(_CURRENCY, by_currency, texts, of_verdicts, given, [OF_A_CURRENCY])
        retention = max(one.retention for one, _ in by_currency)
        blocks.append(currency.code)
        more.append(by_currency_piece(currency, _CURRENCY, retention))
    fold = fold_code(_FOLD, folded, texts, of_verdicts, given, more) if folded or more else None
    if fold:
        blocks.append(fold.code)
        features += fold.features
    code = "\n\n\n".join(blocks)
    namespace: dict[str, Any] = {"__builtins__": _BUILTINS, "__name__": "declared", **_HELPERS}
    # Not under this module's `from __future__`: the annotations are the types of what is packed.
    made = compile(code, f"<features of {'+'.join(key)}>", "exec", dont_inherit=True)
    exec(made, namespace)  # noqa: S102
    return KeyCode(
        key,
        tuple(features),
        tuple((window, namespace[name]) for window, name in windows),
        namespace.get(_FOLD),
        fold.parts if fold else (),
        namespace.get(_CURRENCY),
        currency.parts if currency else (),
        tuple(sorted({field for one in given for field in read_by(one)})),
        remembered,
        code,
    )


def _slides(one: Declaration) -> bool:
    return one.span == "window" and one.value not in CHAINED
