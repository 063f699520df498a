"""That fuzzing finds what there is to find: else its silence says nothing."""

from __future__ import annotations

import time
from itertools import islice

import pytest

from tests.fuzz import drive
from tests.fuzz.mutate import Mutator
from tests.fuzz.run import TIME_S, Run, TooLarge, TooSlow, bounded
from tests.fuzz.target import Target, joined, parts
from tests.fuzz.targets import target


def run_of(once: object) -> Run:
    found = Run(Target("made_up", once, (ValueError,), (b"{}",)), 1)  # type: ignore[arg-type]
    found.take(b"x")
    return found


def test_what_is_allowed_is_no_finding() -> None:
    def once(data: bytes) -> None:
        raise ValueError(data)

    run = run_of(once)
    assert (run.findings, run.figures.inputs, run.figures.accepted) == ({}, 1, 0)


def test_another_error_is_one_finding_however_often_and_its_shortest_input_is_kept() -> None:
    def once(data: bytes) -> None:
        raise KeyError(data)

    run = run_of(once)
    for data in (b"longer", b"", b"y"):
        run.take(data)
    (finding,) = run.findings.values()
    assert (finding.times, finding.data) == (4, b"")
    assert finding.signature == "KeyError at tests/unit/fuzz/test_run.py:once"


def test_an_input_that_takes_too_long_is_a_finding() -> None:
    def once(data: bytes) -> None:
        while True:
            pass

    begun = time.process_time()
    (finding,) = run_of(once).findings.values()
    assert finding.signature.startswith(TooSlow.__name__)
    assert time.process_time() - begun < 3 * TIME_S


def test_an_input_that_takes_too_much_memory_is_a_finding() -> None:
    def once(data: bytes) -> None:
        assert len(b"x" * (400 << 20)) > 0

    assert len(b"y" * (800 << 20)) > 0  # a peak from before hides nothing
    assert next(iter(run_of(once).findings)).startswith(TooLarge.__name__)


def test_what_is_quick_is_left_alone() -> None:
    with bounded(0.05):
        pass
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass


def test_the_same_seed_makes_the_same_inputs() -> None:
    one = target("rule")
    first, second, other = ([*islice(Run(one, seed).inputs(60), 60)] for seed in (1, 1, 2))
    assert first == second != other


@pytest.mark.parametrize("name", ["payment", "ruleset", "settings", "imports"])
def test_inputs_stay_within_their_bound(name: str) -> None:
    one = target(name)._replace(most=500)
    mutator = Mutator(one, 3)
    assert all(len(mutator.next(one.seeds)) <= 500 for _ in range(200))


def test_the_files_of_an_input() -> None:
    files = {"a": "1\n2", "b/c": ""}
    assert parts(joined(files)) == {"a": b"1\n2", "b/c": b""}
    assert parts(b"x\n=== a\ny", "head") == {"head": b"x", "a": b"y"}


def test_the_input_that_took_the_process_down_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, "BUILD", drive.BUILD / "test")
    monkeypatch.setattr(drive, "CHILD", "tests.unit.fuzz.dying")
    found = drive.drive("control", 1, 1, 60, lambda name, figures: None)
    (finding,) = found.findings
    assert (finding.data, finding.signature) == (b"deadly", "the process ended by signal 9")
    assert (drive.ROOT / found.files[0]).read_bytes() == b"deadly"
