"""Each kind of fault by its name, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from risk.verify.chaos.faults import (
    absences,
    checkpoints,
    clock,
    commands,
    deaths,
    fail_over,
    full,
    network,
)
from risk.verify.chaos.plan import Action
from risk.verify.chaos.testbed import Span, Testbed

# Returns when it is over, and not when all is well again. Raises `UserError`, `StackError`,
# `FlinkUnavailable`.
Fault = Callable[[Testbed, Action], Span]

FAULTS: Final[Mapping[str, Fault]] = {
    "kill-taskmanager": deaths.kill_taskmanager,
    "kill-jobmanager": deaths.kill_jobmanager,
    "kill-zookeeper": deaths.kill_zookeeper,
    "kill-supervisor": deaths.kill_supervisor,
    "stop-broker": absences.stop_broker,
    "kill-broker": deaths.kill_broker,
    "freeze-broker": absences.freeze,
    "stop-store": absences.stop_store,
    "kill-store": deaths.kill_store,
    "freeze-store": absences.freeze,
    "empty-store": absences.empty_store,
    "full-store": full.full_store,
    "fail-over-store": fail_over.fail_over_store,
    "slow-store": network.network,
    "reset-store": network.network,
    "half-open-store": network.network,
    "black-hole-store": network.network,
    "no-checkpoints": checkpoints.no_checkpoints,
    "rolling-restart": absences.rolling_restart,
    "kill-generator": deaths.kill_generator,
    "clock-back": clock.clock_back,
    "kill-promote": commands.kill_promote,
    "kill-replay": commands.kill_replay,
}
