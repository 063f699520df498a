"""A group that moves, one that has nothing to do, and one that stands still."""

from __future__ import annotations

from risk.ops.progress import Progress


def test_the_first_look_says_nothing_yet() -> None:
    assert Progress().look("g", 5, 10, 0.0) is None


def test_with_nothing_left_it_is_well_at_once() -> None:
    progress = Progress()
    assert progress.look("g", 5, 0, 0.0) == 0
    assert progress.look("g", 5, 0, 99.0) == 0


def test_one_that_moves_is_well_however_much_waits() -> None:
    progress = Progress()
    progress.look("g", 5, 10, 0.0)
    assert progress.look("g", 6, 1_000, 60.0) == 0
    assert progress.look("g", 6, 1_000, 61.0) == 1


def test_how_long_it_stands_counts_from_when_it_was_seen_there_first() -> None:
    progress = Progress()
    progress.look("g", 5, 10, 100.0)
    assert progress.look("g", 5, 20, 130.0) == 30
    assert progress.look("g", 5, 20, 190.0) == 90
    assert progress.look("g", 25, 0, 191.0) == 0
    assert progress.look("g", 25, 1, 500.0) is None  # what comes after a rest begins anew


def test_groups_are_apart() -> None:
    progress = Progress()
    progress.look("a", 1, 1, 0.0)
    assert progress.look("b", 1, 1, 50.0) is None
    assert progress.look("a", 1, 1, 50.0) == 50
