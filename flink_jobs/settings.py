"""The settings and the ruleset, read where a job is submitted."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from risk.kafka_client import unquotable
from risk.rules import InvalidRuleset, Ruleset, load
from risk.settings import Settings, SettingsError, parse


def fail(message: str) -> None:
    """End the submission: one line, exit code 2.

    Under `flink run` it is the client that has to end so: left to itself, it would show a stack
    trace of how it ran Python.
    """
    if "PYFLINK_GATEWAY_PORT" in os.environ:
        from py4j.protocol import Py4JError
        from pyflink.java_gateway import get_gateway

        java = get_gateway().jvm.java
        java.lang.System.err.println(f"risk: {message}")
        java.lang.System.setErr(java.io.PrintStream(java.io.OutputStream.nullOutputStream()))
        with contextlib.suppress(Py4JError, OSError):
            java.lang.System.exit(2)  # doesn't return: the client is gone
    else:
        print(f"risk: {message}", file=sys.stderr)
    raise SystemExit(2)


def read_settings() -> Settings:
    """From `RISK_SETTINGS_FILE` (default `risk.yaml` in the current folder, if there is one)."""
    environment = dict(os.environ)
    named = environment.pop("RISK_SETTINGS_FILE", None)
    path = Path(named or "risk.yaml")
    try:
        text = _text(path) if named or path.exists() else ""
        found = parse(text, environment, path.name)
        if fault := unquotable(found.kafka):
            fail(fault)
        return found
    except OSError as error:
        fail(f"{path}: {error.strerror}")
    except SettingsError as error:
        fail(str(error))
    raise AssertionError


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        fail(f"{path}: not UTF-8: save the file in that encoding")
        raise AssertionError from None


def read_ruleset(folder: Path, flag: str = "--ruleset") -> tuple[dict[str, str], Ruleset]:
    """The files of a ruleset's folder, and what they say."""
    if not (folder / "ruleset.yaml").is_file():
        fail(f"{flag}: no ruleset.yaml in {folder}")
    files = {
        path.relative_to(folder).as_posix(): _text(path) for path in sorted(folder.rglob("*.yaml"))
    }
    try:
        return files, load(files)
    except InvalidRuleset as error:
        fail(str(error))
    raise AssertionError
