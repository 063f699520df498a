"""Long-running processes: started detached, found again by pid and start time, stopped whole."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from risk.errors import StackError
from risk.stack import logs, procfs
from risk.stack.log_line import plain
from risk.stack.user import as_user

ERROR = re.compile(r"\b(FATAL|ERROR|Fatal|Error)\b|Exception\b")
MARK = "EMBEDDED_STACK"  # in the environment of each process: the data folder it belongs to
POLL_S = 0.05
RECORD_BYTES = 80  # of a pid file

_children: dict[int, subprocess.Popen[bytes]] = {}  # kept so that they can be reaped


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

    def _made(self, path: Path) -> Path:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            for folder in reversed((path, *path.parents)):
                if folder.is_relative_to(self.path):
                    folder.mkdir(mode=0o700, exist_ok=True)
            # Of an earlier version, too. What runs as another user, because this one is root, may
            # pass through to the folder of its own, and see nothing else.
            _close(self.path, 0o711 if os.geteuid() == 0 else 0o700)
            if path != self.path:
                _close(self.path / path.relative_to(self.path).parts[0], 0o700)
        except OSError as error:
            raise StackError(
                f"{error.filename}: {error.strerror}: set data_dir to a folder you may write"
            ) from None
        return path


def _close(folder: Path, mode: int) -> None:
    """Let a folder have that mode, if it is this user's to change."""
    found = folder.stat()
    if stat.S_IMODE(found.st_mode) != mode and os.geteuid() in (0, found.st_uid):
        folder.chmod(mode)


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
    log, pid_file = home.log(name), home.pid_file(name)
    if pid := alive(home, name):
        raise StackError(f"{name} runs already (pid {pid})")
    stop(home, name)  # what one that died has left
    draft = pid_file.with_suffix(".new")
    try:
        logs.rotate(log)
        command, identity = as_user([os.fspath(part) for part in argv], user, home.path)
        # Room for its pid is there before the process is: it never runs without being known.
        draft.write_text("?" * RECORD_BYTES, encoding="ascii")
        with log.open("ab") as out, draft.open("r+", encoding="ascii") as record:
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
            try:
                # Not reaped yet, so there is a start time to read even if it has ended already.
                started = procfs.start_time(child.pid, zombie=True)
                record.write(f"{child.pid} {started} {procfs.boot_id()}\n".ljust(RECORD_BYTES))
                record.flush()
                draft.replace(pid_file)
            except BaseException:
                _end(child)
                raise
        _children[child.pid] = child
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
        raise StackError(f"{name} failed: {reason(home, name)} ({log})")


def alive(home: Home, name: str) -> int | None:
    """The pid of a running process, or None. A zombie isn't running."""
    pid, start, boot = _recorded(home, name)
    if pid and boot == procfs.boot_id() and _start_time(pid) == start:
        return pid
    return None


def recorded(home: Home) -> dict[str, bool]:
    """The processes that were started and not stopped, and whether they run."""
    names = sorted(file.stem for file in home.run.glob("*.pid"))
    return {name: alive(home, name) is not None for name in names}


def stop(
    home: Home, name: str, timeout_s: float = 20.0, ask: signal.Signals = signal.SIGTERM
) -> bool:
    """End a process and its group: ask, then kill. Never signals a pid that was reused.

    Whether asking was enough.
    """
    asked = True
    for how, patience_s in ((ask, timeout_s), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + patience_s
        told: set[int] = set()
        while (group := _group(home, name)) and time.monotonic() < deadline:
            asked = how is ask
            for pid in group:
                if pid not in told:  # one may have been forked since the last look
                    _signal(name, pid, how)
                    told.add(pid)
            time.sleep(POLL_S)
    if left := _group(home, name):
        raise StackError(f"{name} (pid {left[0]}) does not end, not even when killed")
    try:
        home.pid_file(name).unlink(missing_ok=True)
    except OSError as error:
        raise StackError(f"{name}: {error.filename}: {error.strerror}") from None
    return asked


def last_line(home: Home, name: str) -> str:
    """The last line of a process's log that isn't blank."""
    lines = _lines(home, name)
    return lines[-1] if lines else "no output"


def reason(home: Home, name: str) -> str:
    """Why a process ended: the last line of its log that tells of an error, else the last one."""
    lines = [line for line in _lines(home, name) if ERROR.search(line)]
    return lines[-1] if lines else last_line(home, name)


def _lines(home: Home, name: str) -> list[str]:
    try:
        text = home.log(name).read_bytes()[-16384:].decode(errors="replace")
    except OSError:
        return []
    return [plain(line.strip()) for line in text.splitlines() if line.strip()]


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
    if not leader or boot != procfs.boot_id():
        return []
    running = alive(home, name)
    mark = f"{MARK}={home.path}"
    found = [pid for pid in procfs.session(leader) if running or procfs.has_variable(pid, mark)]
    return sorted(found, key=lambda pid: pid != leader)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill a process that has just been started, and what it may have started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _start_time(pid: int) -> str:
    if pid in _children and _children[pid].poll() is not None:
        del _children[pid]
    return procfs.start_time(pid)


def _signal(name: str, pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        pass
    except PermissionError:
        raise StackError(f"{name} (pid {pid}) belongs to another user") from None
