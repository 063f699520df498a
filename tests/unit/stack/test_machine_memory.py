"""What is read of /proc/meminfo and of a container's limit, and what is left out."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from risk.config import metric_names as names
from risk.monitoring.exporter import MemoryCollector
from risk.monitoring.memory import Memory, of_container, of_machine, read, within

MEMINFO = """\
MemTotal:       16000000 kB
MemFree:         1000000 kB
MemAvailable:    6000000 kB
Buffers:          100000 kB
Cached:          5000000 kB
Active:          4000000 kB
Inactive:        2000000 kB
Shmem:             10000 kB
HugePages_Total:       0
"""
MACHINE = Memory(16_000_000 * 1_024, 6_000_000 * 1_024)
NO_LIMIT_V1 = "9223372036854771712\n"


def folder(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def read_in(path: Path, cgroup: dict[str, str], meminfo: str | None = MEMINFO) -> Memory | None:
    proc = folder(path / "proc", {} if meminfo is None else {"meminfo": meminfo})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psutil, "PROCFS_PATH", str(proc))
        return read(folder(path / "cgroup", cgroup))


def test_a_machines_memory() -> None:
    found = of_machine()
    assert found is not None
    assert 0 < found.available <= found.size == psutil.virtual_memory().total


@pytest.mark.parametrize(
    "meminfo",
    [
        "",
        "MemTotal: 16000000 kB\n",  # kernels before 3.14 don't tell what is available
        "MemAvailable: 6000000 kB\n",
        MEMINFO.replace("16000000", "many"),
        MEMINFO.replace("16000000", "0"),
        MEMINFO.replace("MemTotal:", "MemTotal"),
    ],
)
def test_a_machine_that_does_not_tell(tmp_path: Path, meminfo: str) -> None:
    assert read_in(tmp_path, {}, meminfo) is None


@pytest.mark.parametrize(
    ("limit", "usage", "stat", "expected"),
    [
        ("1000\n", "300\n", "", Memory(1_000, 700)),
        ("1000", "300", "anon 1\ninactive_file 200\n", Memory(1_000, 900)),
        ("1000", "300", "total_inactive_file 200\n", Memory(1_000, 700)),  # another version's
        ("1000", "300", "inactive_file some\n", Memory(1_000, 700)),
        ("1000", "1200", "", Memory(1_000, 0)),  # a limit may be set below what is used
        ("1000", "300", "inactive_file 400\n", Memory(1_000, 1_000)),
        ("max\n", "300", "", None),
        ("0", "300", "", None),
        ("", "300", "", None),
        ("1000", "", "", None),
        ("-1", "300", "", None),
        ("1e9", "300", "", None),
    ],
)
def test_a_containers_memory(limit: str, usage: str, stat: str, expected: Memory | None) -> None:
    assert of_container(limit, usage, stat, "inactive_file") == expected


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (Memory(4_000, 1_000), Memory(4_000, 1_000)),
        (Memory(4_000, 3_000), Memory(4_000, 2_000)),  # the machine has no more
        (Memory(10_000, 9_000), Memory(10_000, 2_000)),
        (Memory(int(NO_LIMIT_V1), int(NO_LIMIT_V1) - 1), Memory(10_000, 2_000)),
    ],
)
def test_the_lower_of_the_two_counts(container: Memory, expected: Memory) -> None:
    assert within(Memory(10_000, 2_000), container) == expected


def test_a_machine_without_cgroups(tmp_path: Path) -> None:
    assert read_in(tmp_path, {}) == MACHINE


def test_without_meminfo_nothing_is_told(tmp_path: Path) -> None:
    limited = {"memory.max": "1000", "memory.current": "300"}
    assert read_in(tmp_path, limited, meminfo=None) is None


def test_a_limit_of_version_2(tmp_path: Path) -> None:
    files = {"memory.max": "1000\n", "memory.current": "300\n", "memory.stat": "inactive_file 50\n"}
    assert read_in(tmp_path, files) == Memory(1_000, 750)


def test_a_limit_of_version_1(tmp_path: Path) -> None:
    files = {
        "memory/memory.limit_in_bytes": "1000\n",
        "memory/memory.usage_in_bytes": "300\n",
        "memory/memory.stat": "inactive_file 10\ntotal_inactive_file 50\n",
    }
    assert read_in(tmp_path, files) == Memory(1_000, 750)


@pytest.mark.parametrize(
    "files",
    [
        {"memory.max": "max\n", "memory.current": "300\n"},
        {"memory/memory.limit_in_bytes": NO_LIMIT_V1, "memory/memory.usage_in_bytes": "300\n"},
        {"memory.max/file": ""},  # a folder can't be read
    ],
)
def test_no_limit_is_the_machines(tmp_path: Path, files: dict[str, str]) -> None:
    assert read_in(tmp_path, files) == MACHINE


def exported(memory: Memory | None) -> tuple[float | None, float | None, bytes]:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(MemoryCollector(lambda: memory))
    size = registry.get_sample_value(names.MEMORY_SIZE.exported)
    available = registry.get_sample_value(names.MEMORY_AVAILABLE.exported)
    return size, available, generate_latest(registry)


def test_the_exporter_tells_both() -> None:
    size, available, text = exported(Memory(1_000, 0))
    assert (size, available) == (1_000, 0)
    assert b"# HELP risk_memory_available_bytes" in text


def test_the_exporter_tells_nothing_rather_than_0() -> None:
    assert exported(None) == (None, None, b"")
