"""One change of the live job at a time; and what a poisoned archive of rulesets can't do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from risk.config.settings import Postgres, Settings, to_environment
from risk.engine.delivery import Unavailable
from risk.engine.rules import load
from risk.errors import UserError
from risk.ops.alone import alone, alone_if_possible
from risk.ops.ruleset_folder import read_whole
from risk.ops.rulesets import archive, choose
from risk.paths import ROOT
from risk.registry.change_lock import Busy, change_lock
from risk.stack.process import Home
from sinks.postgres.connect import connect
from tests.pipeline import risk

pytestmark = pytest.mark.stack

HOLD = """
import os, sys
from risk.config.settings import parse
from risk.registry.change_lock import change_lock
with change_lock(parse("", os.environ), "promote"):
    print("held", flush=True)
    sys.stdin.read()
"""

CHANGES = (
    "promote strict",
    "rollback",
    "submit all",
    "submit score",
    "submit score --kind replay --run-id replay-1",
    "submit deliver --store redis",
    "replay --ruleset strict",
)


def test_only_one_process_changes_the_live_job(migrated: Settings) -> None:
    holder = subprocess.Popen(
        (sys.executable, "-c", HOLD),
        cwd=ROOT,
        env={"PATH": "", **to_environment(migrated)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        for command in CHANGES:
            done = risk(migrated, *command.split())
            (line,) = done.stderr.splitlines()
            assert done.returncode == 2
            assert line.startswith(f"risk: risk promote, pid {holder.pid} on ")
            assert line.endswith(": wait until it has ended")
    finally:
        holder.kill()  # it can't let go by itself
        holder.wait()
    with (
        change_lock(migrated, "rollback"),
        pytest.raises(Busy, match=r"^risk rollback, "),
        change_lock(migrated, "promote"),
    ):
        pass


def test_a_lost_session_is_noticed(migrated: Settings) -> None:
    with alone(migrated, "promote") as held:
        held.check()
        with connect(migrated) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name LIKE 'risk promote%' AND datname = current_database()"
            )
        with pytest.raises(Unavailable, match="is lost: do it again"):
            held.check()


def test_without_postgres_the_jobs_can_be_submitted() -> None:
    with alone_if_possible(Settings(postgres=Postgres(port=1)), "submit all"):
        pass


def _files(**more: str) -> dict[str, str]:
    return read_whole(ROOT / "rules" / "strict").files | more


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"/tmp/poison.yaml": "x"}, "'/tmp/poison.yaml' is no name of a file in its folder"),
        ({"../y.yaml": "x"}, "'../y.yaml' is no name"),
        ({"a/../../y.yaml": "x"}, "'a/../../y.yaml' is no name"),
        ({".hidden.yaml": "x"}, "'.hidden.yaml' is no name"),
        ({"run.sh": "x"}, "'run.sh' is no name"),
        ({"a\n.yaml": "x"}, "is no name"),
        ({f"a{n}.yaml": "" for n in range(1_001)}, "more than 1,000 files"),
        ({"big.yaml": "x" * 8_000_001}, "more than 1,000 files or 8,000,000 characters"),
        ({"ruleset.yaml": 7}, "Expected `str`, got `int`"),
        ({"ruleset.yaml": "name: strict"}, "strict/ruleset.yaml:1:1: 'version' is missing"),
        ([], "Expected `object`, got `array`"),
        (_files(), "its files are not those that ran, by the fingerprint"),
    ],
)
def test_a_poisoned_row_is_refused_before_anything_is_written(
    migrated: Settings, tmp_path: Path, files: Any, message: str
) -> None:
    version = load(_files()).version if files == _files() else 77
    with connect(migrated) as connection:
        connection.execute(
            "INSERT INTO rulesets (ruleset, version, fingerprint, files) VALUES (%s, %s, %s, %s)",
            ["strict", version, "f" * 64, Jsonb(files)],
        )
    home = Home(tmp_path / "data")
    with pytest.raises(UserError) as error:
        choose(migrated, home, f"strict:{version}")
    assert message in str(error.value)
    assert not home.path.exists() or not any(p.is_file() for p in home.path.rglob("*"))


def test_an_archived_ruleset_is_unpacked_whole(migrated: Settings, tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    chosen = choose(migrated, home, "strict")
    archive(migrated, chosen)
    name = chosen.tag
    folder = choose(migrated, home, name).folder
    assert folder.parent == home.path / "rulesets"

    def there() -> Mapping[str, str]:
        return {
            path.relative_to(folder).as_posix(): path.read_text()
            for path in folder.rglob("*")
            if path.is_file()
        }

    assert there() == chosen.files
    # What somebody left there goes, and a link is not followed.
    (folder / "more.yaml").write_text("left")
    outside = tmp_path / "outside.yaml"
    outside.write_text("kept")
    (folder / "ruleset.yaml").unlink()
    (folder / "ruleset.yaml").symlink_to(outside)
    assert choose(migrated, home, name).folder == folder
    assert (there(), outside.read_text()) == (chosen.files, "kept")
