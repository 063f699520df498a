"""The files of sql/: named in order, and loaded the same from a checkout and from a zip."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import psycopg
import pytest

from risk.delivery import Message
from risk.messages import Reason
from sinks.migrate import checksum
from sinks.postgres.rows import problem
from sinks.sql import migrations, statement
from tests.contract.messages import late, score

ROOT = Path(__file__).parents[2]
LIBRARIES = tuple({Path(module.__file__ or "").parents[1] for module in (msgspec, psycopg)})


def test_migrations_are_numbered_without_a_gap() -> None:
    names = [name for name, _ in migrations()]
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_an_edit_changes_the_checksum() -> None:
    sums = {checksum(text) for _, text in migrations()}
    assert len(sums) == len(migrations())
    assert checksum(b"SELECT 1") != checksum(b"SELECT 2")


def test_every_statement_is_used_and_loads() -> None:
    code = "".join(path.read_text() for path in (ROOT / "sinks").rglob("*.py"))
    for path in (ROOT / "sql" / "postgres").glob("*.sql"):
        assert statement(path.stem) == path.read_bytes()
        assert f'"{path.stem}"' in code, f"{path.name} is not used"


def test_sql_loads_from_a_zip(tmp_path: Path) -> None:
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for folder in ("risk", "sinks", "sql"):
            for path in (ROOT / folder).rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts:
                    out.write(path, path.relative_to(ROOT))
    program = (
        "import sinks.sql, sinks.postgres, sinks.migrate\n"
        "assert '.zip' in sinks.sql.__file__, sinks.sql.__file__\n"
        "print(*(name for name, _ in sinks.sql.migrations()))\n"
        "print(sinks.sql.statement('active').decode().strip())\n"
    )
    search = [str(archive), *map(str, LIBRARIES)]
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", f"import sys\nsys.path[:0] = {search}\n{program}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names, active = done.stdout.split("\n", 1)
    assert names.split() == [name for name, _ in migrations()]
    assert active.strip() == statement("active").decode().strip()


replace = msgspec.structs.replace
good = score("e1", points=90)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (replace(good, event_id="a\0"), "event_id"),
        (replace(good, event_id="\ud800"), "surrogate"),
        (replace(good, event_id="x" * 513), "event_id"),
        (replace(good, user_id="ü" * 257), "user_id"),
        (replace(good, event_time=2**62), "event_time"),
        (replace(good, scored_at=-1), "scored_at"),
        (replace(good, revision=40_000), "revision"),
        (replace(good, score=2**15), "score"),
        (replace(good, ruleset_version=2**31), "ruleset_version"),
        (replace(good, reasons=(Reason("r", 1, 2**31, ""),)), "reasons.points"),
        (replace(good, reasons=(Reason("r", 1, 1, "a\0b"),)), "reasons.text"),
        (replace(good, reasons=(Reason("r", 1, 1, ""), Reason("r", 2, 1, ""))), "twice"),
        (replace(good, features={"a\0": 1}), "features"),
        (replace(good, transaction=replace(good.transaction, ip="\0")), "transaction.ip"),
        (replace(late("l1"), run_id="\0"), "run_id"),
        (replace(late("l1"), late_by=2**63), "late_by"),
    ],
)
def test_what_postgres_cannot_take_is_seen_beforehand(message: Message, field: str) -> None:
    found = problem(message)
    assert found is not None
    assert field in found
    assert "\0" not in found


@pytest.mark.parametrize(
    "message",
    [
        good,
        late("l1"),
        replace(good, event_id="\\u0000"),  # six characters, none of them a NUL
        replace(good, event_id="x" * 512, user_id="ü" * 256),
    ],
)
def test_what_postgres_can_take_passes(message: Message) -> None:
    assert problem(message) is None
