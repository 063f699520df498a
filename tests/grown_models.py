"""Models of the size and shape of trained ones, grown at random on the generator's payments.

They know nothing of fraud. They ask for every input that they are given, so that what holds of them
holds of models that were trained on the same features, and need nothing that trains.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import NamedTuple

from generator.config import StreamConfig
from risk.bench.stream import START_TIME, raws
from risk.config.settings import Scoring
from risk.engine.models.format import SCALE_BITS, Calibration, Kind, Node, encode
from risk.engine.models.inputs import Event, Reader
from risk.engine.models.nodes import Ints
from risk.engine.rules import Ruleset
from risk.engine.rules.modelfile import offered_by
from risk.ops.models import calibration
from risk.ops.models.build import model_file
from risk.ops.models.columns import columns_of
from risk.ops.ruleset_folder import read_folder
from risk.verify.quality.offline import Record, scorables

PARTITIONS = 4
SECONDS, RATE = 60.0, 40.0  # of the payments that trees are grown on
SAMPLES = 256  # payments for each tree
DEEPEST = 8  # an isolation forest's tree: the logarithm of the samples
RULE = """\
id: unlike_others
version: 1
description: One of the models has seldom said so much.
points: 20
when: model("card") >= 960 or anomaly("spend") >= 990
reason: 'card {model("card"):why}; spend {anomaly("spend"):why}'
tests:
  - {name: the model of cards, hit: true, given: {model("card"): 960}}
  - {name: unusual, hit: true, given: {anomaly("spend"): 990}}
  - {name: neither, hit: false, given: {model("card"): 959, anomaly("spend"): 989}}
"""


class Size(NamedTuple):
    """So many trees, of so many leaves each."""

    trees: int
    leaves: int


SMALL = Size(20, 16), Size(20, 48)
FULL = Size(200, 31), Size(100, SAMPLES)  # of what docs/models.md says the cost


def add(
    folder: Path, names: Sequence[str], sizes: tuple[Size, Size] = SMALL, seed: int = 1
) -> None:
    """Give a ruleset `model("card")`, `anomaly("spend")` and a rule that asks both.

    `names` are those of their inputs. Another seed gives other trees.
    """
    ruleset = read_folder(folder)
    reader = Reader([one.input for one in columns_of(ruleset, names)], offered_by(ruleset.features))
    rows = reader.rows(_events(ruleset))
    (folder / "models").mkdir(exist_ok=True)
    kinds: tuple[tuple[str, Kind], ...] = ("card", "boosting"), ("spend", "isolation")
    for (name, kind), size in zip(kinds, sizes, strict=True):
        rng = Random(f"{name}:{seed}")
        text = _grown(name, kind, ruleset, names, rows, size, rng)
        (folder / "models" / f"{name}.json").write_text(text)
    (folder / "unlike_others.yaml").write_text(RULE)


def _events(ruleset: Ruleset) -> list[Event]:
    """Payments as the ruleset sees them once they have settled."""
    config = StreamConfig(start_time=START_TIME, seed=3, rate=RATE, duration_s=SECONDS)
    sent = map(Record, raws(config, PARTITIONS))
    found = scorables([ruleset], sent, PARTITIONS, Scoring(), lambda _: None)
    seen = {one.txn.event_id: (ruleset.own(one.features), one.txn) for one in found}
    return list(seen.values())


def _grown(
    name: str,
    kind: Kind,
    ruleset: Ruleset,
    names: Sequence[str],
    rows: Ints,
    size: Size,
    rng: Random,
) -> str:
    columns = columns_of(ruleset, names)
    trees = tuple(_tree(kind, rows, size.leaves, rng) for _ in range(size.trees))
    file = model_file(name, kind, columns, trees, Calibration((), (0,)), "grown at random")
    values = [[one.value(v) for one, v in zip(columns, row, strict=True)] for row in rows.tolist()]
    return encode(calibration.by_rank(file, columns, values))


def _tree(kind: Kind, rows: Ints, leaves: int, rng: Random) -> tuple[Node, ...]:
    """The leaf of the most payments is split: by chance as an isolation forest, or at one of its
    payments. So many leaves at most: an isolation forest's tree ends where its samples do.
    """
    own = rows[rng.sample(range(len(rows)), SAMPLES)]
    nodes: list[Node] = [(_value(kind, 0, rng),)]
    waiting: list[tuple[int, int, int, Ints]] = [(-len(own), 0, 0, own)]
    for _ in range(leaves - 1):
        if not waiting:
            break
        _, at, depth, own = heappop(waiting)
        asked, threshold = _split(kind, own, rng)
        left = own[:, asked] <= threshold
        nodes[at] = (asked, threshold, len(nodes), len(nodes) + 1, nodes[at][-1])
        for part in (own[left], own[~left]):
            if kind != "isolation" or (len(part) > 1 and depth + 1 < DEEPEST):
                heappush(waiting, (-len(part), len(nodes), depth + 1, part))
            nodes.append((_value(kind, depth + 1, rng),))
    return tuple(nodes)


def _split(kind: Kind, own: Ints, rng: Random) -> tuple[int, int]:
    """An input and a threshold. What is the same in all payments is asked of by boosting alone."""
    varied = (own.min(axis=0) < own.max(axis=0)).nonzero()[0].tolist() if len(own) else []
    if kind != "isolation" or not varied:
        asked = rng.randrange(own.shape[1])
        return asked, rng.choice(own[:, asked].tolist() or [0])
    asked = rng.choice(varied)
    return asked, rng.randrange(int(own[:, asked].min()), int(own[:, asked].max()))


def _value(kind: Kind, depth: int, rng: Random) -> int:
    """What a leaf adds: of an isolation forest the length of its path, negated."""
    return -depth << SCALE_BITS if kind == "isolation" else rng.randint(-(2**28), 2**28)
