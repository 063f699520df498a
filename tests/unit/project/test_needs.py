"""A test that is skipped is told of, and fails where all are to run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import needs

ROOT = Path(__file__).parents[3]
TESTS = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import pytest
from tests.needs import MACHINE, PACKAGES, program
PACKAGES["no-such-program"] = "no-such-package"

def test_lacks_a_program():
    program("no-such-program")

@pytest.mark.skipif(True, reason="some reason")
def test_marked():
    pass

def test_on_another_machine():
    pytest.skip(MACHINE + "no such kernel")

@pytest.mark.xfail(reason="known", strict=True)
def test_expected_to_fail():
    assert False

def test_that_runs():
    pass
"""
HOOKS = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.skips import (
    pytest_make_collect_report,
    pytest_runtest_makereport,
    pytest_terminal_summary,
)
"""
REASONS = [
    "no-such-program is missing (Debian: apt-get install no-such-package)",
    "some reason",
    "this machine: no such kernel",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(HOOKS)
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "test_module.py").write_text(
        "import pytest\npytest.skip('a whole module', allow_module_level=True)\n"
    )
    return tmp_path


def run(project: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", ".", *args)
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_what_was_skipped_is_noted(project: Path, processes: tuple[str, ...]) -> None:
    noted = project / "noted"
    for _ in range(2):
        done = run(project, *processes, TESTS_SKIPPED=str(noted))
        assert done.returncode == 0, done.stdout
    found = noted.read_text().splitlines()
    assert sorted(set(found)) == sorted([*REASONS, "a whole module"])
    assert len(found) == 8
    last = subprocess.run(
        (sys.executable, ROOT / "tests" / "needs.py", noted), capture_output=True, text=True
    ).stdout
    assert last.startswith("NOT EVERY TEST RAN: 8 skipped: 2 x a whole module; 2 x ")
    assert "; 2 x no-such-program is missing (Debian: apt-get install no-such-package); " in last
    assert last.count("\n") == 1


def test_where_all_are_to_run_only_the_machine_may_be_lacking(project: Path) -> None:
    done = run(project, "--ignore", "test_module.py", "-rf", TESTS_COMPLETE="1")
    assert done.returncode == 1
    assert "1 failed, 1 passed, 1 skipped, 1 xfailed, 1 error" in done.stdout
    for reason in REASONS[:2]:
        assert f"skipped, but TESTS_COMPLETE is set: {reason}" in done.stdout


def test_where_all_are_to_run_no_module_is_left_out(project: Path) -> None:
    done = run(project, "test_module.py", TESTS_COMPLETE="1")
    assert done.returncode != 0
    assert "skipped, but TESTS_COMPLETE is set: a whole module" in done.stdout


def test_when_nothing_was_skipped_that_is_said() -> None:
    assert needs.summary([]) == "every test ran: none was skipped"


def test_each_missing_program_is_told_as_its_package() -> None:
    assert needs.missing(lambda name: None if "prom" in name else name) == ["prometheus"]
    assert needs.missing(lambda name: name) == []
    assert "util-linux" in needs.missing(lambda _: None)


def test_no_test_is_skipped_for_want_of_a_program_in_a_way_of_its_own() -> None:
    """So that none is missing from what CI installs."""
    own = {"needs.py", "skips.py", Path(__file__).name}
    for path in (ROOT / "tests").rglob("*.py"):
        if path.name not in own:
            assert not re.search(r"\bwhich\(|importorskip", path.read_text()), path


def test_make_test_ends_with_what_was_skipped() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\ntest:")[2].partition("\n\n")[0]
    assert recipe.splitlines()[-1] == "\t@$(BIN)/python tests/needs.py $(SKIPPED)"
    assert recipe.count("TESTS_SKIPPED=$(SKIPPED) $(BIN)/pytest") == recipe.count("/pytest")
