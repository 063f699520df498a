"""Up to when a store's retention removes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.config.settings import Settings, SettingsError, parse
from risk.config.types import DAY_MS
from sinks import elasticsearch, postgres
from sinks.elasticsearch.document import index
from sinks.elasticsearch.retention import _end

KEPT = parse("postgres: {retention_days: 30}\nelasticsearch: {retention_days: 30}", {})


def ms(*date: int) -> int:
    year, month, day = date
    return int(datetime(year, month, day, tzinfo=UTC).timestamp() * 1000)


def test_without_a_retention_there_is_no_limit() -> None:
    assert postgres.retention_limit(Settings(), 0) is None
    assert elasticsearch.retention_limit(Settings(), 0) is None


def test_rows_go_by_the_day_and_indices_by_the_month() -> None:
    now = ms(2025, 4, 9)
    assert postgres.retention_limit(KEPT, now) == ms(2025, 3, 10)
    assert elasticsearch.retention_limit(KEPT, now) == ms(2025, 3, 1)
    assert elasticsearch.retention_limit(KEPT, ms(1970, 1, 2)) == 0


@given(st.integers(0, 4_000_000_000_000))
def test_an_index_goes_when_all_of_it_is_past(now: int) -> None:
    limit, days = elasticsearch.retention_limit(KEPT, now), 30
    assert limit is not None
    name = index("risk-scores", max(0, now - days * DAY_MS))
    assert _end(name, "risk-scores") > limit, "of its last moments some are younger"
    if limit:
        assert _end(index("risk-scores", limit - 1), "risk-scores") == limit


def test_the_last_month_that_there_is_has_not_ended() -> None:
    assert _end("risk-scores-9999.12", "risk-scores") == 2**63


@pytest.mark.parametrize("days", [0, -1, 36_501, "soon"])
def test_a_retention_is_of_days(days: object) -> None:
    with pytest.raises(SettingsError, match=r"postgres\.retention_days"):
        parse(f"postgres: {{retention_days: {days}}}", {})
