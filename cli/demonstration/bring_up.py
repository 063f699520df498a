"""Servers, schema and jobs for the demo, as much at the same time as can be."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from cli.common import UserError
from cli.rules import RULES, read_folder
from cli.submitting import NotRestored, standing, submit_all
from risk.delivery import Unavailable
from risk.rules import InvalidRuleset, Ruleset
from risk.settings import Settings
from sinks.migrate import MigrationError, migrate
from stack.process import Home, StackError
from stack.up import status, up

# What a job needs to be submitted. Elasticsearch takes longest, and its job waits for it.
FOR_JOBS = ("kafka", "flink")
POLL_S = 0.3

Say = Callable[[str], None]


def bring_up(settings: Settings, home: Home, say: Say) -> dict[str, str]:
    """Start what doesn't run. The ids of the jobs, by "score" or the name of the store."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        servers = pool.submit(_servers, settings, home, say)
        _wait_for(FOR_JOBS, settings, home, servers)
        schema = pool.submit(_schema, settings, home, servers, say)
        jobs = _jobs(settings, home, say)
        schema.result()
        servers.result()
    return jobs


def running_ruleset(settings: Settings) -> Ruleset:
    """The ruleset that the scoring job runs, of which the folder must hold the same version."""
    job = standing(settings)["score"].name
    _, name, version, *_ = job.split()
    try:
        ruleset = read_folder(RULES / name)
    except (InvalidRuleset, OSError) as error:
        raise UserError(f"ruleset {name}, which {job} runs: {error}") from None
    if f"v{ruleset.version}" != version:
        raise UserError(
            f"{job} runs {version} of {name}, rules/{name} is v{ruleset.version}: "
            "cancel the job first"
        )
    return ruleset


def _servers(settings: Settings, home: Home, say: Say) -> None:
    try:
        up(settings, home, say=say)
    except StackError as error:
        raise UserError(str(error)) from None


def _schema(settings: Settings, home: Home, servers: Future[None], say: Say) -> None:
    _wait_for(("postgres",), settings, home, servers)
    try:
        for name in migrate(settings):
            say(f"applied {name}")
    except (MigrationError, Unavailable) as error:
        raise UserError(str(error)) from None


def _jobs(settings: Settings, home: Home, say: Say) -> dict[str, str]:
    try:
        return submit_all(settings, home, say)
    except NotRestored as error:
        say(f"{error}: everything is read again")
        return submit_all(settings, home, say, anew=True)


def _wait_for(
    names: tuple[str, ...], settings: Settings, home: Home, servers: Future[None]
) -> None:
    """Until these are up, or starting them has failed."""
    while any(server.state != "up" for server in status(settings, home, names)):
        if servers.done():
            servers.result()
        time.sleep(POLL_S)
