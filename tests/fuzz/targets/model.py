"""A model's file: read, held to its promises, its tables made, and asked for a score."""

from __future__ import annotations

import json

import numpy as np

from risk.engine.models.format import Calibration, Input, Kind, ModelFile, encode
from risk.engine.models.load import Faulty, load_model
from risk.engine.rules.errors import InvalidRuleset
from risk.engine.rules.modelfile import offered_by, read_models
from tests.fuzz.target import Target, as_file
from tests.unit.engine.models.ensembles import Tree, spread

OFFERED = offered_by(())


def once(data: bytes) -> None:
    """What loads can be asked."""
    text = as_file(data)
    try:
        name = json.loads(text)["name"]
    except (ValueError, TypeError, KeyError, RecursionError):
        name = "x"
    found = read_models({"models/x.json": text}, {"models/x.json": "models/x.json"}, (), True)
    "\n".join(map(str, found.errors)).encode()
    model = load_model(text, name if isinstance(name, str) else "x", OFFERED)
    model.prepare()
    edges = (0, 1, -1, 2**63 - 1, -(2**63), 10_000)
    rows = np.array([[edge] * len(model.file.inputs) for edge in edges], np.int64)
    batch = model.rows(rows)
    assert all(0 <= score <= 1_000 for score in batch.scores), batch.scores
    for leaves, margin in zip(batch.leaves, batch.margins, strict=True):
        assert sum(model.contributions(leaves)) + model.expected == margin
    encode(model.file)


def _seed(kind: Kind, trees: tuple[Tree, ...]) -> bytes:
    inputs = (Input("user_count_5m"), Input("user_amount_ratio"), Input(field="amount"))
    calibration = Calibration((-5, 0, 7), (0, 100, 500, 1_000))
    return encode(ModelFile(1, "x", kind, inputs, trees, calibration, 3)).encode()


SEEDS = (
    _seed("boosting", (((5,),),)),
    _seed("boosting", spread(3, 4, 3, 7)),
    _seed("forest", spread(2, 9, 3, 1)),
    _seed("isolation", spread(1, 70, 3, 2)),  # a walk: its masks have more than 64 bits
)
WORDS = (
    *("name", "kind", "inputs", "trees", "base", "calibration", "margins", "scores", "feature"),
    *("field", "digest", "boosting", "forest", "isolation", "amount", "user_count_5m", "hour_utc"),
    *("[0,0,1,2,0]", "[[0]]", str(2**63 - 1), str(-(2**63)), str(2**44), str(2**31)),
)
TARGET = Target("model", once, (Faulty, InvalidRuleset), SEEDS, WORDS, "json", 60_000)
