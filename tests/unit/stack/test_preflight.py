"""What is missing is said before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk.errors import StackError
from risk.stack import preflight
from risk.stack.process import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "not-made-yet")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def java(folder: Path, version: str) -> None:
    program = folder / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    program.chmod(0o755)


def message(home: Home, *names: str) -> str:
    with pytest.raises(StackError) as caught:
        preflight.check(home, names)
    return str(caught.value)


def test_no_java(home: Home, path: Path) -> None:
    assert message(home, "kafka") == (
        "no java on PATH: install JDK 17, e.g. apt install openjdk-17-jdk-headless, "
        "and have java on PATH"
    )


@pytest.mark.parametrize(("version", "shown"), [("21.0.4", "21"), ("1.8.0_402", "1")])
def test_another_java(home: Home, path: Path, version: str, shown: str) -> None:
    java(path, version)
    assert f"is Java {shown}, not 17: install JDK 17" in message(home, "elasticsearch")


def test_no_jars(home: Home, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(path, "17.0.15")
    monkeypatch.setattr(preflight, "JARS", tmp_path)
    assert message(home, "kafka").endswith("is missing or incomplete: run make setup")


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("DISK_BYTES", 1 << 60, "of disk free, 1073741824.0 GiB needed"),
        ("MEMORY_BYTES", {"redis": 1 << 60}, "of memory available, 1073741824.0 GiB needed"),
    ],
)
def test_too_little_room(
    home: Home, monkeypatch: pytest.MonkeyPatch, limit: str, value: object, words: str
) -> None:
    monkeypatch.setattr(preflight, limit, value)
    assert words in message(home, "redis")


def test_no_java_is_needed_for_servers_without_it(home: Home, path: Path) -> None:
    preflight.check(home, ["postgres", "redis"])
    assert not home.path.exists()
