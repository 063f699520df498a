"""The score of one payment alone is the one that it has among all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.engine.oracle import Consumed, expected, outcomes
from risk.engine.oracle.one import settled, sharing
from risk.engine.rules import Ruleset
from risk.engine.stages.base import Raw
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from tests.unit.streams import SCORING, records

RULESETS = [read_folder(RULES / name) for name in ("default", "days")]


@pytest.mark.parametrize("ruleset", RULESETS, ids=lambda one: one.name)
@settings(max_examples=25)
@given(records(), st.data())
def test_it_is_the_one_that_it_has_among_all(
    ruleset: Ruleset, found: list[Raw], data: st.DataObject
) -> None:
    log = [Consumed(r.partition, r.offset, r.append_time, r.key, r.value) for r in found]
    whole = expected(log, ruleset, SCORING)
    rows = whole.rows
    if not rows:
        return
    wanted = data.draw(st.sampled_from(sorted(rows)))
    shares = sharing(rows[wanted].txn, ruleset)
    judged = list(outcomes(log, SCORING, contract=ruleset.contract))
    kept = [one for one in judged if one.txn is not None and shares(one.txn)]
    assert settled(kept, wanted, ruleset, SCORING) == rows[wanted]
    assert settled([], wanted, ruleset, SCORING) is None
