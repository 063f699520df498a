"""The files of sql/: named in order, and loaded the same from a checkout and from a zip."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import psycopg

from sinks.postgres.migrations import checksum
from sinks.sql import migrations, statement

ROOT = Path(__file__).parents[3]
LIBRARIES = tuple({Path(module.__file__ or "").parents[1] for module in (msgspec, psycopg)})


def test_migrations_are_numbered_without_a_gap() -> None:
    names = [name for name, _ in migrations()]
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_an_edit_changes_the_checksum() -> None:
    sums = {checksum(text) for _, text in migrations()}
    assert len(sums) == len(migrations())
    assert checksum(b"SELECT 1") != checksum(b"SELECT 2")


def test_every_statement_is_used_and_loads() -> None:
    rooms = (ROOT / "sinks", ROOT / "risk" / "registry")
    code = "".join(path.read_text() for room in rooms for path in room.rglob("*.py"))
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
        "import sinks.sql, sinks.postgres\n"
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
