"""All that any job may need, loaded while it is there.

An interpreter outlives the folder that its code was unpacked in: after a failure Flink unpacks the
code elsewhere, and what had not been imported by then is gone. And after the JobManager has been
away, a job may come to a TaskManager that another job ran on.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from sinks import registry

OPERATORS: Final = ("score", "user", "ip", "key", "device", "deliver")


def load_all() -> None:
    """Import every operator and all that is delivered to; what is imported stays."""
    for name in OPERATORS:
        import_module(f"flink_jobs.operators.{name}")
    for one in registry.deliveries():
        one.load()
