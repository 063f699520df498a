"""PromQL over the registry's names."""

from __future__ import annotations

from risk.config.metric_names import Metric

RANGE = "$__rate_interval"  # Grafana puts four scrapes here, or more where the graph is coarse


def select(metric: Metric | str, **matchers: str) -> str:
    """A metric's series. A matcher's text has its operator: `kind='="live"'`."""
    name = metric.exported if isinstance(metric, Metric) else metric
    inner = ", ".join(f"{label}{matcher}" for label, matcher in matchers.items())
    return f"{name}{{{inner}}}" if inner else name


def per_second(metric: Metric | str, *by: str, **matchers: str) -> str:
    """How much a counter grows in a second, summed but for the labels in `by`."""
    return total(f"rate({select(metric, **matchers)}[{RANGE}])", *by)


def total(expression: str, *by: str) -> str:
    """The sum, but for the labels in `by`."""
    return f"sum by ({', '.join(by)}) ({expression})" if by else f"sum({expression})"


def quantile(share: float, metric: Metric, *by: str) -> str:
    """The value that this share of a histogram's values doesn't exceed."""
    inner = total(f"rate({select(metric)}[{RANGE}])", "le", *by)
    return f"histogram_quantile({share:g}, {inner})"
