"""Under which rulesets an event is said, and by which it raises an alert."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from flink_jobs.lines import JSON_KEY
from flink_jobs.messages import RunRulesets, Tally, Writer
from risk.engine.features.catalogue import TYPES, FeatureValue
from risk.engine.features.named import Features
from risk.engine.messages import Alert, Score
from risk.engine.models.scored import Scored
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import Ruleset
from risk.engine.scoring import Outcome, score
from risk.engine.stages.emission import Scorable
from risk.ops.ruleset_folder import read_folder
from tests.unit.streams import START, transaction

RULES = Path(__file__).parents[3] / "rules"
ZERO: dict[str, FeatureValue] = {"int": 0, "float": 0.0, "bool": False}
BURST = {name: ZERO[kind] for name, kind in TYPES.items()} | {
    "user_count_5m": 9,
    "user_micro_5m": 9,
    "user_merchants_5m": 9,
    "device_session_users": 9,
    "ip_users_2m": 20,
}


def ruleset(name: str) -> Ruleset:
    return read_folder(RULES / name)


DEFAULT, STRICT = ruleset("default"), ruleset("strict")
LIVE, SHADOW = f"default:{DEFAULT.version}", f"strict:{STRICT.version}"


class Counted(Tally):
    """Counts corrections that can't be said."""

    lost = errors = 0

    def left_out(self) -> None:
        self.errors += 1

    def uncorrected(self) -> None:
        self.lost += 1


def test_a_correction_of_what_only_others_read_is_not_told() -> None:
    other = frozenset({"theirs__0123456789abcdef"})
    writer = Writer(DEFAULT, "run-1")
    ours = Scorable(transaction(1), Features.of(BURST), 1, "", False, frozenset({"user_count_5m"}))
    assert len(writer.decisions([ours], 0).scores) == 1
    assert writer.decisions([ours._replace(changed=other)], 0).scores == []
    assert len(writer.decisions([ours._replace(changed=other, revision=0)], 0).scores) == 1


def scorable(revision: int, label: str) -> Scorable:
    return Scorable(transaction(1), Features.of(BURST), revision, label)


def scores(lines: list[str]) -> list[tuple[str, str, int, str]]:
    found = [msgspec.json.decode(line.split(JSON_KEY, 1)[1], type=Score) for line in lines]
    return [(score.ruleset, score.kind, score.revision, score.run_id) for score in found]


def alerts(lines: list[str]) -> list[str]:
    return [msgspec.json.decode(line.split(JSON_KEY, 1)[1], type=Alert).ruleset for line in lines]


def test_a_label_names_the_rulesets() -> None:
    assert RunRulesets(DEFAULT).label == LIVE
    assert RunRulesets(DEFAULT, "live", STRICT).label == f"{LIVE} {SHADOW}"


def test_a_correction_that_a_rule_fails_on_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a first word the caller has to know: then the payment itself is left out."""

    def touchy(
        ruleset: Ruleset, features: Features, txn: Transaction, late: bool, scored: Scored | None
    ) -> Outcome:
        if txn.event_id == "e0007":
            raise ZeroDivisionError
        return score(ruleset, features, txn, late, scored)

    monkeypatch.setattr("flink_jobs.messages.score", touchy)
    counted = Counted()
    writer = Writer(DEFAULT, "live-1", tally=counted)
    good, bad = (Scorable(transaction(n), Features.of(BURST), 1, "") for n in (1, 7))
    said = writer.decisions([bad, good, bad], START)
    assert (len(said.scores), len(said.alerts), counted.errors) == (1, 1, 2)
    with pytest.raises(ZeroDivisionError):
        writer.decisions([good, bad._replace(revision=0)], START)
    replay = Writer(DEFAULT, "replay-1", "replay", tally=counted)
    assert len(replay.decisions([bad._replace(revision=0), good], START).scores) == 1
    assert counted.errors == 3


def test_a_shadow_never_alerts() -> None:
    said = Writer(DEFAULT, "live-1", "live", STRICT).decisions([scorable(0, "")], START)
    assert scores(said.scores) == [
        ("default", "live", 0, "live-1"),
        ("strict", "shadow", 0, "live-1"),
    ]
    assert alerts(said.alerts) == ["default"]


def test_a_replay_never_alerts() -> None:
    writer = Writer(STRICT, "replay-1", "replay", label="replay-1")
    said = writer.decisions([scorable(0, "replay-1")], START)
    assert scores(said.scores) == [("strict", "replay", 0, "replay-1")]
    assert said.alerts == []


def test_what_an_earlier_run_said_is_corrected_under_its_rulesets() -> None:
    before, tally = RunRulesets(DEFAULT, "live", STRICT), Counted()
    writer = Writer(STRICT, "live-2", tally=tally, label=SHADOW, earlier={before.label: before})
    said = writer.decisions(
        [scorable(0, SHADOW), scorable(1, f"{LIVE} {SHADOW}"), scorable(1, "gone:7")], START
    )
    assert scores(said.scores) == [
        ("strict", "live", 0, "live-2"),
        ("default", "live", 1, "live-2"),
        ("strict", "shadow", 1, "live-2"),
    ]
    assert alerts(said.alerts) == ["strict", "default"]
    assert tally.lost == 1
