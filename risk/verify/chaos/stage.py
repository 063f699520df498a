"""Where a run takes place: on servers of its own, which it may harm, or on those that run."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from risk.config.settings import Settings
from risk.errors import StackError, UserError
from risk.ops.submit import every_kind, live_jobs
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.kafka_nodes import nodes
from risk.stack.process import Home, recorded
from risk.stack.secrets import with_generated
from risk.stack.up import SERVERS, down, up
from risk.verify.chaos.kinds import Need
from risk.verify.chaos.plan import Targets
from risk.verify.chaos.proxy import Proxy
from risk.verify.chaos.testbed import Say, Testbed
from risk.verify.chaos.traffic import Traffic
from sinks import registry

# All at once they would have each other wait, and a busy machine doesn't have the time.
IN_TURN = (("elasticsearch",), tuple(name for name in SERVERS if name != "elasticsearch"))
CHAOS, SOAK = "-chaos", "-soak"  # of the data folder, so that no other can be meant
NEEDS: dict[bool, tuple[Need, ...]] = {True: (), False: ("own", "proxy")}  # by whether it is `here`


def targets(settings: Settings, home: Home) -> Targets:
    """What there is to be hit."""
    brokers = tuple(node.name for node in nodes(settings, home))
    return Targets(every_kind(), brokers, registry.names())


def own_settings(settings: Settings, suffix: str = CHAOS) -> Settings:
    """The same, with a data folder beside the configured one."""
    return replace(settings, data_dir=settings.data_dir.rstrip("/") + suffix)


@contextmanager
def own(
    settings: Settings, home: Home, seed: int, rate: float, say: Say, proxied: bool = True
) -> Iterator[Testbed]:
    """Servers in a folder that is emptied first, with all jobs. Raises `UserError`, `StackError`.

    They are stopped at the end; what they wrote stays until the next run. `proxied`: the jobs reach
    the stores by a proxy each.
    """
    if not home.path.name.endswith((CHAOS, SOAK)):
        raise StackError(f"{home.path}: only a folder of its own is emptied")
    with alone(home):
        if any(recorded(home).values()):
            down(settings, home, say=say)
        if home.path.exists():
            shutil.rmtree(home.path)
        settings = with_generated(settings, home)
        with _stack(settings, home, seed, rate, say, proxied) as testbed:
            yield testbed


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Raise `UserError` if another run is under way: its servers would be stopped, and emptied.

    The file is beside the folder, which goes.
    """
    path = home.path.with_name(f"{home.path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(f"{home.path}: another run of this runs: wait for it") from None
            yield
    except PermissionError as error:
        raise UserError(f"{error.filename}: {error.strerror}: set data_dir") from None


@contextmanager
def _stack(
    settings: Settings, home: Home, seed: int, rate: float, say: Say, proxied: bool
) -> Iterator[Testbed]:
    """The servers and the jobs, until it is over."""
    try:
        for names in IN_TURN:
            up(settings, home, names, say)
        registry.migrate(settings)
        with _proxies(settings, registry.names() if proxied else ()) as proxies:
            testbed = _testbed(settings, home, seed, rate, say, proxies)
            testbed.submit()
            testbed.wait_for_jobs(every_kind())
            yield testbed
    finally:
        down(settings, home, say=say)


@contextmanager
def here(settings: Settings, home: Home, seed: int, rate: float, say: Say) -> Iterator[Testbed]:
    """The servers and jobs that run. Raises `UserError` if some don't."""
    settings = with_generated(settings, home)
    try:
        running = live_jobs(settings)
    except FlinkUnavailable:
        running = {}
    missing = [kind for kind in every_kind() if kind not in running]
    if missing:
        raise UserError(
            f"--here: no live job {', '.join(missing)} runs: `risk up`, then `risk submit all`"
        )
    yield _testbed(settings, home, seed, rate, say, {})


@contextmanager
def _proxies(settings: Settings, stores: Sequence[str]) -> Iterator[dict[str, Proxy]]:
    """One in front of each of the stores."""
    found: dict[str, Proxy] = {}
    try:
        for name in stores:
            store = getattr(settings, name)
            found[name] = Proxy(store.host, store.port)
            found[name].start()
        yield found
    finally:
        for proxy in found.values():
            proxy.stop()


def _testbed(
    settings: Settings,
    home: Home,
    seed: int,
    rate: float,
    say: Say,
    proxies: Mapping[str, Proxy],
) -> Testbed:
    folder = home.folder(f"chaos/{time.time_ns() // 1_000_000}")
    return Testbed(settings, home, Traffic(settings, folder, seed, rate), say, proxies)


def journal(testbed: Testbed) -> Path:
    """Where what the pulse was promised is noted."""
    return testbed.traffic.folder / "acknowledged-pulse"
