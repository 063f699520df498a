"""The page's table of flips, in full."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from risk.verify.diff.report import Example, Report


def examples(report: Report) -> str:
    """A card with the flips of the report; empty if there are none."""
    if not report.examples:
        return ""
    head = "".join(
        f'<th class="{kind}">{text}</th>'
        for text, kind in (
            ("event", ""),
            ("when, UTC", ""),
            ("amount", "r"),
            ("from", ""),
            (escape(report.a.tag), ""),
            (escape(report.b.tag), ""),
            ("because", ""),
            ("truth", ""),
        )
    )
    rows = "".join(_row(example, report.labels is not None) for example in report.examples)
    return (
        '<section class="card wide"><h2>Decisions that differ most</h2>'
        f'<p class="note">{len(report.examples)} of {report.flips:,}, by how far their scores '
        f'moved.</p><div class="scroll"><table><tr>{head}</tr>{rows}</table></div></section>'
    )


def _row(example: Example, labelled: bool) -> str:
    when = datetime.fromtimestamp(example.event_time / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    amount = "" if example.amount is None else f"{example.amount / 100:,.2f} {example.currency}"
    place = " ".join(part for part in (example.country, example.channel) if part)
    causes = "<br>".join(escape(cause) for cause in example.causes) or "not explained"
    truth = ""
    if labelled and example.fraud is not None:
        truth = escape((example.attack or "fraud").replace("_", " ")) if example.fraud else "honest"
    cells = (
        f"<code>{escape(example.event_id)}</code><br>"
        f'<span class="note">{escape(example.user_id)}</span>',
        when,
        escape(amount),
        escape(place),
        _decision(example.a_score, example.a_decision),
        _decision(example.b_score, example.b_decision),
        causes,
        truth,
    )
    shown = (f'<td class="{"r" if at == 2 else ""}">{cell}</td>' for at, cell in enumerate(cells))
    return f"<tr>{''.join(shown)}</tr>"


def _decision(score: int, decision: str) -> str:
    return f'{score} <span class="badge {decision}">{decision}</span>'
