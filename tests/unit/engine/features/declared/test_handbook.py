"""The Fraud Detection Handbook's features, as declared in docs/examples, against its own code.

The pandas functions are those of the book's chapter "Baseline feature transformation", by column
names of its simulator: https://fraud-detection-handbook.github.io/fraud-detection-handbook/
"""

from __future__ import annotations

from random import Random
from typing import Any

import pandas as pd
import pytest

from risk.engine.features.feature_set import FeatureSet
from risk.engine.feedback import Logged, build
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import names
from risk.engine.stages.base import FLUSH, MemoryStore
from risk.engine.stages.fused import Fused
from risk.engine.stages.reading import VerdictTimes
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from tests.unit.streams import quiet, raw, reading

DAYS = 60
PAYMENTS = 3_000
DELAY_DAYS = 7
DAY_MS = 86_400_000
BEGIN = 1_522_540_800_000  # 2018-04-01, a Sunday


def sample() -> pd.DataFrame:
    """Payments of customers at terminals, in time; more of them are fraud than ever really are."""
    rng = Random(7)
    moments = sorted(rng.sample(range(DAYS * 86_400), PAYMENTS))
    return pd.DataFrame(
        {
            "TRANSACTION_ID": range(PAYMENTS),
            "TX_DATETIME": pd.to_datetime(
                [BEGIN + second * 1_000 for second in moments], unit="ms"
            ),
            "CUSTOMER_ID": [rng.randrange(40) for _ in moments],
            "TERMINAL_ID": [rng.randrange(25) for _ in moments],
            "TX_AMOUNT": [rng.randrange(100, 30_000) / 100 for _ in moments],
            "TX_FRAUD": [int(rng.random() < 0.2) for _ in moments],
        }
    )


def is_weekend(tx_datetime: pd.Timestamp) -> int:
    return int(tx_datetime.weekday() >= 5)


def is_night(tx_datetime: pd.Timestamp) -> int:
    return int(tx_datetime.hour <= 6)


def spending_behaviour(customer: pd.DataFrame, windows: tuple[int, ...] = (1, 7, 30)) -> Any:
    customer = customer.sort_values("TX_DATETIME")
    customer.index = customer.TX_DATETIME
    for size in windows:
        total = customer["TX_AMOUNT"].rolling(f"{size}d").sum()
        count = customer["TX_AMOUNT"].rolling(f"{size}d").count()
        customer[f"NB_TX_{size}DAY"] = list(count)
        customer[f"AVG_AMOUNT_{size}DAY"] = list(total / count)
    customer.index = customer.TRANSACTION_ID
    return customer


def count_risk(terminal: pd.DataFrame, windows: tuple[int, ...] = (1, 7, 30)) -> Any:
    terminal = terminal.sort_values("TX_DATETIME")
    terminal.index = terminal.TX_DATETIME
    frauds_delay = terminal["TX_FRAUD"].rolling(f"{DELAY_DAYS}d").sum()
    count_delay = terminal["TX_FRAUD"].rolling(f"{DELAY_DAYS}d").count()
    for size in windows:
        frauds = terminal["TX_FRAUD"].rolling(f"{DELAY_DAYS + size}d").sum() - frauds_delay
        count = terminal["TX_FRAUD"].rolling(f"{DELAY_DAYS + size}d").count() - count_delay
        terminal[f"NB_TX_{size}DAY_WINDOW"] = list(count)
        terminal[f"RISK_{size}DAY_WINDOW"] = list(frauds / count)
    terminal.index = terminal.TRANSACTION_ID
    return terminal.fillna(0)


def payment(row: Any) -> Transaction:
    return Transaction(
        event_id=f"{row.TRANSACTION_ID:06}",
        user_id=f"customer-{row.CUSTOMER_ID}",
        event_time=int(row.TX_DATETIME.value // 1_000_000),
        amount=round(row.TX_AMOUNT * 100),
        currency="EUR",
        merchant_id=f"terminal-{row.TERMINAL_ID}",
    )


def engine(rows: pd.DataFrame) -> dict[str, tuple[Transaction, dict[str, Any]]]:
    """The settled features of each payment, by event_id; its verdict is known a week after it."""
    ruleset = read_folder(ROOT / "docs" / "examples" / "handbook")
    times = VerdictTimes(0, 60 * DAY_MS)
    features = FeatureSet(ruleset.features)
    stages = Fused(lambda _: MemoryStore(), reading(verdicts=times), features=features)
    payments = [(payment(row), row.TX_FRAUD) for row in rows.itertuples()]
    log = []
    for offset, (txn, fraud) in enumerate(payments):
        verdict, known_at = "fraud" if fraud else "legitimate", txn.event_time + 7 * DAY_MS
        said = build(
            (txn.event_id, txn.user_id, txn.event_time), verdict, "import", known_at, "book"
        )
        log.append(Logged(said, BEGIN, 0, offset))
    stages.feedback.take(log, FLUSH)
    found: dict[str, tuple[Transaction, dict[str, Any]]] = {}
    raws = [raw(txn, offset) for offset, (txn, _) in enumerate(payments)]
    results = [stages.on_batch(raws[at : at + 100]) for at in range(0, PAYMENTS, 100)]
    for result in (*results, stages.on_idle(quiet())):
        for one in result.scorables:
            found[one.txn.event_id] = one.txn, ruleset.own(one.features).by_name()
    return found


def test_all_fifteen_are_what_the_books_code_makes_of_the_same_payments() -> None:
    rows = sample()
    weekend, night = rows.TX_DATETIME.apply(is_weekend), rows.TX_DATETIME.apply(is_night)
    by_customer = pd.concat(spending_behaviour(own) for _, own in rows.groupby("CUSTOMER_ID"))
    by_terminal = pd.concat(count_risk(own) for _, own in rows.groupby("TERMINAL_ID"))
    found = engine(rows)
    assert len(found) == PAYMENTS
    for number in range(PAYMENTS):
        txn, values = found[f"{number:06}"]
        customer, terminal = by_customer.loc[number], by_terminal.loc[number]
        assert txn.amount == pytest.approx(rows.TX_AMOUNT[number] * 100)
        assert int(names.weekday_utc(txn.event_time) >= 6) == weekend[number]
        assert int(names.hour_utc(txn.event_time) <= 6) == night[number]
        for size in (1, 7, 30):
            assert values[f"user_count_{size}d"] == customer[f"NB_TX_{size}DAY"]
            mean = customer[f"AVG_AMOUNT_{size}DAY"] * 100
            assert values[f"user_mean_{size}d"] == pytest.approx(mean, abs=1e-4)
            known, frauds = values[f"terminal_verdicts_{size}d"], values[f"terminal_frauds_{size}d"]
            assert known == terminal[f"NB_TX_{size}DAY_WINDOW"]
            risk = frauds / known if known else 0
            assert risk == pytest.approx(terminal[f"RISK_{size}DAY_WINDOW"])
