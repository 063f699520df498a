"""Escapes are read as JSON reads them, and written again as they were."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.payment.escapes import Unescaped, has_escapes

# Of what escapes are made, right and broken ones.
PIECES = st.lists(
    st.sampled_from(("\\", "u", "0034", "d835", "\\ud835", "\\udfd2", "\\n", "\\/", '"', "x"))
    | st.characters(codec="utf-8")
).map("".join)


@given(st.text())
def test_what_json_writes_is_read(text: str) -> None:
    assert Unescaped(json.dumps(text)[1:-1]).text == text


@given(PIECES)
def test_what_is_read_is_written_as_it_was(original: str) -> None:
    unescaped = Unescaped(original)
    assert unescaped.escaped(unescaped.text) == original
    assert (unescaped.text != original) == has_escapes(original)


@given(PIECES, st.data())
def test_what_is_masked_is_as_long_as_it_was(original: str, data: st.DataObject) -> None:
    unescaped = Unescaped(original)
    digits = [at for at, one in enumerate(unescaped.text) if one.isdecimal()]
    masked = list(unescaped.text)
    for at in data.draw(st.sets(st.sampled_from(digits))) if digits else ():
        masked[at] = "*"
    assert len(unescaped.escaped("".join(masked))) == len(original)


@pytest.mark.parametrize("unit", ["\\", "\\u0034", "\\u005c", "\\\\u0034", "\\ud835", "\\n"])
def test_time_goes_with_length(unit: str) -> None:
    begun = time.thread_time()
    Unescaped(unit * (500_000 // len(unit)))
    assert time.thread_time() - begun < 5
