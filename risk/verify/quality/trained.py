"""Models on labelled payments: trained on what was known then, judged on the weeks after.

A model sees the rows that scoring saw, with the labels that are known when the test days begin,
and is scored by the engine's own evaluator from the file that a ruleset would hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from risk.engine.models.format import ModelFile, encode
from risk.engine.models.inputs import PER_UNIT, compared
from risk.engine.models.load import load_model
from risk.engine.rules import Ruleset
from risk.engine.rules.modelfile import offered_by
from risk.ops.models import apply
from risk.ops.models.columns import columns_of
from risk.ops.models.train import Rows, train
from risk.verify.quality.curves import Figures, Scored, mean
from risk.verify.quality.labelled import Columns, week
from risk.verify.quality.protocol import Protocol

RULES = 10  # what a point of the rules' 100 is beside a model's 1000

Trainer = Callable[[str, str, Rows], ModelFile]


class Trained(msgspec.Struct, frozen=True):
    """What one kind of model makes of the test weeks, by itself and beside the rules.

    `both` ranks a payment by the higher of the two scores.
    """

    kind: str
    model: Figures
    both: Figures
    weeks: dict[int, Figures]


def judge_models(
    columns: Columns,
    protocol: Protocol,
    kinds: Sequence[str],
    say: Callable[[str], None] = lambda line: None,
    trainer: Trainer = train,
) -> list[Trained]:
    """Train each kind anew for each start, on the first ruleset's inputs, and judge its test days.

    Raises `UserError` where training fails, and `ValueError` for a week that can't be judged.
    """
    if not kinds:
        return []
    ruleset = columns.rulesets[0]
    inputs = columns_of(ruleset, columns.inputs)
    rows, scored = columns.rows(), columns.scored(0)
    whole = compared(rows, [PER_UNIT if one.type == "float" else 1 for one in inputs])
    found = []
    for kind in kinds:
        weeks: dict[int, Figures] = {}
        beside: dict[int, Figures] = {}
        for start in protocol.starts:
            say(f"{kind}, trained from day {start}")
            learnt = protocol.learnt(scored, start)
            data = Rows(inputs, rows[learnt], scored.fraud[learnt])
            judged = protocol.judged(scored, start)
            scores = _scores(trainer(kind, kind, data), ruleset, whole[judged])
            own = scored.where(judged)
            weeks[start] = week(own._replace(score=scores), start)
            beside[start] = week(_both(own, scores), start)
        found.append(Trained(kind, mean(weeks), mean(beside), weeks))
    return found


def _both(rules: Scored, model: Any) -> Scored:
    return rules._replace(score=np.maximum(RULES * rules.score, model))


def _scores(file: ModelFile, ruleset: Ruleset, whole: Any) -> Any:
    """By the way that a ruleset's file takes: written, read, checked, and bound to its features."""
    text = encode(file)
    return apply.scores(load_model(text, file.name, offered_by(ruleset.features)), whole)
