"""A job comes to an interpreter that another job's code was unpacked for, and whose folder went."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from risk.ops.jobs import build_zip

PROGRAM = """
import importlib, shutil, sys
code, first, loads = sys.argv[1:]
sys.path.insert(0, code)
importlib.import_module(f"flink_jobs.operators.{first}")
from flink_jobs.loaded import OPERATORS, load_all
assert sys.modules["flink_jobs"].__file__.startswith(code)
if loads == "all":
    load_all()
shutil.rmtree(code)
for name in OPERATORS:
    importlib.import_module(f"flink_jobs.operators.{name}")
from risk.config import settings
from sinks import registry
for one in registry.deliveries():
    one.load().create(settings.parse("", {}))
"""


def run(tmp_path: Path, first: str, loads: str) -> subprocess.CompletedProcess[str]:
    with zipfile.ZipFile(build_zip()) as archive:
        archive.extractall(tmp_path / "code")
    command = (sys.executable, "-P", "-c", PROGRAM, str(tmp_path / "code"), first, loads)
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("first", ["deliver", "score", "ip"])
def test_any_job_finds_what_it_needs(tmp_path: Path, first: str) -> None:
    done = run(tmp_path, first, "all")
    assert done.returncode == 0, done.stderr


def test_without_that_it_would_not(tmp_path: Path) -> None:
    assert "No module named 'flink_jobs.operators." in run(tmp_path, "deliver", "own").stderr
