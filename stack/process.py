"""Long-running processes: started detached, found again by pid and start time, stopped whole."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from stack.user import as_user

PROC = Path("/proc")
MARK = "EMBEDDED_STACK"  # in the environment of each process: the data folder it belongs to
POLL_S = 0.05

_children: dict[int, subprocess.Popen[bytes]] = {}  # kept so that they can be reaped


class StackError(Exception):
    """The embedded stack can't do what was asked: one line that says why and what to do."""


class Home:
    """The data folder: `run/` pid files, `logs/`, and a folder for each server."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.run = self.path / "run"
        self.logs = self.path / "logs"

    def folder(self, name: str) -> Path:
        """A server's own folder, made if it isn't there."""
        return self._made(self.path / name)

    def log(self, name: str) -> Path:
        """Where the output of a process goes."""
        return self._made(self.logs) / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        """Holds `pid start-time boot-id` of a process."""
        return self._made(self.run) / f"{name}.pid"

    @staticmethod
    def _made(path: Path) -> Path:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StackError(
                f"{error.filename}: {error.strerror}: set data_dir to a folder you may write"
            ) from None
        return path


def spawn(
    home: Home,
    name: str,
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
) -> int:
    """Start a process in a session of its own; its pid. Output goes to `logs/<name>.log`.

    `env` is its whole environment (default: this process's); `user` a numeric user id.
    """
    log = home.log(name)
    try:
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        command, identity = as_user([os.fspath(part) for part in argv], user, home.path)
        with log.open("ab") as out:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**(os.environ if env is None else env), MARK: str(home.path)},
                start_new_session=True,
                **identity,
            )
        _children[child.pid] = child
        # Not reaped yet, so there is a start time to read even if it has ended already.
        record = f"{child.pid} {_stat(child.pid)[19]} {_boot_id()}\n"
        home.pid_file(name).write_text(record, encoding="ascii")
    except OSError as error:
        raise StackError(f"{name}: {error.filename}: {error.strerror}") from None
    return child.pid


def run(home: Home, name: str, argv: Sequence[str | Path], *, user: int | None = None) -> None:
    """Run a command to its end. Raises `StackError` with its last line if it fails."""
    log = home.log(name)
    try:
        command, identity = as_user([os.fspath(part) for part in argv], user, home.path)
        with log.open("wb") as out:
            code = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
                **identity,
            ).returncode
    except OSError as error:
        raise StackError(f"{name}: {error.filename}: {error.strerror}") from None
    if code:
        raise StackError(f"{name} failed: {last_line(home, name)} ({log})")


def alive(home: Home, name: str) -> int | None:
    """The pid of a running process, or None. A zombie isn't running."""
    pid, start, boot = _recorded(home, name)
    if pid and boot == _boot_id() and _start_time(pid) == start:
        return pid
    return None


def stop(
    home: Home, name: str, timeout_s: float = 20.0, ask: signal.Signals = signal.SIGTERM
) -> None:
    """End a process and its group: ask, then kill. Never signals a pid that was reused."""
    for how, patience_s in ((ask, timeout_s), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + patience_s
        told: set[int] = set()
        while (group := _group(home, name)) and time.monotonic() < deadline:
            for pid in group:
                if pid not in told:  # one may have been forked since the last look
                    _signal(name, pid, how)
                    told.add(pid)
            time.sleep(POLL_S)
    if left := _group(home, name):
        raise StackError(f"{name} (pid {left[0]}) does not end, not even when killed")
    home.pid_file(name).unlink(missing_ok=True)


def last_line(home: Home, name: str) -> str:
    """The last line of a process's log that isn't blank."""
    try:
        text = home.log(name).read_bytes()[-8192:].decode(errors="replace")
    except OSError:
        return "no output"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no output"


def _recorded(home: Home, name: str) -> tuple[int, str, str]:
    try:
        pid, start, boot = home.pid_file(name).read_text(encoding="ascii").split()
        return int(pid), start, boot
    except (OSError, ValueError):
        return 0, "", ""


def _group(home: Home, name: str) -> list[int]:
    """The pids of the process's session, its leader first. Empty once all of them are gone.

    A leader that died leaves the others behind; they are known by the mark in their environment,
    as the leader's pid alone would prove nothing.
    """
    leader, _, boot = _recorded(home, name)
    if not leader or boot != _boot_id():
        return []
    running = alive(home, name)
    mark = f"{MARK}={home.path}".encode()
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        pid = int(entry.name)
        try:
            ours = os.getsid(pid) == leader and _start_time(pid)
            if ours and (running or mark in (entry / "environ").read_bytes().split(b"\0")):
                found.append(pid)
        except OSError:
            continue
    return sorted(found, key=lambda pid: pid != leader)


def _start_time(pid: int) -> str:
    """When a process started, in clock ticks since boot; empty if it is gone or a zombie."""
    if pid in _children and _children[pid].poll() is not None:
        del _children[pid]
    fields = _stat(pid)
    return "" if not fields or fields[0] in "ZX" else fields[19]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on; empty if there is no such process."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()  # the command's name before it may hold anything


def _signal(name: str, pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        pass
    except PermissionError:
        raise StackError(f"{name} (pid {pid}) belongs to another user") from None


def _boot_id() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
