"""Rulesets on labelled payments: features see what was known then, and weeks are judged."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from risk.config.settings import Scoring
from risk.engine.payment.transaction import encode
from risk.engine.rules import Ruleset
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from risk.verify.quality.labelled import Columns, Days, Judged, Labelled, judge, run
from risk.verify.quality.protocol import Protocol
from tests.unit.streams import transaction

BEGIN = 1_522_540_800_000  # 2018-04-01
DAY = 86_400_000
DAYS = 40
BAD = range(5, DAYS)  # the days on which all that is paid at one terminal is fraud


def payments() -> Iterator[Labelled]:
    """A hundred a day at ten terminals, one of them compromised."""
    rng = Random(3)
    for day in range(DAYS):
        moments = sorted(rng.sample(range(DAY // 1_000), 100))
        for number, second in enumerate(moments):
            terminal = rng.randrange(10)
            txn = transaction(
                1_000 * day + number,
                event_id=f"{day}-{number}",
                user_id=f"u{rng.randrange(300)}",
                event_time=BEGIN + day * DAY + second * 1_000,
                amount=rng.randrange(100, 5_000),
                merchant_id=f"t{terminal}",
            )
            fraud = terminal == 0 and day in BAD
            known_at = txn.event_time + 7 * DAY
            yield Labelled(txn.event_id, txn.user_id, txn.event_time, encode(txn), fraud, known_at)


def judged_by(ruleset: Ruleset, protocol: Protocol) -> list[Judged]:
    columns = Columns([ruleset])
    run(columns, payments(), Scoring(), Days.of(protocol, 45))
    return judge(columns, protocol)


def test_a_compromised_terminal_is_found_once_it_is_known() -> None:
    ruleset = read_folder(ROOT / "docs" / "examples" / "handbook")
    protocol = Protocol(train=7, delay=7, test=7, starts=(3, 17))
    (judged,) = judged_by(ruleset, protocol)
    assert (judged.ruleset, set(judged.weeks)) == ("handbook", {3, 17})
    late = judged.weeks[17]
    assert late.frauds > 20
    assert late.auc_roc > 0.99
    assert late.recall_at_fpr["0.001"] > 0.95
    assert judged.rules.payments == sum(week.payments for week in judged.weeks.values())
    short = Protocol(train=1, delay=1, test=3, starts=(4,))  # nothing is known by then
    (judged,) = judged_by(ruleset, short)
    assert judged.weeks[4].auc_roc < 0.6


def test_a_week_without_payments_is_told() -> None:
    ruleset = read_folder(ROOT / "docs" / "examples" / "handbook")
    protocol = Protocol(train=7, delay=7, test=7, starts=(30,))
    with pytest.raises(ValueError, match="--starts 30: 0 of 0 payments are fraud"):
        judged_by(ruleset, protocol)
