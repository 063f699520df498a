"""Start the embedded servers together, stop them, and tell how they are."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import msgspec

from risk.config.settings import Settings
from risk.errors import StackError
from risk.stack import ports, preflight, secured
from risk.stack.kafka_nodes import check, with_recorded
from risk.stack.lock import locked
from risk.stack.process import Home, alive, last_line, reason
from risk.stack.secrets import with_generated
from risk.stack.server import Server

SERVERS = ("kafka", "postgres", "redis", "elasticsearch", "flink")
OPTIONAL = ("prometheus", "console", "cases", "api")  # started only when named
ALL = (*SERVERS, *OPTIONAL)
DEADLINE_S = 120.0
POLL_S = 0.2

Say = Callable[[str], object]


class Status(msgspec.Struct, frozen=True):
    """How a server is. `pid` is None if it is down; `problem` what is missing.

    A server is degraded if one of its processes has died and another runs.
    """

    name: str
    state: Literal["up", "starting", "degraded", "down"]
    pid: int | None
    address: str
    log: str
    problem: str | None = None


def up(
    settings: Settings,
    home: Home,
    names: Sequence[str] = SERVERS,
    say: Say = print,
    secure: bool = False,
) -> None:
    """Start those servers that aren't running, and wait until all named are healthy.

    `secure`: with accounts and TLS (docs/reference/security.md), for good; a data folder that was
    made so needs no telling.

    Raises `StackError` if one can't be started, dies, or isn't healthy within two minutes; the
    others stay up. Doing it again does only what is left to do.
    """
    with locked(home):
        if secure:
            secured.settle(home)
        if secured.is_so(home) and "flink" in names:
            secured.check_flink(settings)
        settings = with_recorded(with_generated(settings, home, "admin"), home)
        check(home, settings.kafka.brokers)
        servers = _servers(settings, home, names)
        missing = [server for server in servers if not _running(home, server)]
        if missing:
            brokers = settings.kafka.brokers
            preflight.check(home, [server.name for server in missing], brokers)
            for server in missing:
                if not any(alive(home, process) for process in _processes(home, server.name)):
                    ports.check_free(settings, server)
        give_up = threading.Event()
        with ThreadPoolExecutor(max_workers=len(ALL)) as pool:
            waiting = [
                pool.submit(_bring_up, settings, server, home, server in missing, give_up, say)
                for server in servers
            ]
            try:
                for future in waiting:
                    future.result()
            finally:
                give_up.set()


def down(settings: Settings, home: Home, names: Sequence[str] = ALL, say: Say = print) -> None:
    """Stop the servers, last started first. Stops all it can before it raises `StackError`."""
    errors = []
    with locked(home):
        settings = with_recorded(settings, home)
        for server in reversed(_servers(settings, home, names)):
            running = any(alive(home, process) for process in _processes(home, server.name))
            try:
                server.stop()
            except StackError as error:
                errors.append(error)
                continue
            if running:
                say(f"{server.name} stopped")
    if errors:
        raise errors[0]


def status(settings: Settings, home: Home, names: Sequence[str] = ALL) -> list[Status]:
    """How each server is, in the order they are started; an optional one if it was started."""
    if home.path.exists():
        settings = with_recorded(with_generated(settings, home, "admin"), home)
    shown = [name for name in names if name not in OPTIONAL or _processes(home, name)]
    return [_status(settings, server, home) for server in _servers(settings, home, shown)]


def _bring_up(
    settings: Settings,
    server: Server,
    home: Home,
    missing: bool,
    give_up: threading.Event,
    say: Say,
) -> None:
    begun = time.monotonic()
    started = False
    try:
        if missing:
            _start(server)
            started = True
        while problem := server.problem():
            if give_up.is_set():
                return
            # One that seemed to run may have been dying: it is started, too, but only once.
            if not started and not _running(home, server):
                _start(server)
                started = True
                continue
            _fail_if_hopeless(server, home, problem, started, time.monotonic() - begun)
            time.sleep(POLL_S)
    except BaseException:
        give_up.set()
        raise
    took = f" after {time.monotonic() - begun:.0f} s" if started else ""
    say(f"{server.name} is up at {ports.clients(settings, server)}{took}")


def _start(server: Server) -> None:
    try:
        server.start()
    except OSError as error:
        raise StackError(f"{server.name}: {error.filename}: {error.strerror}") from None


def _fail_if_hopeless(
    server: Server, home: Home, problem: str, started: bool, waited_s: float
) -> None:
    for process in _processes(home, server.name):
        if started and not alive(home, process):
            log, why = home.log(process), reason(home, process)
            raise StackError(f"{process} ended while starting: {why} (see {log})")
    if waited_s > DEADLINE_S:
        log, line = home.log(server.name), last_line(home, server.name)
        raise StackError(
            f"{server.name} isn't healthy after {DEADLINE_S:.0f} s: {problem}; "
            f"its last line: {line} (see {log})"
        )


def _status(settings: Settings, server: Server, home: Home) -> Status:
    processes = _processes(home, server.name)
    pids = [pid for process in processes if (pid := alive(home, process))]
    log = str(home.log(processes[0] if processes else server.name))
    address = ports.clients(settings, server)
    if not pids:
        return Status(server.name, "down", None, address, log)
    problem = server.problem()
    state: Literal["up", "starting", "degraded"] = "starting" if problem else "up"
    if problem and len(pids) < len(processes):
        state = "degraded"
    return Status(server.name, state, pids[0], address, log, problem)


def _servers(settings: Settings, home: Home, names: Sequence[str]) -> list[Server]:
    """The named servers, in the order they are started."""
    for name in names:
        if name not in ALL:
            raise StackError(f"no server {name}: there are {', '.join(ALL)}")
    modules = [importlib.import_module(f"risk.stack.{name}") for name in ALL if name in names]
    return [module.create(settings, home) for module in modules]


def _processes(home: Home, name: str) -> list[str]:
    """The processes of a server that were started: `name`, or `name-…` if it has several."""
    files = sorted(home.run.glob(f"{name}.pid")) + sorted(home.run.glob(f"{name}-*.pid"))
    return [file.stem for file in files]


def _running(home: Home, server: Server) -> bool:
    """Whether all that it needs runs. Of a start that has failed half way some does."""
    return all(alive(home, process) for process in server.processes())
