"""The short run of what `python -m tests.fuzz` does for hours: the corpus, and a few inputs."""

from __future__ import annotations

import pytest

from tests.fuzz.large import Large, large
from tests.fuzz.run import Run
from tests.fuzz.target import CORPUS
from tests.fuzz.targets import NAMES, target

INPUTS = 200
YAML = ("rule", "ruleset", "features", "settings", "imports", "scoring")  # read at 100 kB/s


def found(run: Run) -> str:
    return "\n".join(f"{one.told}\n{one.data[:500]!r}" for one in run.findings.values())


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_what_is_promised_comes_of_hostile_input(name: str) -> None:
    run = Run(target(name), seed=7)
    for data in run.inputs(50 if name in YAML else INPUTS):
        run.take(data)
    assert not run.findings, found(run)
    assert run.figures.accepted, "no input is right: nothing behind the first check is reached"


@pytest.mark.parametrize("one", [*large()], ids=lambda one: f"{one.target}: {one.about}")
def test_a_large_input_takes_no_longer_than_its_length_says(one: Large) -> None:
    run = Run(target(one.target), seed=0)
    run.take(one.data)
    assert not run.findings, found(run)


def test_every_target_has_a_corpus() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(NAMES)
