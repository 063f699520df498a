"""Where `risk diff`'s page puts the parts of its plots."""

from __future__ import annotations

from risk.cli.diff_page.charts import Bar, Mark, Pair, bars, columns, dumbbells


def test_dots_are_where_the_grid_says() -> None:
    plot = dumbbells([Pair("one", 0.25, 0.5, "", ""), Pair("two", 1, 0, "", "")], percent=True)
    at = {tick.text: tick.x for tick in plot.ticks}
    assert list(at) == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    one, two = plot.rows
    assert (one.a, one.b, one.way) == (at["25 %"], at["50 %"], "up")
    assert (two.a, two.b, two.way) == (at["100 %"], at["0 %"], "down")
    assert one.y < two.y < plot.bottom < plot.height


def test_a_plot_of_nothing_has_a_scale() -> None:
    assert dumbbells([], percent=False).ticks[0].text == "0"
    assert dumbbells([Pair("", 0, 0, "", "")], percent=True).ticks[-1].text == "1 %"
    assert [level.text for level in columns([], both=True).levels] == ["1", "10"]
    assert bars([]).rows == []


def test_the_longest_bar_fills_the_plot_and_the_least_is_seen() -> None:
    long, half, least = bars(
        [
            Bar("rule", "", 600, 400, "", "stricter"),
            Bar("rule", "", 0, 500, "", "stricter"),
            Bar("a rule of a very long name", "", 0.001, 0, "", "looser"),
        ]
    ).rows
    assert (long.part, long.both) == (0.6 * long.both, 2 * half.both)
    assert (half.part, least.both) == (0.0, 2.0)
    assert least.label == "a rule of a very lo…"


def test_each_power_of_ten_is_as_high_as_the_next() -> None:
    plot = columns([Pair("0", 0, 10, "", "low"), Pair("10", 1, 1_000, "", "high")], both=True)
    ys = {level.text: level.y for level in plot.levels}
    assert list(ys) == ["1", "10", "100", "1 k"]
    (none, ten), (one, thousand) = (group.columns for group in plot.groups)
    assert none.height == 0
    assert (one.y, ten.y, thousand.y) == (ys["1"], ys["10"], ys["1 k"])
    assert ten.y + ten.height == plot.bottom
    assert none.x < ten.x < plot.groups[0].middle + plot.column_width < one.x
    assert thousand.title == "high: 1,000"


def test_a_mark_is_between_the_columns_it_counts() -> None:
    groups = [Pair(str(low), 1, 1, "", "") for low in range(0, 100, 10)]
    plot = columns(groups, both=True, marks=[Mark(5, "a", "REVIEW 50"), Mark(5, "b", "")])
    a, b = plot.marks
    assert plot.groups[4].middle < a.x == b.x < plot.groups[5].middle
    assert a.y != b.y  # one text above the other
