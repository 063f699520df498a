"""From two rulesets and Postgres to a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.diff import Cause, Flip, Hit, Side, differing_features, flip, terms
from risk.engine.messages import Label
from risk.errors import UserError
from risk.kafka.scan import read_all
from risk.ops.rulesets import Chosen
from risk.registry.pairs import Key, Pairs, Row, compare
from risk.verify.diff.report import (
    Attack,
    CauseCount,
    Example,
    Group,
    Labels,
    Move,
    Report,
    RuleCount,
    Shift,
    Step,
    Truth,
    Version,
)

EXAMPLES = 25
SMALLEST = 20  # groups with fewer events say nothing


class Flips:
    """Explains every flip, and counts."""

    def __init__(self, a: Chosen, b: Chosen) -> None:
        self._was, self._now = terms(a.ruleset), terms(b.ruleset)
        self.total = self.stricter = self.unexplained = 0
        self._counts: dict[tuple[str, str], Counter[str]] = {}
        self._examples: list[tuple[tuple[bool, int, int], Example]] = []

    def take(self, row: Row) -> None:
        """Take in a row of a flip."""
        a, b = _side(row, "a"), _side(row, "b")
        found = flip(a, b, self._was, self._now, bool(row["same_features"]))
        assert found is not None, "only flips are asked for"
        self.total += 1
        self.stricter += found.by > 0
        self.unexplained += not found.explained
        for cause in found.causes:
            count = self._counts.setdefault((cause.rule, cause.why), Counter())
            way = "stricter" if found.by > 0 else "looser"
            count[way] += 1
            count[f"{way}_fraud"] += row["fraud"] is True
        self._keep(row, found)

    def causes(self) -> list[CauseCount]:
        """What had a part in flips, the most first."""
        found = [
            CauseCount(rule, why, *(count[name] for name in CauseCount.__struct_fields__[2:]))
            for (rule, why), count in self._counts.items()
        ]
        return sorted(found, key=lambda cause: (-cause.flips, cause.rule, cause.why))

    def examples(self) -> list[Example]:
        """Some flips: those that can't be explained, then those by the most points."""
        return [example for _, example in self._examples]

    def _keep(self, row: Row, found: Flip) -> None:
        moved = abs(row["b_score"] - row["a_score"])
        rank = (found.explained, -moved, row["event_time"])
        if len(self._examples) == EXAMPLES and rank >= self._examples[-1][0]:
            return
        fields = {name: row[name] for name in Example.__struct_fields__ if name in row}
        example = Example(**fields, causes=[_words(cause) for cause in found.causes])
        self._examples.append((rank, example))
        self._examples.sort(key=lambda one: one[0])
        del self._examples[EXAMPLES:]


def build(settings: Settings, a: Chosen, b: Chosen) -> Report:
    """Compare two rulesets. Raises `UserError` and `Unavailable`."""
    flips = Flips(a, b)
    differing = differing_features(a.ruleset, b.ruleset)
    pairs = compare(settings, Key(*a.key), Key(*b.key), _labels(settings), flips.take, differing)
    counts = pairs.counts
    if not counts["events"]:
        raise UserError(_nothing(a, b, counts))
    return Report(
        a=_version(a, counts["a_events"]),
        b=_version(b, counts["b_events"]),
        events=counts["events"],
        first_event=counts["first_event"],
        last_event=counts["last_event"],
        flips=flips.total,
        stricter=flips.stricter,
        looser=flips.total - flips.stricter,
        unexplained=flips.unexplained,
        other_features=counts["other_features"],
        shifted=counts["shifted"],
        mean_shift=counts["mean_shift"],
        moves=[_move(row) for row in pairs.decisions],
        steps=_steps(pairs.scores),
        shifts=msgspec.convert(pairs.shifts, list[Shift]),
        causes=flips.causes(),
        rules=[_rule(row) for row in pairs.rules],
        labels=_truth(pairs) if counts["labelled"] else None,
        groups=_groups(pairs.groups),
        examples=flips.examples(),
    )


def _labels(settings: Settings) -> Iterator[Label]:
    """The truth of synthetic events; none where there is no such topic."""
    decode = decoder(Label)
    try:
        for message in read_all(settings, settings.topics.labels):
            yield decode(message.value() or b"")
    except (UserError, msgspec.DecodeError):
        return


def _side(row: Row, side: str) -> Side:
    hits = tuple(Hit(reason["rule"], reason["points"]) for reason in row[f"{side}_reasons"])
    return Side(row[f"{side}_score"], row[f"{side}_decision"], hits)


def _version(chosen: Chosen, events: int) -> Version:
    ruleset = chosen.ruleset
    return Version(*chosen.key, ruleset.fingerprint, ruleset.review, ruleset.block, events)


def _move(row: Row) -> Move:
    return Move(row["a_decision"], row["b_decision"], row["events"], row["fraud"])


def _steps(rows: Iterable[Row]) -> list[Step]:
    found = {row["low"]: Step(row["low"], row["a_events"], row["b_events"]) for row in rows}
    return [found.get(low, Step(low, 0, 0)) for low in range(0, 100, 10)]


def _rule(row: Row) -> RuleCount:
    return RuleCount(row["rule"], row["a_hits"], row["b_hits"], row["a_fraud"], row["b_fraud"])


def _truth(pairs: Pairs) -> Labels:
    clean: dict[str, Any] = {"events": 0, "a_flagged": 0, "b_flagged": 0}
    clean |= {"a_blocked": 0, "b_blocked": 0}
    attacks: list[Attack] = []
    for row in pairs.attacks:
        fields = {name: row[name] for name in Attack.__struct_fields__ if name != "name"}
        if row["attack"]:
            attacks.append(Attack(row["attack"], **fields))
        else:
            clean = row

    def side(name: str) -> Truth:
        caught = sum(getattr(attack, f"{name}_flagged") for attack in attacks)
        fraud = sum(attack.events for attack in attacks)
        blocked = sum(getattr(attack, f"{name}_blocked") for attack in attacks)
        return Truth(
            caught, fraud - caught, clean[f"{name}_flagged"], blocked, clean[f"{name}_blocked"]
        )

    fraud = sum(attack.events for attack in attacks)
    return Labels(fraud + clean["events"], fraud, side("a"), side("b"), attacks)


def _groups(rows: Iterable[Row]) -> list[Group]:
    found = [msgspec.convert(row, Group) for row in rows]
    return [group for group in found if group.events >= SMALLEST or group.flips]


def _words(cause: Cause) -> str:
    if cause.why == "threshold":
        return "thresholds"
    if cause.why == "release":
        return f"{cause.rule} (released by one)"
    why = {"points": "other points", "condition": "other condition"}.get(cause.why, cause.why)
    return f"{cause.rule} {cause.points:+d} ({why})"


def _nothing(a: Chosen, b: Chosen, counts: Row) -> str:
    for chosen, events in ((a, counts["a_events"]), (b, counts["b_events"])):
        if not events:
            return f"{chosen.tag} has decided nothing: `risk replay --ruleset {chosen.tag}` does"
    return (
        f"no event was decided under both {a.tag} and {b.tag}: "
        f"`risk replay --ruleset {b.tag}` scores what {a.tag} has"
    )
