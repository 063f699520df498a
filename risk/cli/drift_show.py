"""What a search for drift has found, as tables."""

from __future__ import annotations

from risk.audit.moments import shown
from risk.cli import tables
from risk.cli.common import console
from risk.cli.tables import Cell, Column, Styled, Table
from risk.verify.drift.compare import ORDER
from risk.verify.drift.levels import LEAST_ROWS, LEAST_VERDICTS, Level
from risk.verify.drift.measures import ShareInterval
from risk.verify.drift.report import Drift, Report, Span

STYLES: dict[Level, str] = {"much": "red", "some": "yellow", "none": "green", "too few": "dim"}


def show(report: Report) -> None:
    """Print it."""
    tables.show(console, _features(report), _whole(report))
    if report.buckets:
        tables.show(console, _buckets(report))


def _features(report: Report) -> Table:
    table = Table(
        Column("feature", least=24),
        "level",
        *(Column(name, right=True) for name in ("PSI", "KS")),
        *(Column(name, right=True, rank=1) for name in ("neutral then", "now")),
        *(Column(name, right=True, rank=2) for name in ("n then", "n now")),
        title=f"{report.ruleset}: features then and now",
    )
    for one in report.features:
        table.row(one.name, _level(one.level), *_moved(one), one.reference_n, one.current_n)
    if any(one.level == "too few" for one in report.features) or not report.features:
        table.note = f"too few: less than {LEAST_ROWS} payments that have it, then or now"
    return table


def _moved(one: Drift) -> tuple[Cell, ...]:
    neutral = f"{one.reference_neutral:.1%}", f"{one.current_neutral:.1%}"
    return _figure(one.psi), _figure(one.ks), *neutral


def _whole(report: Report) -> Table:
    then, now, decided = report.reference, report.current, report.decisions
    table = Table(
        Column("of all", least=10),
        *(Column(name, right=True) for name in ("then", "now")),
        Column("level"),
        *(Column(name, right=True, rank=1) for name in ("PSI", "distance")),
    )
    for name, at in (("from", "begin"), ("to", "end")):
        moments = (shown(getattr(side, at))[:16] for side in (then, now))
        table.row(name, *moments, None, None, None)
    zero = f"{report.score.reference_neutral:.1%}", f"{report.score.current_neutral:.1%}"
    score = report.score
    table.row("score of 0", *zero, _level(score.level), _figure(score.psi), _figure(score.ks))
    for number, name in enumerate(ORDER):
        shares = f"{decided.reference[name]:.2%}", f"{decided.current[name]:.2%}"
        figures = _level(decided.level), _figure(decided.psi), _figure(decided.total_variation)
        table.row(name, *shares, *(figures if number == 0 else (None, None, None)))
    table.row("payments/h", f"{then.per_hour:.1f}", f"{now.per_hour:.1f}", None, None, None)
    table.row("late", _late(then), _late(now), None, None, None)
    table.row("versions", _versions(then), _versions(now), None, None, None)
    precision = report.precision
    sides = _interval(precision.reference), _interval(precision.current)
    word = "apart" if precision.apart else "alike" if precision.reference else "too few"
    table.row("precision", *sides, word, None, None)
    verdicts = precision.reference_verdicts, precision.current_verdicts
    table.row("verdicts", *map(str, verdicts), None, None, None)
    table.note = (
        f"distance: KS of the score, total variation of decisions; precision: of {LEAST_VERDICTS} "
        f"verdicts or more, known within {_long(precision.age_ms)} of the payment"
    )
    return table


def _buckets(report: Report) -> Table:
    table = Table(
        "from",
        Column("payments", right=True),
        "level",
        Column("score PSI", right=True),
        Column("flagged", right=True, rank=1),
        Column("moved most", least=12),
        Column("its PSI", right=True),
        title="parts of now, each against all of then",
    )
    for one in report.buckets:
        table.row(
            shown(one.span.begin)[:16],
            one.span.payments,
            _level(one.level),
            _figure(one.score_psi),
            f"{one.flagged:.1%}",
            one.feature,
            _figure(one.feature_psi),
        )
    return table


def _level(level: Level) -> Styled:
    return Styled(level, STYLES[level])


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _interval(found: ShareInterval | None) -> str:
    if found is None:
        return ""
    return f"{found.share:.0%} ({100 * found.low:.0f}-{100 * found.high:.0f})"


def _late(span: Span) -> str:
    return f"{span.late / max(1, span.late + span.payments):.2%}"


def _versions(span: Span) -> str:
    return ",".join(map(str, span.versions))


def _long(ms: int) -> str:
    for unit, name in ((86_400_000, "days"), (3_600_000, "hours")):
        if ms >= 2 * unit:
            return f"{ms // unit} {name}"
    return f"{ms // 60_000} minutes"
