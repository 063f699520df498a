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
from risk.verify.quality.labelled import Columns, Days, Judged, Label, Payment, judge, run
from risk.verify.quality.protocol import Protocol
from tests.unit.streams import transaction

BEGIN = 1_522_540_800_000  # 2018-04-01
DAY = 86_400_000
DAYS = 40
BAD = range(5, DAYS)  # the days on which all that is paid at one terminal is fraud


def payments() -> Iterator[Payment]:
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
            label = Label(fraud, txn.event_time + 7 * DAY)
            yield Payment(txn.event_id, txn.user_id, txn.event_time, encode(txn), label)


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


def test_payments_of_two_users_under_one_id_are_told_apart() -> None:
    ruleset = read_folder(ROOT / "docs" / "examples" / "handbook")
    found = Columns([ruleset])
    amounts = {"dear": 90_000, "cheap": 100}
    both = []
    for user, amount in amounts.items():
        txn = transaction(1, event_id="1", user_id=user, event_time=BEGIN, amount=amount)
        both.append(Payment("1", user, BEGIN, encode(txn), Label(user == "dear", BEGIN)))
    run(found, both, Scoring(), Days(0, 10))
    assert found.scored(0).score.tolist() == [80, 0]


def test_a_payment_without_a_label_counts_for_others_and_is_not_judged() -> None:
    """Of the terminal's payments half have no label: amounts and counts are those of all."""
    ruleset = read_folder(ROOT / "docs" / "examples" / "handbook")
    protocol = Protocol(train=7, delay=7, test=7, starts=(17,))
    some = [one._replace(label=None) if n % 2 else one for n, one in enumerate(payments())]
    everything, part = (Columns([ruleset], ["user_count_30d"]) for _ in range(2))
    for columns, given in ((everything, list(payments())), (part, some)):
        run(columns, given, Scoring(), Days.of(protocol, 45))
    assert part.rows().tolist() == everything.rows().tolist()
    scored = part.scored(0)
    labelled = [one.label is not None for one in some][: len(scored.day)]
    assert (scored.fraud >= 0).tolist() == labelled
    for mask in (protocol.judged(scored, 17), protocol.learnt(scored, 17)):
        assert mask.any()
        assert (scored.fraud[mask] >= 0).all()


def test_only_the_first_ruleset_needs_to_have_the_inputs_of_a_model() -> None:
    rulesets = [read_folder(ROOT / "docs" / "examples" / "handbook")]
    rulesets.append(read_folder(ROOT / "rules" / "default"))
    found = Columns(rulesets, ["user_count_30d", "amount"])
    run(found, payments(), Scoring(), Days(0, 3))
    assert found.rows().shape == (400, 2)
    assert found.scored(1).score.shape == (400,)
