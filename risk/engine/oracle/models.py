"""What a ruleset's models say of a payment, by walking their trees node by node.

It reads the file itself, and shares no code with the tables that the engine makes of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from msgspec import UNSET

from risk.engine.features.catalogue import FeatureValue
from risk.engine.messages import Contribution
from risk.engine.models.rollout import NO_ROLLOUTS, Rollouts
from risk.engine.models.scored import Decider
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.payment.transaction import Transaction

TOLD = 5
MARK = 12


class Walked(NamedTuple):
    """A model's word on one payment: its score, its margin and what it expects of any, times 2^32.

    `moved` is what each input added to the margin, in the order of the inputs.
    """

    score: int
    margin: int
    expected: int
    moved: list[int]


class WalkedScores(NamedTuple):
    """What all models of a ruleset say, as `scoring.score` takes it."""

    scores: dict[str, int]
    told: dict[str, tuple[Contribution, ...]]
    deciders: dict[str, Decider]

    def contributions(self, name: str) -> tuple[Contribution, ...]:
        """The largest contributions to a model's margin."""
        return self.told[name]

    def decided(self, name: str) -> Decider:
        """What gave a model's score."""
        return self.deciders[name]


class Walker:
    """The models of a ruleset, `texts` by their names. It asks those in `asked`, default all."""

    def __init__(
        self,
        texts: Mapping[str, str],
        rollouts: Rollouts = NO_ROLLOUTS,
        asked: Collection[str] | None = None,
    ) -> None:
        self._files = {name: json.loads(text) for name, text in texts.items()}
        self._marks = {name: sha256(text.encode()).hexdigest() for name, text in texts.items()}
        self._rollouts = rollouts
        self._asked = texts if asked is None else asked

    def scores_of(self, features: Mapping[str, FeatureValue], txn: Transaction) -> WalkedScores:
        """What they say of a payment with these features."""
        scores: dict[str, int] = {}
        told: dict[str, tuple[Contribution, ...]] = {}
        deciders: dict[str, Decider] = {}
        for name in self._asked:
            rollout = self._rollouts.get(name)
            challenged = rollout and in_share(rollout.salt, txn.user_id, rollout.share)
            model = rollout.challenger if rollout and challenged else name
            file = self._files[model]
            values = read(file, features, txn)
            found = walk(file, [whole(value) for value in values])
            scores[name] = found.score
            told[name] = largest(file, values, found.moved)
            deciders[name] = Decider(model if rollout else UNSET, self._marks[model][:MARK])
        return WalkedScores(scores, told, deciders)


def in_share(salt: str, user_id: str, share: int) -> bool:
    """Whether a user is in a share of so many thousandths: by the first 60 bits of a hash."""
    digest = sha256(salt.encode() + b":" + user_id.encode()).digest()
    sixty = int.from_bytes(digest, "big") >> 256 - 60
    return sixty % 1_000 < share


def read(
    file: Mapping[str, Any], features: Mapping[str, FeatureValue], txn: Transaction
) -> list[FeatureValue]:
    """The values of a model's inputs."""
    when = datetime.fromtimestamp(txn.event_time // 1_000, UTC)
    fields: dict[str, FeatureValue] = {
        "amount": txn.amount,
        "amount_major": txn.amount / MAJOR_UNIT[txn.currency],
        "hour_utc": when.hour,
        "weekday_utc": when.isoweekday(),
    }
    return [
        features[one["feature"]] if one.get("feature") else fields[one["field"]]
        for one in file["inputs"]
    ]


def whole(value: FeatureValue) -> int:
    """A value as it is compared: a fraction in ten-thousandths, all within 64 bits."""
    if isinstance(value, float):
        edge = 2**63 - 1024
        scaled = value * 10_000
        return round(scaled) if abs(scaled) < edge else edge if scaled > 0 else -edge
    return max(-(2**63), min(2**63 - 1, int(value)))


def walk(file: Mapping[str, Any], row: list[int]) -> Walked:
    """Walk a row of inputs down every tree."""
    expected = margin = file.get("base", 0)
    moved = [0] * len(file["inputs"])
    for tree in file["trees"]:
        node = tree[0]
        expected += node[-1]
        while len(node) > 1:
            asked, threshold, left, right, value = node
            node = tree[left if row[asked] <= threshold else right]
            moved[asked] += node[-1] - value
        margin += node[-1]
    reached = [at for at in file["calibration"]["margins"] if at <= margin]
    return Walked(file["calibration"]["scores"][len(reached)], margin, expected, moved)


def largest(
    file: Mapping[str, Any], values: list[FeatureValue], moved: list[int]
) -> tuple[Contribution, ...]:
    """The largest contributions in thousandths of the margin, without those that round to 0."""
    ranked = sorted(enumerate(moved), key=lambda one: (-abs(one[1]), one[0]))[:TOLD]
    found = []
    for index, amount in ranked:
        points = (2_000 * amount + 2**32) // 2**33
        if points:
            one = file["inputs"][index]
            name = one.get("feature") or one["field"]
            found.append(Contribution(name, values[index], points))
    return tuple(found)
