"""The project in a copy that a test may change, and scoring jobs that run a copy's code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

from risk.config.settings import Settings
from risk.paths import ROOT
from risk.stack.process import Home
from tests.pipeline import risk

NEEDED = ("flink_jobs", "generator", "risk", "rules", "sinks", "sql")


class Submitted(NamedTuple):
    """The id of a job that runs, and all that was printed when it was submitted."""

    job: str
    output: str


def copied(root: Path) -> Path:
    """Copy into an empty folder what jobs are submitted with and consist of; that folder."""
    for name in NEEDED:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "risk.yaml", root)
    (root / ".jars").symlink_to(ROOT / ".jars")
    (root / "build").mkdir()
    return root


def submit_score(settings: Settings, home: Home, *flags: str, root: Path = ROOT) -> Submitted:
    """`risk submit score …`, of the project in `root`, on the stack whose data is in `home`."""
    where = {"RISK_DATA_DIR": str(home.path)}
    done = risk(settings, "submit", "score", *flags, root=root, environment=where)
    assert done.returncode == 0, done.stderr
    found = re.search(r"^job (\w+) runs", done.stdout, re.MULTILINE)
    assert found
    return Submitted(found[1], done.stdout + done.stderr)
