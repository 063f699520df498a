"""A job outlives the folder that its code was unpacked in: its writers need no file any more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest

from risk.config.settings import Settings, to_environment
from risk.ops.jobs import build_zip
from sinks import registry
from tests.contract.messages import score

pytestmark = pytest.mark.stack

PROGRAM = """
import json, os, shutil, sys
code, name = sys.argv[1:]
sys.path.insert(0, code)
from sinks import registry
store = registry.load(name)
assert store.__file__.startswith(code), store.__file__
from risk.config import settings
from risk.engine import delivery
shutil.rmtree(code)
sink = store.create(settings.parse("", os.environ))
sink.open()
written = sink.write([delivery.decode(sys.stdin.buffer.read())])
sink.close()
json.dump(written, sys.stdout)
"""


@pytest.mark.parametrize("name", registry.names())
def test_a_store_is_written_when_the_code_is_gone(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings: Settings = request.getfixturevalue(name)
    with zipfile.ZipFile(build_zip()) as archive:
        archive.extractall(tmp_path / "code")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("RISK_", "PYTHONPATH"))}
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(tmp_path / "code"), name],
        input=msgspec.json.encode(score(f"shipped-{name}", ruleset=("shipped", 1))),
        cwd=tmp_path,
        env=kept | to_environment(settings),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)[0] == 1
