"""What a TaskManager's interpreter leaves out, and that PyFlink goes on without it."""

from __future__ import annotations

import os
import subprocess
import sys

from risk.stack.flink_config import INTERPRETER

# PyFlink's coders and operators are all that a job in thread mode imports of it; pemja's part of
# them is there only inside of a JVM.
ASK = """
import sys
import pyflink.fn_execution.coders, pyflink.fn_execution.datastream.process.operations
left = {"pandas", "apache_beam.io", "apache_beam.transforms", "apache_beam.runners"}
print(sorted(name for name in left if sys.modules.get(name)))
"""


def test_an_interpreter_has_pyflink_without_pandas_and_the_rest_of_beam() -> None:
    environment = {**os.environ, "PYTHONPATH": str(INTERPRETER)}
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr
