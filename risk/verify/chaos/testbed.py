"""What faults are done to: servers, jobs, and the traffic that goes through them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec.structs import replace

from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops import jobs
from risk.ops.submit import live_jobs, submit_all
from risk.stack import up as stack
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable, Job
from risk.stack.process import Home
from risk.verify.chaos.proxy import Proxy
from risk.verify.chaos.traffic import Traffic
from risk.waiting import until

JOBS_S: Final = 300.0
NO_PROXIES: Final[Mapping[str, Proxy]] = MappingProxyType({})

Say = Callable[[str], None]


class Span(NamedTuple):
    """When a fault began and when it was over, in s of the monotonic clock; what came of it."""

    begin: float
    end: float
    note: str = ""


class Testbed:
    """`settings` reach the servers; the jobs reach the stores by `proxies`, where there are any."""

    def __init__(
        self,
        settings: Settings,
        home: Home,
        traffic: Traffic,
        say: Say,
        proxies: Mapping[str, Proxy] = NO_PROXIES,
    ) -> None:
        self.settings, self.home = settings, home
        self.traffic, self.say, self.proxies = traffic, say, proxies
        self.through = by_proxies(settings, proxies)
        self.rest = FlinkRest(settings.flink.url)

    def hold(self, seconds: float) -> None:
        """Let the fault last."""
        time.sleep(seconds)

    def for_a_while(
        self, begin: Callable[[], object], end: Callable[[], object], seconds: float
    ) -> Span:
        """Something is begun, and ended after so long, whatever happens meanwhile."""
        began = time.monotonic()
        begin()
        try:
            self.hold(seconds)
        finally:
            end()
        return Span(began, time.monotonic())

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until it holds. Raises `UserError` if it never does."""
        if not until(condition, JOBS_S):
            raise UserError(f"not within {JOBS_S:.0f} s: {what}")

    def up(self, *names: str) -> None:
        """Start servers, and wait until they are healthy. Raises `StackError`."""
        stack.up(self.settings, self.home, names, self.say)

    def down(self, *names: str) -> None:
        """Stop servers as `risk down` does. Raises `StackError`."""
        stack.down(self.settings, self.home, names, self.say)

    def submit(self) -> None:
        """Submit the live jobs that don't run, from their last checkpoints. Raises `UserError`."""
        submit_all(self.through, self.home, self.say)

    def job(self, kind: str) -> Job:
        """A live job by its kind. Raises `UserError`."""
        found = self.jobs().get(kind)
        if found is None:
            raise UserError(f"no live job {kind} runs: see {self.settings.flink.url}")
        return found

    def jobs(self) -> dict[str, Job]:
        """The live jobs by their kinds; none while Flink is away."""
        try:
            return live_jobs(self.settings)
        except FlinkUnavailable:
            return {}

    def run(self, kinds: Sequence[str]) -> bool:
        """Whether every task of these live jobs runs."""
        found = self.jobs()
        return all(kind in found and found[kind].runs for kind in kinds)

    def wait_for_jobs(self, kinds: Sequence[str]) -> None:
        """Wait until they run. Raises `UserError`, with the cause if one fails."""
        if until(lambda: self.run(kinds), JOBS_S):
            return
        found = self.jobs()
        for kind in kinds:
            if kind not in found:
                raise UserError(f"no live job {kind} after {JOBS_S:.0f} s")
            if not found[kind].runs:
                why = jobs.root_cause(self.settings, found[kind].id)
                raise UserError(f"{kind} does not run after {JOBS_S:.0f} s: {why}")


def by_proxies(settings: Settings, proxies: Mapping[str, Proxy]) -> Settings:
    """The settings with the proxies' ports in place of the stores' own."""
    sections = {name: replace(getattr(settings, name), port=p.port) for name, p in proxies.items()}
    return replace(settings, **sections)
