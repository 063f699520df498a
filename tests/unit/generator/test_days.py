"""What rules over merchants, cards and weeks see beyond those over minutes, on days of traffic."""

from __future__ import annotations

from functools import cache

import pytest

from generator.config import StreamConfig
from risk.config.settings import Scoring
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from risk.verify.quality.synthetic import Judged, judge

ATTACKS = "spread_testing,compromised_merchant,stolen_card_days,payee_first,remote_control"
FLAGGED = 0.005


@cache
def judged() -> tuple[Judged, Judged]:
    """`default` and `days` on four days of 1,200 users."""
    asked = StreamConfig(
        start_time=1_790_000_000_000,
        seed=7,
        rate=0.06,
        duration_s=345_600.0,
        users=1_200,
        attack=ATTACKS,
    )
    default, days = judge(
        [read_folder(RULES / name) for name in ("default", "days")], asked, Scoring()
    )
    return default, days


def test_honest_users_are_left_alone() -> None:
    for one in judged():
        assert one.quality.honest > 15_000
        assert one.quality.honest_flagged / one.quality.honest <= FLAGGED


@pytest.mark.parametrize(
    ("attack", "least"),
    [("spread_testing", 0.8), ("compromised_merchant", 0.8), ("stolen_card_days", 0.7)],
)
def test_days_finds_what_users_alone_do_not_show(attack: str, least: float) -> None:
    default, days = (one.quality.attacks[attack] for one in judged())
    assert default.flagged <= 0.05 * default.payments
    assert days.flagged >= least * days.payments


@pytest.mark.parametrize("attack", ["payee_first", "remote_control"])
def test_both_find_transfers_that_the_users_own_weeks_have_not(attack: str) -> None:
    for one in judged():
        found = one.quality.attacks[attack]
        assert found.flagged >= 0.4 * found.payments
