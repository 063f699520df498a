"""What a model is worth as one page that needs nothing else, like that of `risk diff`."""

from __future__ import annotations

from pathlib import Path

from risk.cli.diff_page.charts import Pair, columns, dumbbells
from risk.cli.diff_page.page import environment
from risk.cli.diff_page.shapes import Columns, Dumbbells
from risk.cli.diff_page.tiles import Tile
from risk.cli.models.lines import Axis, Lines, Mark, lines
from risk.cli.models.show import BY, name_of, spread
from risk.verify.quality.card import plain
from risk.verify.quality.curve_tables import Point
from risk.verify.quality.evaluation import OF_GROUPS, Evaluation

TEMPLATES = Path(__file__).with_name("templates")
FALSE_POSITIVES = 0.05  # that the curve shows: nobody can look at more


def page(found: Evaluation) -> str:
    """The HTML. Everything that it is told is text: markup in it is escaped."""
    return (
        environment(TEMPLATES)
        .get_template("evaluation.html")
        .render(
            found=found,
            by=BY[found.threshold_by],
            tiles=_tiles(found),
            figures={name_of(name): spread(one) for name, one in found.figures.items()},
            card_precision=plain(found.card_precision_100),
            roc=_roc(found),
            precision=_precision(found),
            scores=_scores(found),
            reliability=_reliability(found),
            cost=_cost(found),
            of_groups=[name_of(name) for name in OF_GROUPS],
            groups=[
                (one, [spread(one.figures[name]) for name in OF_GROUPS]) for one in found.groups
            ],
        )
    )


def _tiles(found: Evaluation) -> list[Tile]:
    chosen, cheapest = found.money.chosen, found.money.cheapest
    return [
        *(
            Tile("", plain(found.figures[name].value), name_of(name))
            for name in ("auc_roc", "average_precision", "recall_at_fpr_0.01")
        ),
        Tile("", str(found.threshold), f"the threshold: {BY[found.threshold_by]}"),
        Tile("", f"{chosen.cost:,.0f}", f"its cost, {found.money.currency} in minor units"),
        Tile("", f"{cheapest.cost:,.0f}", f"the least, from {cheapest.threshold} on"),
    ]


def _roc(found: Evaluation) -> Lines:
    """The part of the ROC curve that matters: where few of the honest are flagged."""
    points = [(0.0, 0.0), *((one.false_positives, one.recall) for one in found.curve)]
    inside = [point for point in points if point[0] <= FALSE_POSITIVES]
    beyond = points[len(inside) :]
    if beyond:  # the line goes on to the edge of the plot
        (x, y), (far, high) = inside[-1], beyond[0]
        inside.append((FALSE_POSITIVES, y + (high - y) * (FALSE_POSITIVES - x) / (far - x)))
    marks = [Mark(one.false_positives, one.recall, "threshold") for one in _chosen(found)]
    axis = Axis("honest payments flagged", most=FALSE_POSITIVES)
    return lines(inside, axis, Axis("frauds found", most=1), marks)


def _precision(found: Evaluation) -> Lines:
    points = [(one.recall, one.precision) for one in found.curve if one.recall]
    marks = [Mark(one.recall, one.precision, "threshold") for one in _chosen(found)]
    return lines(points, Axis("frauds found", most=1), Axis("fraud of the flagged", most=1), marks)


def _chosen(found: Evaluation) -> list[Point]:
    """The lowest score that is flagged, if any is."""
    return [one for one in found.curve if one.threshold >= found.threshold][-1:]


def _scores(found: Evaluation) -> Columns:
    """Side a is honest, b is fraud."""
    steps = [
        Pair(str(one.low), one.honest, one.fraud, "", f"payments with a score from {one.low} on")
        for one in found.scores
    ]
    return columns(steps, True)


def _reliability(found: Evaluation) -> Dumbbells | None:
    """Side a is what scores say, b what there was; none unless scores are probabilities."""
    pairs = [
        Pair(
            f"{one.low}–{one.high}" if one.low < one.high else str(one.low),
            one.predicted,
            one.observed,
            f"{one.payments:,}",
            f"{one.payments:,} payments: {one.predicted:.4f} predicted, {one.observed:.4f} fraud",
        )
        for one in found.reliability
    ]
    return dumbbells(pairs, True) if pairs else None


def _cost(found: Evaluation) -> Lines:
    money = found.money
    by_threshold = {
        float(one.threshold): one.cost for one in (*money.curve, money.cheapest, money.chosen)
    }
    points = sorted(by_threshold.items())
    marks = [
        Mark(one.threshold, one.cost, text)
        for one, text in ((money.cheapest, "cheapest"), (money.chosen, "in use"))
    ]
    return lines(
        points,
        Axis("threshold", percent=False, most=1_001),
        Axis("cost", percent=False),
        marks if money.cheapest != money.chosen else marks[:1],
    )
