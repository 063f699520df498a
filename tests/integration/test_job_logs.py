"""What the Python of a job logs within a JVM: once, where Flink logs, and without what errors say.

In a cluster of one process: no server is needed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from risk.logs import event
from risk.paths import ROOT
from risk.stack.java import java_home

PROGRAM = """
import logging, os, sys
from pyflink.common import Configuration, Types
from pyflink.datastream import MapFunction, StreamExecutionEnvironment

FORMAT, ERRORS = sys.argv[1:]


class Fails(MapFunction):
    def open(self, context):
        from flink_jobs.logs import log_to
        from risk.config.settings import parse

        os.dup2(os.open(ERRORS, os.O_WRONLY | os.O_CREAT), 2)  # else nobody has it
        for _ in range(2):  # each operator of a job does it
            log_to(parse("logging: {format: %s}" % FORMAT, {}), {"run": "live-1"})

    def map(self, value):
        from flink_jobs.logs import place

        try:
            raise KeyError("user-%d" % value)
        except KeyError:
            logging.getLogger("flink_jobs.x").exception("left out", extra=place("t", 3, 17, "e1"))
        return value


settings = Configuration()
settings.set_string("python.execution-mode", "thread")
settings.set_string("python.executable", sys.executable)
settings.set_string("python.client.executable", sys.executable)
environment = StreamExecutionEnvironment.get_execution_environment(settings)
environment.set_parallelism(1)
environment.from_collection([17], Types.INT()).map(Fails(), Types.INT()).print()
environment.execute("logs")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_line_is_logged_once_and_quotes_nobody(form: str, tmp_path: Path) -> None:
    program, errors, folder = tmp_path / "job.py", tmp_path / "errors", tmp_path / "log"
    program.write_text(PROGRAM)
    folder.mkdir()
    python = Path(sys.prefix).resolve() / "bin" / "python"  # a link to its folder has no packages
    environment = {
        **os.environ,
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "JAVA_HOME": str(java_home()),
        "PYTHONPATH": str(ROOT),
        "FLINK_LOG_DIR": str(folder),
        "FLINK_PROCESS": "taskmanager-0",
    }
    command = [str(python), str(program), form, str(errors)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    flinks = "".join(path.read_text() for path in folder.iterdir())
    assert "user-17" not in flinks
    beside = errors.read_text()
    if form == "text":
        assert beside == ""
        (at,) = (n for n, line in enumerate(flinks.splitlines()) if line.endswith("left out"))
        line, *traceback = flinks.splitlines()[at : at + 5]
        assert " ERROR flink_jobs.x " in line
        assert traceback[-1] == "KeyError"
        return
    assert "left out" not in flinks
    found = json.loads(beside)
    assert found.pop("error").endswith("\nKeyError")
    assert "user-17" not in beside
    del found["time"]
    assert found == {
        "level": "ERROR", "logger": "flink_jobs.x", "process": "taskmanager-0",
        "message": "left out", "run": "live-1", "event": event("e1"),
        "topic": "t", "partition": 3, "offset": 17,
    }  # fmt: skip
