"""A metric as Prometheus shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["counter", "gauge", "histogram"]

# Flink puts a metric's scope before its name; ours are those of an operator, in the group "risk".
OPERATOR: Final = "flink_taskmanager_job_task_operator_risk_"
LE: Final = "le"  # the label of a histogram's buckets: the upper bound


@dataclass(frozen=True)
class Metric:
    """One metric, as Prometheus shows it. A counter's name ends in `_total`.

    With a `scope` it is a Flink job's: then `exported` is its name in Prometheus.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    scope: str = ""

    @property
    def exported(self) -> str:
        """The name of its series; of a histogram, those of its buckets.

        Flink's reporter puts the labels' names before the name, and calls everything a gauge.
        """
        if self.kind != "histogram":
            return self.scope + self._groups(self.labels) + self.name
        return self.scope + self._groups((*self.labels, LE)) + f"{self.name}_bucket"

    def _groups(self, labels: tuple[str, ...]) -> str:
        return "".join(f"{label}_" for label in labels) if self.scope else ""


def of_operator(name: str, kind: Kind, help: str, *labels: str) -> Metric:
    """A metric of an operator of ours, in a Flink job."""
    return Metric(name, kind, help, labels, OPERATOR)
