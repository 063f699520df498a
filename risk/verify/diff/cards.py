"""The page's cards, each with a plot or a table."""

from __future__ import annotations

from html import escape

from risk.verify.diff.causes import ORDER, cause_name
from risk.verify.diff.charts import WHOLE, Bar, Mark, Pair, bars, columns, dumbbells
from risk.verify.diff.report import Group, Labels, Report, share

CAUSES = 16
GROUPS = 8  # of each kind
KINDS = {"source": "Sources", "country": "Countries", "channel": "Channels"}
THIRD, SHORT_LABEL = 326, 92


def moves(report: Report) -> str:
    """What became of each decision."""
    found = {(move.a, move.b): move for move in report.moves}
    rows = []
    for i, a in enumerate(ORDER):
        cells = []
        for j, b in enumerate(ORDER):
            move = found.get((a, b))
            count, fraud = (move.events, move.fraud) if move else (0, 0)
            strength = min(0.6, 0.12 + 1.6 * share(count, report.flips)) if count else 0
            colour = "--line" if i == j else "--stricter" if j > i else "--looser"
            shade = 55 if i == j else round(100 * strength)
            small = f"<small>{fraud:,} fraud</small>" if report.labels and count else ""
            cells.append(
                f'<td style="background:color-mix(in srgb, var({colour}) {shade}%, transparent)">'
                f"{count:,}{small}</td>"
            )
        rows.append(f'<tr><th><span class="badge {a}">{a}</span></th>{"".join(cells)}</tr>')
    head = "".join(f'<th class="r"><span class="badge {b}">{b}</span></th>' for b in ORDER)
    return _card(
        "What became of decisions",
        f"Rows: under {report.a.tag}. Columns: under {report.b.tag}.",
        f'<table class="matrix"><tr><th></th>{head}</tr>{"".join(rows)}</table>',
    )


def causes(report: Report) -> str:
    """What had a part in flips."""
    found = []
    for cause in report.causes[:CAUSES]:
        for kind, count, of_fraud in (
            ("stricter", cause.stricter, cause.stricter_fraud),
            ("looser", cause.looser, cause.looser_fraud),
        ):
            if not count:
                continue
            fraud = of_fraud if report.labels else count
            text = f"{count:,}" + (f", {fraud:,} fraud" if report.labels else "")
            label = cause.rule or "thresholds"
            small = cause_name(cause) if cause.rule else _thresholds(report)
            found.append(Bar(label, small, fraud, count - fraud, text, kind))
    legend = '<i class="i-s"></i>stricter|<i class="i-l"></i>looser'
    if report.labels:
        legend += '|<i class="i-rest"></i>pale: honest events'
    return _card(
        "Why decisions differ",
        "Every flip has at least one cause, and may have several.",
        _legend(legend) + bars(found) if found else "<p>No decision differs.</p>",
    )


def scores(report: Report) -> str:
    """How many events have which score."""
    found = []
    for step in report.steps:
        upto = step.low + 9 if step.low < 90 else 100
        label = f"{step.low}–{upto}"
        found.append(Pair(str(step.low), step.a, step.b, "", f"events with a score of {label}"))
    marks = []
    for side, version in (("a", report.a), ("b", report.b)):
        marks.append(Mark(version.review / 10, side, f"REVIEW {version.review}"))
        marks.append(Mark(version.block / 10, side, f"BLOCK {version.block}"))
    return _card(
        "Scores",
        "Events by score, in steps of 10. Each line of the scale is ten times the one below.",
        _sides(report) + columns(found, True, marks),
    )


def shifts(report: Report) -> str:
    """By how much scores moved."""
    moved = {shift.upto: shift.events for shift in report.shifts if shift.upto}
    steps = range(min(moved, default=0), max(moved, default=0) + 1, 10)
    found = [
        Pair(
            f"{upto:+d}", 0, moved.get(upto, 0), "", f"scores that moved by up to {upto:+d} points"
        )
        for upto in steps
        if upto
    ]
    body = columns(found, False) if moved else "<p>No score differs.</p>"
    return _card(
        "How far scores moved",
        f"{report.shifted:,} of {report.events:,} scores differ; over all they move by "
        f"{report.mean_shift:+.2f} points on average. Events by points, in steps of 10.",
        body,
    )


def attacks(report: Report, labels: Labels) -> str:
    """How much of each attack is flagged, and blocked."""
    flagged: list[Pair] = []
    blocked: list[Pair] = []
    for attack in labels.attacks:
        name = attack.name.replace("_", " ")
        for pairs, what, a, b, text in (
            (
                flagged,
                "flagged",
                attack.a_flagged,
                attack.b_flagged,
                _change(attack.gained, attack.lost),
            ),
            (
                blocked,
                "blocked",
                attack.a_blocked,
                attack.b_blocked,
                _difference(attack.b_blocked - attack.a_blocked),
            ),
        ):
            title = f"{name}: {b:,} of {attack.events:,} events {what}, was {a:,}"
            shares = share(a, attack.events), share(b, attack.events)
            pairs.append(Pair(name, *shares, text, title))
    note = "Share of each attack's events that is {}, and by how many events that changed."
    return _card(
        "Attacks, flagged", note.format("flagged"), _sides(report) + dumbbells(flagged, True)
    ) + _card("Attacks, blocked", note.format("blocked"), _sides(report) + dumbbells(blocked, True))


def rules(report: Report) -> str:
    """How often each rule hits."""
    pairs = [
        Pair(
            rule.rule.replace("_", " "),
            rule.a,
            rule.b,
            _difference(rule.b - rule.a),
            f"{rule.rule}: {rule.a:,} hits, {rule.a_fraud:,} of them fraud; then {rule.b:,}, "
            f"{rule.b_fraud:,} of them fraud",
        )
        for rule in sorted(report.rules, key=lambda rule: -max(rule.a, rule.b))
    ]
    body = _sides(report) + dumbbells(pairs, False, WHOLE)
    return _card("Rules", "How many events each rule hits, and the change.", body, wide=True)


def groups(report: Report) -> str:
    """A plot for each kind of group, beside one another."""
    plots = []
    for kind, title in KINDS.items():
        found = [group for group in report.groups if group.kind == kind][:GROUPS]
        pairs = [
            Pair(
                group.name or "unknown",
                *_shares(group),
                f"{group.flips:,}",
                f"{group.name}: {group.b_flagged:,} of {group.events:,} flagged, was "
                f"{group.a_flagged:,}; false alarms {group.b_false:,}, was {group.a_false:,}",
            )
            for group in found
        ]
        plots.append(f"<div><h3>{title}</h3>{dumbbells(pairs, True, THIRD, SHORT_LABEL)}</div>")
    note = "Share of the events that is flagged, and how many decisions differ."
    body = f'{_sides(report)}<div class="thirds">{"".join(plots)}</div>'
    return _card("Groups", note, body, wide=True)


def _shares(group: Group) -> tuple[float, float]:
    return share(group.a_flagged, group.events), share(group.b_flagged, group.events)


def _thresholds(report: Report) -> str:
    a, b = report.a, report.b
    return f"{a.review}/{a.block} → {b.review}/{b.block}"


def _sides(report: Report) -> str:
    a, b = escape(report.a.tag), escape(report.b.tag)
    return _legend(f'<i class="i-a"></i>{a}|<i class="i-b"></i>{b}')


def _legend(items: str) -> str:
    return f'<div class="legend">{"".join(f"<span>{x}</span>" for x in items.split("|"))}</div>'


def _card(title: str, note: str, body: str, wide: bool = False) -> str:
    kind = "card wide" if wide else "card"
    return (
        f'<section class="{kind}"><h2>{escape(title)}</h2><p class="note">{escape(note)}</p>'
        f"{body}</section>"
    )


def _change(gained: int, lost: int) -> str:
    return (
        " ".join(
            part
            for part in (f"+{gained:,}" if gained else "", f"−{lost:,}" if lost else "")
            if part
        )
        or "="
    )


def _difference(count: int) -> str:
    return f"{count:+,}" if count else "="
