"""More than a hundred thousand events through the whole pipeline, and every output compared."""

from __future__ import annotations

from tests.e2e.test_verify import every_output_is_exact
from tests.pipeline import Pipeline

EVENTS = 104_000


def test_a_hundred_thousand_events(pipeline: Pipeline) -> None:
    every_output_is_exact(pipeline, EVENTS)
