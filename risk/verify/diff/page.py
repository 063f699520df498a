"""A comparison as one page that needs nothing else: no script, no font, no host."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from pathlib import Path

from risk.verify.diff import cards
from risk.verify.diff.examples import examples
from risk.verify.diff.report import Report, share

STYLE = Path(__file__).with_name("style.css")


def page(report: Report) -> str:
    """The HTML."""
    a, b = escape(report.a.tag), escape(report.b.tag)
    shown = [cards.moves(report), cards.causes(report), cards.scores(report), cards.shifts(report)]
    if report.labels:
        shown.append(cards.attacks(report, report.labels))
    shown += [cards.rules(report), cards.groups(report), examples(report)]
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{a} and {b}</title><style>{style}</style></head><body><main>"
        f'<h1><span class="a">{a}</span><span class="to">→</span><span class="b">{b}</span></h1>'
        f'<p class="lead">{_lead(report)}</p>'
        f'<div class="tiles">{_tiles(report)}</div>'
        f'<div class="cards">{"".join(shown)}</div>'
        f"<footer>{_footer(report)}</footer></main></body></html>\n"
    )


def _lead(report: Report) -> str:
    text = f"{report.events:,} events that both have decided"
    if report.first_event is not None and report.last_event is not None:
        text += f", from {_time(report.first_event)} to {_time(report.last_event)} UTC"
    alone = [
        f"{side.events - report.events:,} only by {escape(side.tag)}"
        for side in (report.a, report.b)
        if side.events > report.events
    ]
    return text + (f" ({', '.join(alone)}: left out)" if alone else "")


def _tiles(report: Report) -> str:
    tiles = [
        ("", f"{report.flips:,}", f"decisions differ, {share(report.flips, report.events):.2%}"),
        ("", f"{report.stricter:,} / {report.looser:,}", "stricter / looser"),
    ]
    if report.labels:
        a, b = report.labels.a, report.labels.b
        caught, alarms = b.caught - a.caught, b.false_alarms - a.false_alarms
        tiles += [
            (
                _good(caught),
                f"{b.recall:.1%}",
                f"of fraud flagged, was {a.recall:.1%} ({caught:+,} events)",
            ),
            (
                _good(b.precision - a.precision),
                f"{b.precision:.1%}",
                f"of flagged is fraud, was {a.precision:.1%}",
            ),
            (_good(-alarms), f"{b.false_alarms:,}", f"false alarms ({alarms:+,})"),
        ]
    kind = "bad" if report.unexplained else "good"
    tiles.append((kind, f"{report.unexplained:,}", "flips without an explanation"))
    return "".join(
        f'<div class="tile {kind}"><b>{value}</b><span>{escape(text)}</span></div>'
        for kind, value, text in tiles
    )


def _footer(report: Report) -> str:
    text = (
        f"{escape(report.a.tag)} is <code>{report.a.fingerprint[:12]}</code>, "
        f"{escape(report.b.tag)} is <code>{report.b.fingerprint[:12]}</code>. "
        "Flagged is REVIEW or BLOCK."
    )
    if report.labels:
        text += f" {report.labels.events:,} events have labels, {report.labels.fraud:,} are fraud."
    if report.other_features:
        text += f" {report.other_features:,} events had other features: not settled on one side."
    return text


def _good(change: float) -> str:
    return "good" if change > 0 else "bad" if change < 0 else ""


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M")
