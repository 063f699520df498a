"""The Java runtime and the jars that `make setup` fetches."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from risk.errors import StackError
from risk.paths import ROOT

JARS = (ROOT / ".jars").resolve()  # one path, also where a checkout links to another's
VERSION = 17
ADVICE = "install JDK 17, e.g. apt install openjdk-17-jdk-headless, and have java on PATH"


def java() -> Path:
    """The `java` on PATH. Raises `StackError` if there is none."""
    found = shutil.which("java")
    if found is None:
        raise StackError(f"no java on PATH: {ADVICE}")
    return Path(found).resolve()


def java_home() -> Path:
    """The folder that JAVA_HOME should name."""
    return java().parent.parent


def check_version() -> None:
    """Raise `StackError` unless the `java` on PATH has the version needed."""
    path = java()
    try:
        shown = subprocess.run(
            [path, "-version"], capture_output=True, text=True, check=False, timeout=30
        ).stderr
    except (OSError, subprocess.TimeoutExpired):
        shown = ""
    match = re.search(r'version "(\d+)', shown)
    found = match[1] if match else "of an unknown version"
    if found != str(VERSION):
        raise StackError(f"{path} is Java {found}, not {VERSION}: {ADVICE}")
