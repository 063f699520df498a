"""Times to ms UTC: units, formats and zones, and the hours at which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.ops.imports.cells import Wrong
from risk.ops.imports.times import iso, since_epoch, written

BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


def ms(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("unit", "cell", "wanted"),
    [
        ("s", 1_522_540_831, 1_522_540_831_000),
        ("s", "1522540831.5", 1_522_540_831_500),
        ("s", 1522540831.25, 1_522_540_831_250),
        ("ms", "1522540831000", 1_522_540_831_000),
        ("us", 1_522_540_831_000_999, 1_522_540_831_000),
        ("ms", datetime(2018, 4, 1, tzinfo=UTC), 1_522_540_800_000),
    ],
)
def test_since_the_epoch(unit: str, cell: Any, wanted: int) -> None:
    assert since_epoch(unit)(cell) == wanted


@given(MOMENTS, st.sampled_from([UTC, BERLIN, timezone(timedelta(hours=-7, minutes=-30))]))
def test_a_time_with_its_offset_is_that_moment(moment: datetime, zone: Any) -> None:
    local = moment.astimezone(zone)
    assert iso(None, "reject")(local.isoformat()) == ms(moment)
    assert iso(BERLIN, "reject")(local) == ms(moment)
    assert written("%Y-%m-%dT%H:%M:%S.%f%z", None, "reject")(
        local.strftime("%Y-%m-%dT%H:%M:%S.%f%z")
    ) == ms(moment)


@given(MOMENTS)
def test_a_local_time_is_one_of_the_moments_that_clocks_showed_it_at(moment: datetime) -> None:
    text = moment.astimezone(BERLIN).replace(tzinfo=None).isoformat()
    assert ms(moment) in {iso(BERLIN, "earlier")(text), iso(BERLIN, "later")(text)}
    assert iso(BERLIN, "earlier")(text) <= iso(BERLIN, "later")(text)


def test_the_commonest_format_is_read_like_any_other() -> None:
    form = "%Y-%m-%d %H:%M:%S"
    assert written(form, UTC_ZONE, "reject")("2018-04-01 00:00:31") == 1_522_540_831_000
    assert written(form, UTC_ZONE, "reject")("2018-4-1 0:00:31") == 1_522_540_831_000
    with pytest.raises(Wrong, match="not of the form"):
        written(form, UTC_ZONE, "reject")("2018-04-01T00:00:31")
    assert written("%d/%m/%Y %H:%M", BERLIN, "reject")("01/04/2018 02:00") == 1_522_540_800_000


def test_an_hour_that_is_twice_is_refused_or_taken_as_the_map_says() -> None:
    twice = "2018-10-28 02:30:00"
    assert iso(BERLIN, "earlier")(twice) == ms(datetime(2018, 10, 28, 0, 30, tzinfo=UTC))
    assert iso(BERLIN, "later")(twice) == ms(datetime(2018, 10, 28, 1, 30, tzinfo=UTC))
    with pytest.raises(Wrong) as wrong:
        iso(BERLIN, "reject")(twice)
    assert str(wrong.value) == (
        "2018-10-28 02:30:00 is twice in Europe/Berlin, where clocks change: "
        "'unclear: earlier' or 'later' in the map takes one"
    )


def test_an_hour_that_is_not_there_is_refused_or_taken_as_the_map_says() -> None:
    never = "2018-03-25 02:30:00"
    assert iso(BERLIN, "earlier")(never) == ms(datetime(2018, 3, 25, 0, 30, tzinfo=UTC))
    assert iso(BERLIN, "later")(never) == ms(datetime(2018, 3, 25, 1, 30, tzinfo=UTC))
    with pytest.raises(Wrong, match="02:30:00 is not there in Europe/Berlin"):
        iso(BERLIN, "reject")(never)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("yesterday", "'yesterday': no time in ISO 8601"),
        ("2018-04-01T00:00", "'2018-04-01 00:00:00' has no offset from UTC: give the map a 'zone'"),
        (1_522_540_831, "'1522540831': a number, where the map says a written time"),
        ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00+01:00 is out of the calendar"),
    ],
)
def test_what_is_no_time_is_told(cell: Any, why: str) -> None:
    with pytest.raises(Wrong) as wrong:
        iso(None, "reject")(cell)
    assert str(wrong.value) == why
