"""Servers, schema and jobs for the demo, as much at the same time as can be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from risk.config.names import SCORE, ruleset_of
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.rules import Ruleset
from risk.errors import StackError, UserError
from risk.ops.alone import alone_if_possible
from risk.ops.restore import NotRestored
from risk.ops.rulesets import choose
from risk.ops.submit import live_jobs, submit_all
from risk.stack.process import Home
from risk.stack.secrets import with_generated
from risk.stack.up import SERVERS, status, up
from sinks import registry
from sinks.store import MigrationError

# What submitting needs. Elasticsearch takes longest to start, and its job waits for it.
FOR_JOBS = ("kafka", "postgres", "flink")
POLL_S = 0.3

Say = Callable[[str], None]


def bring_up(settings: Settings, home: Home, say: Say) -> dict[str, str]:
    """Start what doesn't run. The ids of the jobs, by "score" or the name of the store."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        servers = pool.submit(_servers, settings, home, say)
        _wait_for(FOR_JOBS[:2], settings, home, servers)
        _migrate(settings, home, say)
        _wait_for(FOR_JOBS, settings, home, servers)
        with alone_if_possible(settings, "demo"):
            jobs = _jobs(settings, home, say)
        servers.result()
    return jobs


def scoring_first(settings: Settings, home: Home, say: Say, scores: Callable[[], object]) -> None:
    """The same, with what only deliveries need after the rest: they have time to catch up.

    `scores` is told as soon as payments are scored.
    """
    _servers(settings, home, say, FOR_JOBS)
    _migrate(settings, home, say)
    with alone_if_possible(settings, "demo"), ThreadPoolExecutor(max_workers=1) as pool:
        _jobs(settings, home, say, (SCORE,))
        scores()
        servers = pool.submit(_servers, settings, home, say)
        _jobs(settings, home, say)
        servers.result()


def running_ruleset(settings: Settings, home: Home) -> Ruleset:
    """The ruleset, in the version, that the scoring job runs. Raises `UserError`."""
    job = live_jobs(settings).get(SCORE)
    if job is None:
        raise UserError(f"the scoring job has ended: see {settings.flink.url}")
    name, version = ruleset_of(job.name)
    return choose(settings, home, f"{name}:{version}").ruleset


def _servers(settings: Settings, home: Home, say: Say, names: Sequence[str] = SERVERS) -> None:
    try:
        up(settings, home, names, say=say)
    except StackError as error:
        raise UserError(str(error)) from None


def _migrate(settings: Settings, home: Home, say: Say) -> None:
    try:
        for name in registry.migrate(with_generated(settings, home, "owner")):
            say(f"applied {name}")
    except (MigrationError, Unavailable) as error:
        raise UserError(str(error)) from None


def _jobs(settings: Settings, home: Home, say: Say, only: Sequence[str] = ()) -> dict[str, str]:
    try:
        return submit_all(settings, home, say, only=only)
    except NotRestored as error:
        say(f"{error}: everything is read again")
        return submit_all(settings, home, say, anew=True, only=only)


def _wait_for(
    names: tuple[str, ...], settings: Settings, home: Home, servers: Future[None]
) -> None:
    """Until these are up. Raises `UserError` if starting has failed, or one has died since."""
    while True:
        started = servers.done()
        down = [server for server in status(settings, home, names) if server.state != "up"]
        if not down:
            return
        if started:
            servers.result()
            raise UserError(f"{down[0].name} has died: see {down[0].log}")
        time.sleep(POLL_S)
