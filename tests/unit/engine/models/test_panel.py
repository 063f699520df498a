"""The models of a ruleset together: each gets its own inputs, in its own order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from risk.engine.features.catalogue import FIRST
from risk.engine.models.inputs import Reader
from risk.engine.models.panel import Panel
from risk.engine.models.scored import UNSCORED
from risk.engine.oracle.models import Walker
from tests.unit.engine.models.ensembles import files, model
from tests.unit.engine.models.test_inputs import MAKE, events
from tests.unit.streams import transaction


@given(st.lists(events(), min_size=1, max_size=4), st.lists(files(), min_size=2, max_size=3))
def test_each_says_what_it_says_alone(found: list[tuple[dict[str, Any], Any]], ones: Any) -> None:
    models = {f"m{n}": model(replace(one, name=f"m{n}")) for n, one in enumerate(ones)}
    walker = Walker({name: one.text for name, one in models.items()})
    scored = Panel(models).scored([(MAKE(**values), txn) for values, txn in found])
    for one, (values, txn) in zip(scored, found, strict=True):
        said = walker.scores_of(values, txn)
        assert one.scores == said.scores
        for name in models:
            assert one.contributions(name) == said.contributions(name)


@given(events(), files())
def test_inputs_are_read_once_for_all(event: tuple[dict[str, Any], Any], file: Any) -> None:
    models = {f"m{n}": model(replace(file, name=f"m{n}")) for n in range(3)}
    values, txn = event
    reads: list[int] = []
    rows = Reader.rows

    def counted(reader: Reader, given: Any) -> Any:
        reads.append(len(given))
        return rows(reader, given)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Reader, "rows", counted)
        Panel(models).scored([(MAKE(**values), txn)])
    assert reads == [1]


def test_without_models_or_payments_there_is_nothing_to_say() -> None:
    assert Panel({}).scored([]) == []
    payment = MAKE(**FIRST, terminal_frauds_28d=0), transaction(1)
    assert Panel({}).scored([payment] * 2) == [UNSCORED] * 2
