"""A stage of the course: traffic under one ruleset, until each record has its outcome."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext

from rich.console import Console

from risk.cli.demonstration.learning.verdicts import Verdicts
from risk.cli.demonstration.tail import Tail
from risk.cli.demonstration.traffic import Phase, Traffic
from risk.cli.demonstration.view import View
from risk.cli.demonstration.watch import Watch
from risk.config.settings import Settings
from risk.ops.rulesets import Chosen
from risk.ops.submit import live_jobs
from risk.stack.process import Home


class Stage:
    """One of them, named after what happens in it. `tail` goes on reading what is corrected.

    `begin_ms` and `sent` are of its traffic, and `verdicts` how many were sent of it.
    """

    def __init__(self, settings: Settings, home: Home, name: str, chosen: Chosen) -> None:
        self._settings, self._home = settings, home
        self.name, self.chosen = name, chosen
        self.tail = Tail(settings, chosen.key)
        self.begin_ms = time.time_ns() // 1_000_000
        self.sent = 0
        self.verdicts = 0

    def run(self, phases: Sequence[Phase], console: Console, late_s: float | None = None) -> None:
        """The traffic; with `late_s`, each fraud gets its verdict so long after it.

        Raises `UserError`.
        """
        settings = self._settings
        self.tail.start()
        traffic = Traffic(phases, self._home.log("demo-traffic"))
        jobs = {kind: job.id for kind, job in live_jobs(settings).items()}
        said = nullcontext() if late_s is None else Verdicts(settings, self.tail, late_s)
        with said as verdicts:
            with View(console) as view:
                Watch(settings, self._home, jobs, self.tail, {}, view, self.name).run(
                    traffic, False
                )
            self.tail.end()
        self.sent = traffic.sent
        self.verdicts = verdicts.sent if verdicts else 0
