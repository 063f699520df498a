"""A payment's verdicts: one counts, and each is told with what became of it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from risk.engine.feedback import SOURCES, VERDICTS, Logged, build, current_verdict
from risk.ops.payments.verdicts import spoken
from risk.registry.cases.verdicts import Given

PAYMENT = ("e1", "u-1", 1_740_830_400_000)


def of_case(known_at: int, verdict: str = "fraud", by: str = "ana", **values: Any) -> Given:
    empty = {"sent_at": None, "undone_at": None, "note": "", "case_id": 7, "send_at": known_at + 10}
    return Given(
        event_id=PAYMENT[0],
        user_id=PAYMENT[1],
        event_time=PAYMENT[2],
        verdict=verdict,
        said_by=by,
        known_at=known_at,
        **(empty | values),
    )


def logged(
    known_at: int, verdict: str = "fraud", source: str = "analyst", by: str = "ana"
) -> Logged:
    return Logged(build(PAYMENT, verdict, source, known_at, by), known_at + 10, 0, known_at)


def standings(*args: Any) -> list[tuple[int, str, bool]]:
    return [(one.known_at, one.standing, one.undone_at is not None) for one in spoken(*args)]


def test_what_a_case_gave_and_the_log_has_is_one_verdict() -> None:
    (one,) = spoken([logged(100)], [of_case(100, sent_at=105)])
    assert (one.case_id, one.sent_at, one.standing) == (7, 110, "counts")


def test_a_bank_supersedes_an_analyst_who_spoke_later() -> None:
    told = [logged(100, source="chargeback", by="bank"), logged(200, "legitimate")]
    assert standings(told, []) == [(200, "superseded", False), (100, "counts", False)]


def test_what_never_got_to_the_log_is_told_with_the_reason() -> None:
    given_ = [
        of_case(100, undone_at=101),
        of_case(200),
        of_case(300, sent_at=310),
    ]
    assert standings([], given_) == [
        (300, "sent", False),
        (200, "waits", False),
        (100, "taken_back", True),
    ]


def test_one_that_was_sent_and_undone_counts_until_the_next() -> None:
    undone = of_case(100, sent_at=105, undone_at=150)
    assert standings([logged(100)], [undone]) == [(100, "counts", True)]
    after = [logged(100), logged(200, "legitimate", by="ben")]
    assert standings(after, [undone]) == [(200, "counts", False), (100, "superseded", True)]


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from(VERDICTS), st.sampled_from(SOURCES)),
        unique=True,
    )
)
def test_the_one_that_counts_is_the_engines(said: list[tuple[int, str, str]]) -> None:
    history = [logged(*one) for one in said]
    counts = [one for one in spoken(history, []) if one.standing == "counts"]
    current = current_verdict(history)
    assert len(counts) == (current is not None)
    if current:
        said_ = current.feedback
        told = (counts[0].verdict, counts[0].source, counts[0].known_at)
        assert told == (said_.verdict, said_.source, said_.known_at)
