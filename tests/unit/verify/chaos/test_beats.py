from __future__ import annotations

import pytest

from risk.verify.chaos.beats import CALM_S, Beat, Beats

PROMPT_S = 1.0


def pulse(*beats: tuple[float, float | None]) -> Beats:
    """Of beats by when they were sent and decided."""
    found = Beats()
    for number, (sent, decided) in enumerate(beats):
        found.add(Beat((f"e{number}", "u", 0), sent, decided))
    return found


def steady(first: float, last: float) -> list[tuple[float, float | None]]:
    """One every half second, each decided at once."""
    count = int((last - first) * 2) + 1
    return [(first + n / 2, first + n / 2 + 0.05) for n in range(count)]


def test_recovery_ends_with_the_last_decision_that_had_to_wait() -> None:
    beats = pulse((10.0, 17.5), (11.0, 17.6), *steady(18.0, 22.0))
    assert beats.recovered(10.0, 22.0, PROMPT_S) == pytest.approx(7.6)


def test_a_payment_on_its_way_when_the_fault_began_counts() -> None:
    beats = pulse((9.9, 15.0), *steady(15.5, 20.0))
    assert beats.recovered(10.0, 20.0, PROMPT_S) == 5.0


def test_nothing_that_waited_is_no_time_to_recover() -> None:
    assert pulse(*steady(8.0, 20.0)).recovered(10.0, 20.0, PROMPT_S) == 0.0


def test_it_has_not_recovered_while_a_payment_waits() -> None:
    beats = pulse((10.0, None), *steady(11.0, 20.0))
    assert beats.recovered(10.0, 20.0, PROMPT_S) is None


def test_it_has_not_recovered_before_it_was_calm_for_a_while() -> None:
    beats = pulse((10.0, 15.0), *steady(15.5, 16.0))
    assert beats.recovered(10.0, 15.0 + CALM_S / 2, PROMPT_S) is None


def test_it_has_not_recovered_if_nothing_is_sent_any_more() -> None:
    assert pulse(*steady(10.0, 11.0)).recovered(10.0, 20.0, PROMPT_S) is None


def test_the_longest_wait_counts_what_still_waits() -> None:
    beats = pulse((5.0, 5.1), (10.0, 13.0), (11.0, None))
    assert beats.longest(9.0, 20.0) == 9.0


def test_the_first_decision_counts_and_not_its_repetition() -> None:
    beats = pulse((10.0, None))
    beats.decided("e0", 11.0)
    beats.decided("e0", 15.0)
    assert beats.longest(9.0, 20.0) == 1.0


def test_what_waits_is_never_forgotten() -> None:
    beats = pulse((1.0, 2.0), (1.0, None), (10.0, 10.1))
    beats.forget(5.0)
    assert beats.waiting() == 1
    assert len(beats.sent(0.0, 20.0)) == 2
