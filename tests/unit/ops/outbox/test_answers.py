"""When what wasn't taken is sent again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.ops.outbox.answers import LONGEST_S, MOST_S, Verdict, asked, judged, pause_s

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (200, "sent"),
        (204, "sent"),
        (302, "dead"),
        (400, "dead"),
        (404, "dead"),
        (408, "again"),
        (410, "dead"),
        (429, "again"),
        (500, "again"),
        (503, "again"),
    ],
)
def test_what_an_answer_means(status: int, wanted: str) -> None:
    assert judged(status, None, NOW).what == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("999999999999", MOST_S),
        ("-5", None),
        ("soon", None),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
    ],
)
def test_what_retry_after_asks(text: str | None, wanted: float | None) -> None:
    assert asked(text, NOW) == wanted
    assert judged(429, text, NOW) == Verdict("again", "HTTP 429", wanted)


@given(st.integers(1, 10_000), st.floats(0, 1), st.none() | st.floats(0, MOST_S))
def test_pauses_are_bounded_and_never_shorter_than_asked(
    attempts: int, chance: float, wait_s: float | None
) -> None:
    found = pause_s(attempts, chance, wait_s)
    assert found >= (wait_s or 0)
    assert 2.5 <= found <= max(LONGEST_S, wait_s or 0)
    assert pause_s(attempts + 1, chance, None) >= pause_s(attempts, chance, None)


@given(st.text())
def test_any_header_is_read(text: str) -> None:
    found = asked(text, NOW)
    assert found is None or 0 <= found <= MOST_S


@pytest.mark.parametrize(
    "text", ["Tue, 04 Mar 99999999999 07:28:00 GMT", "Sat, 01 Jan 0001 00:00:00 +2359"]
)
def test_a_moment_beyond_all_time_says_nothing(text: str) -> None:
    assert asked(text, NOW) in (None, 0.0)
