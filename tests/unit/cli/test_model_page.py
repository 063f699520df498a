"""The page of `risk model evaluate --html`: it needs nothing else, and what it is told is text."""

from __future__ import annotations

import re

import msgspec
import numpy as np
import pytest

from risk.cli.models.lines import Axis, Mark, lines
from risk.cli.models.page import page
from risk.verify.quality.evaluation import Asked, Evaluation, evaluate
from tests.unit.cli.test_diff_page import HOSTILE, Parsed
from tests.unit.verify.training_sets import loaded


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    found = loaded(tmp_path_factory.mktemp("page"))
    scores = np.random.default_rng(1).integers(0, 1_001, len(found.fraud))
    return evaluate("card", "forest", found, scores, Asked(resamples=20), "best")


def numbers(text: str) -> list[float]:
    return [float(one) for one in re.findall(r"-?[\d.]+", text)]


def test_it_shows_figures_plots_and_groups(judged: Evaluation) -> None:
    text = page(judged)
    assert text.count("<svg") == 5
    assert text.count("<polyline") == 3
    for part in (
        "<title>card</title>",
        "average precision",
        "by 20 resamples of users",
        "country DE",
        "Too few frauds to be judged: country",
        "the best F1 on these payments",
        "EUR in minor units",
    ):
        assert part in text
    assert "nan" not in text.lower()
    assert not re.search(r"(?:src|href)=|<script|@import|url\(", text)


def test_every_line_is_within_its_plot(judged: Evaluation) -> None:
    found = re.findall(
        r'<svg viewBox="0 0 (\d+) (\d+)"[^>]*>.*?<polyline class="curve" points="([^"]*)"',
        page(judged),
        re.DOTALL,
    )
    for width, height, points in found:
        along = numbers(points)
        assert all(0 <= x <= float(width) for x in along[::2])
        assert all(0 <= y <= float(height) for y in along[1::2])
        assert along[::2] == sorted(along[::2])


def test_an_isolation_forest_has_no_reliability(judged: Evaluation) -> None:
    text = page(msgspec.structs.replace(judged, kind="isolation", reliability=[]))
    assert "Scores of an isolation forest are no probabilities." in text
    assert text.count("<svg") == 4


@pytest.mark.parametrize("text", HOSTILE)
def test_what_it_is_told_is_text(judged: Evaluation, text: str) -> None:
    told = msgspec.structs.replace(
        judged,
        model=text,
        kind=text,
        groups=[msgspec.structs.replace(one, name=text) for one in judged.groups],
        small=[msgspec.structs.replace(one, name=text) for one in judged.small],
        money=msgspec.structs.replace(judged.money, currency=text),
    )
    assert Parsed(page(told)).tags == Parsed(page(judged)).tags


def test_where_a_line_goes() -> None:
    points = [(0.0, 0.0), (0.5, 1.0), (1.0, 0.25), (1.5, 9.0)]
    found = lines(points, Axis("x", most=1), Axis("y", most=1), [Mark(1, 0.25, "end")])
    assert found.points == "52.0,232.0 270.0,10.0 488.0,176.5"
    (dot,) = found.dots
    assert (dot.x, dot.y, dot.anchor) == (488.0, 176.5, "end")
    assert [tick.text for tick in found.ticks] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    counted = lines([(0.0, 0.0), (900.0, 4e6)], Axis("x", False), Axis("y", False))
    assert [level.text for level in counted.levels] == ["0", "1 M", "2 M", "3 M", "4 M"]
