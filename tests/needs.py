"""What tests need that `make setup` doesn't bring: programs, and the Debian packages they are in.

`python3 tests/needs.py` prints the packages of those that are missing, one a line, for .ci/run. It
runs before there is a virtual environment, so only the standard library is imported up here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# The program to the package that has it, in Debian 12 and 13.
PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "docker-compose": "docker-compose",
    "openssl": "openssl",
    "setpriv": "util-linux",
    "git": "git",
    "chromium": "chromium",
}

ROOT = Path(__file__).parents[1]
# Set where no test may be skipped for want of something that can be had, as in CI.
COMPLETE = "TESTS_COMPLETE"
# The file that gets the reason of each skipped test, a line each.
NOTED = "TESTS_SKIPPED"
# So begins the reason of a skip that nothing mends on the machine where it happens.
MACHINE = "this machine: "


def program(name: str) -> str:
    """Where the program is. The test is skipped if it is missing, and how to get it is said."""
    found = shutil.which(name)
    if found is None:
        import pytest

        pytest.skip(wanted(name))
    return found


def wanted(name: str) -> str:
    """The reason for skipping a test that can't do without the program."""
    return f"{name} is missing (Debian: apt-get install {PACKAGES[name]})"


def airflow() -> Path:
    """The Python of the environment that Airflow is in. The test is skipped without it."""
    found = ROOT / ".venv-airflow" / "bin" / "python"
    if not found.with_name("airflow").exists():
        import pytest

        pytest.skip("Airflow is missing (make setup-airflow)")
    return found


def compose() -> list[str]:
    """Docker Compose as a plugin, or else alone; no engine is asked. Skips if there is neither."""
    return _plugin() or [program("docker-compose")]


def _plugin() -> list[str]:
    docker = shutil.which("docker")
    asked = [docker, "compose", "version"] if docker else ["false"]
    return asked[:2] if subprocess.run(asked, capture_output=True).returncode == 0 else []


def missing(which: Callable[[str], str | None] = shutil.which) -> list[str]:
    """The packages of the programs that are not there."""
    lacked = {name for name in PACKAGES if which(name) is None}
    if _plugin():
        lacked.discard("docker-compose")
    return sorted({PACKAGES[name] for name in lacked})


def refused(reason: str, complete: bool | None = None) -> bool:
    """Whether a test may not be skipped for this reason, as all are to run here."""
    complete = bool(os.environ.get(COMPLETE)) if complete is None else complete
    return complete and not reason.removeprefix("Skipped: ").startswith(MACHINE)


def summary(skipped: list[str]) -> str:
    """The last line of `make test`, of the reason of each test that was skipped."""
    if not skipped:
        return "every test ran: none was skipped"
    reasons = "; ".join(f"{skipped.count(one)} x {one}" for one in sorted(set(skipped)))
    return f"NOT EVERY TEST RAN: {len(skipped)} skipped: {reasons}"


def main(argv: list[str]) -> None:
    """Print what is missing; or, given the file that pytest wrote, what was skipped."""
    if argv:
        noted = Path(argv[0])
        print(summary(noted.read_text(encoding="utf-8").splitlines() if noted.exists() else []))
    else:
        for package in missing():
            print(package)


if __name__ == "__main__":
    main(sys.argv[1:])
