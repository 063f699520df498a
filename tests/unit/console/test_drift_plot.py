"""The bars and the plot of drift: nothing outside of them, and what has moved most first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from risk.console.pages.drift import HEIGHT, MOST, WIDTH, bars, plot
from risk.registry.drift import Point
from risk.verify.drift.kept import Kept
from tests.unit.console.drift import report
from tests.unit.console.test_rules_pages import rendered, tags
from tests.unit.console.test_templates import EVIL

END = datetime(2026, 3, 8, 12, tzinfo=UTC)
PSIS = st.none() | st.floats(0, 20)


@given(PSIS, st.integers(1, 40))
def test_the_score_comes_first_and_no_bar_is_too_long(psi: float | None, features: int) -> None:
    found = bars(Kept(END, report(psi, features)))
    assert [bar.one.name for bar in found[:2]] == ["score", "user_count_5m"]
    assert len(found) == 1 + min(MOST, features)
    widths = [bar.width for bar in found]
    assert all(0 <= width <= 100 for width in widths)
    assert widths == sorted(widths, reverse=True)


@given(st.lists(st.tuples(st.integers(-200, 10), PSIS, PSIS)))
def test_each_report_of_the_last_seven_days_stands_in_the_plot(
    reports: list[tuple[int, float | None, float | None]],
) -> None:
    points = [
        Point(END + timedelta(hours=hours), "none", score, "x", feature)
        for hours, score, feature in reports
    ]
    found = plot(points, END)
    assert len(found.dots) == sum(-168 <= hours <= 0 for hours, *_ in reports)
    for dot in found.dots:
        assert 0 <= dot.x <= WIDTH
        assert 0 <= dot.score <= HEIGHT
        assert 0 <= dot.feature <= HEIGHT
    some, much = found.limits
    assert 0 < some < much < HEIGHT


@given(PSIS)
def test_the_page_of_models_shows_it_as_text(psi: float | None) -> None:
    kept = Kept(END, replace(report(psi), ruleset=EVIL))
    hours = [END - timedelta(hours=2), END - timedelta(hours=1)]
    page = rendered(
        "models/index.html",
        models=[],
        deployments=[],
        active=None,
        kept=kept,
        age_s=60.0,
        bars=bars(kept),
        plot=plot([Point(at, "some", psi, EVIL, psi) for at in hours], END),
        every_s=3_600.0,
    )
    assert "img" not in tags(page).tags
    assert "By the hour" in page
