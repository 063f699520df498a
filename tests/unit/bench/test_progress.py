"""A throughput run's progress: when it has measured, is over, or is stuck."""

from __future__ import annotations

from risk.bench.progress import IDLE_S, MARGIN_S, STUCK_S, Progress, Stage, problem

EVENTS, FILL = 1_000, 400


def observed(*seen: tuple[float, int]) -> list[Stage]:
    """What a run says that had so many scores at these times, and measures 10 s after 5."""
    progress = Progress(EVENTS, FILL, warmup_s=5, seconds=10)
    return [progress.observe(now, count) for now, count in seen]


def test_a_window_begins_after_the_warm_up_once_windows_are_full() -> None:
    early = 100 + 5 + 10 + MARGIN_S
    assert observed((0, 0), (100, 1), (101, FILL), (early, 500), (early + 1, 501)) == [
        *("starting", "going", "going", "going", "measured")
    ]
    late = 110 + 10 + MARGIN_S
    assert observed((100, 1), (110, FILL), (late, 500), (late + 1, 501)) == [
        *("going", "going", "going", "measured")
    ]


def test_a_backlog_is_over_when_no_score_comes_any_more() -> None:
    assert observed((0, 1), (1, 950), (1 + IDLE_S, 950), (2 + IDLE_S, 950)) == [
        *("going", "going", "going", "over")
    ]


def test_a_short_backlog_that_fills_no_windows_is_over_too() -> None:
    progress = Progress(100, FILL, warmup_s=5, seconds=10)
    assert [progress.observe(now, 99) for now in (0, 1 + IDLE_S)] == ["going", "over"]


def test_a_group_may_rebalance_for_a_while_and_go_on() -> None:
    assert observed((0, 1), (1, 300), (STUCK_S, 300), (1 + STUCK_S, 301), (2 * STUCK_S, 301)) == [
        *("going", "going", "going", "going", "going")
    ]


def test_no_score_for_long_is_stuck() -> None:
    assert observed((0, 0), (STUCK_S, 0), (STUCK_S + 1, 0)) == ["starting", "starting", "stuck"]
    assert observed((0, 1), (1, 300), (STUCK_S + 2, 300)) == ["going", "going", "stuck"]


def test_what_is_wrong_is_said_with_what_to_do() -> None:
    assert problem("stuck", 300, 10) == "no score for 120 s after 300 events"
    assert problem("over", 950, 10).endswith("10 s could be measured: make it longer (--events)")
