"""What a bench calls wrong in the scores of a run."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from risk.bench.accuracy import Accuracy, compare, up_to
from risk.engine.messages import Score, masked
from risk.engine.oracle import Consumed, Expected, Settled, expected, too_large
from risk.engine.payment.transaction import SCHEMA_VERSION, Transaction, encode
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from tests.unit.streams import SCORING, START, transaction

RULES = read_folder(ROOT / "rules" / "default")
LATE = transaction(9, event_time=START - 40_000)
SENT = [transaction(n, event_time=START + 1_000 * n) for n in range(5)] + [LATE]


def consumed(sent: Sequence[Transaction], **changes: str) -> list[Consumed]:
    return [
        Consumed(0, n, START + 60_000, txn.user_id.encode(), encode(txn), **changes)
        for n, txn in enumerate(sent)
    ]


def said(settled: Settled, **changes: object) -> Score:
    txn, outcome = settled.txn, settled.outcome
    score = Score(
        schema_version=SCHEMA_VERSION,
        event_id=txn.event_id,
        user_id=txn.user_id,
        event_time=txn.event_time,
        run_id="run",
        ruleset=RULES.name,
        ruleset_version=RULES.version,
        fingerprint=RULES.fingerprint,
        revision=0,
        score=outcome.score,
        decision=outcome.decision,
        reasons=outcome.reasons,
        features=settled.features,
        transaction=masked(txn),
        scored_at=START,
        late=settled.late,
    )
    return replace(score, **changes)


WANTED = expected(consumed(SENT), RULES, SCORING)
SCORED = [said(one) for one in WANTED.scores.values()]
TOO_LATE = said(*WANTED.late_scores.values())


def judged(*scores: Score, wanted: Expected = WANTED) -> Accuracy:
    return compare(wanted, scores, START - 60_000, START + 60_000)


def counts(found: Accuracy) -> tuple[int, int, int, int]:
    return found.wrong, found.missing, found.extra, found.late_wrong


def test_what_is_right_is_not_wrong() -> None:
    found = judged(*SCORED, TOO_LATE)
    assert (found.events, found.late, counts(found)) == (5, 1, (0, 0, 0, 0))
    assert (found.wrong_share, found.features) == (0.0, {})


def test_a_late_payment_counts_for_itself() -> None:
    assert counts(judged(*SCORED)) == (0, 0, 0, 1)
    assert counts(judged(*SCORED, TOO_LATE, TOO_LATE)) == (0, 0, 1, 0)
    other = TOO_LATE.features | {"user_count_5m": 7}
    assert counts(judged(*SCORED, replace(TOO_LATE, features=other))) == (0, 0, 0, 1)
    # Scored as if it had come in time, or late though it came in time.
    assert counts(judged(*SCORED, replace(TOO_LATE, late=False))) == (0, 0, 1, 1)
    assert counts(judged(*SCORED[1:], replace(SCORED[0], late=True), TOO_LATE)) == (0, 1, 1, 0)
    # It came after what was read of the topic.
    later = replace(TOO_LATE, event_id="e-later")
    assert counts(judged(*SCORED, TOO_LATE, later)) == (0, 0, 0, 0)


def test_corrections_repeats_and_what_is_missing() -> None:
    first, *rest = SCORED
    wrong = replace(first, features=first.features | {"user_count_5m": 7})
    found = judged(wrong, *rest, TOO_LATE)
    assert (counts(found), found.features) == ((1, 0, 0, 0), {"user_count_5m": 1})
    assert found.wrong_share == 0.2
    assert counts(judged(wrong, *rest, replace(first, revision=1), TOO_LATE)) == (0, 0, 0, 0)
    assert counts(judged(first, first, *rest, TOO_LATE)) == (0, 0, 1, 0)
    assert counts(judged(*rest, TOO_LATE)) == (0, 1, 0, 0)


def test_a_card_that_is_shown_is_wrong() -> None:
    shown = replace(SCORED[0].transaction, card_token=SENT[0].card_token)
    found = judged(replace(SCORED[0], transaction=shown), *SCORED[1:], TOO_LATE)
    assert (counts(found), found.features) == ((1, 0, 0, 0), {"transaction": 1})


def test_a_record_that_is_too_large_is_no_payment() -> None:
    assert [too_large(b"k" * 9, value, 10) for value in (None, b"v" * 10)] == ["", ""]
    assert too_large(None, b"v" * 11, 10) == too_large(b"k" * 11, None, 10) == "too_large"
    wanted = expected(consumed(SENT, fault="too_large"), RULES, SCORING)
    assert (len(wanted.rejected), judged(*SCORED, wanted=wanted).extra) == (6, 5)


@pytest.mark.parametrize(
    ("changed", "read"),
    [
        ({}, 4),
        ({"fault": "too_large"}, 6),
        ({"key": b"somebody else"}, 6),  # rejected: it says nothing of where the partition is
        ({"value": b"{}"}, 6),
    ],
)
def test_a_partition_is_read_up_to_a_payment_past_the_end(
    changed: dict[str, object], read: int
) -> None:
    records = consumed(SENT)
    records[3] = records[3]._replace(**changed)  # type: ignore[arg-type]
    records[4] = records[4]._replace(**changed)  # type: ignore[arg-type]
    assert len(list(up_to(records, START + 2_500))) == read
