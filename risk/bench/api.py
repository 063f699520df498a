"""From a payment's place in the schedule to its decision in the answer of the HTTP API.

As `latency`, with the API in between: windows full, an open loop, all servers and deliveries on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from risk.bench.child import Child
from risk.bench.jobs import Contender
from risk.bench.live import Live, live
from risk.bench.requests import Answered, Target, ask
from risk.bench.schedule import Schedule
from risk.bench.stats import Latency, latency
from risk.bench.stream import WARM_S, stream
from risk.config.settings import Settings, to_environment
from risk.config.types import MOST, in_url
from risk.errors import StackError
from risk.paths import ROOT
from risk.registry import api_keys
from risk.stack.direct import open_url
from risk.stack.ports import free_port
from risk.waiting import until

START_S: Final = 60.0
POLL_S: Final = 0.2


class Plan(msgspec.Struct, frozen=True):
    """Payments a second, one a request; measured over `seconds`, after `warmup_s` at that rate."""

    rate: float
    users: int | None
    warmup_s: int
    seconds: int
    stores: Sequence[str]
    wait_ms: int
    past_s: int = WARM_S


class Run(msgspec.Struct, frozen=True):
    """`decided`: from the schedule to the whole answer with its decision.

    Those answered without one are `missing`, and `statuses` counts all. `sender` is how far behind
    schedule requests were sent, over `connections`; `cpu` the API's part of a core meanwhile.
    """

    decided: Latency
    statuses: dict[int, int]
    sender: Latency
    connections: int
    cpu: float


def measure(contender: Contender, plan: Plan, say: Callable[[str], None]) -> Run:
    """Run the jobs and the API, and measure."""
    length = plan.past_s + plan.warmup_s + plan.seconds
    schedule = Schedule(stream(plan.rate, length, plan.users), plan.past_s)
    with live(contender, plan.stores, schedule, say) as running, _api(running.settings) as api:
        say(f"api: {plan.warmup_s + plan.seconds} s at {plan.rate:g} payments/s")
        return _measure(running, api, plan)


class _Api(msgspec.Struct, frozen=True):
    process: subprocess.Popen[bytes]
    settings: Settings
    key: str

    def cpu_s(self) -> float:
        """Seconds of a core that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _measure(running: Live, api: _Api, plan: Plan) -> Run:
    dues = [due for due in running.dues if due.event_id]  # the others are refused at once
    where = api.settings.api
    head = (
        f"POST /v1/payments?wait={plan.wait_ms}ms HTTP/1.1\r\nhost: {where.host}\r\n"
        f"authorization: Bearer {api.key}\r\ncontent-type: application/json\r\n"
    )
    target = Target(where.host, where.port, head.encode())
    sender = Child(ask, target, dues, float(plan.warmup_s))
    try:
        before = api.cpu_s()
        start = time.monotonic() + 1
        sender.start(start)
        found: Answered = sender.result()
        cpu = (api.cpu_s() - before) / (time.monotonic() - start)
    finally:
        sender.stop()
    missing = sum(found.statuses.values()) - len(found.seconds)
    return Run(
        latency(found.seconds, missing),
        found.statuses,
        found.behind,
        found.connections,
        round(cpu, 3),
    )


@contextmanager
def _api(settings: Settings) -> Iterator[_Api]:
    """An API of its own, until the block ends, and a key for it."""
    port = free_port(settings.api.host)
    own = replace(settings, api=replace(settings.api, port=port, tls_cert=None, tls_key=None))
    made = api_keys.add(
        own, f"bench-{uuid.uuid4().hex[:8]}", ("payments:write",), "risk bench", MOST, MOST
    )
    process = subprocess.Popen(
        [Path(sys.prefix) / "bin" / "risk", "api", "run"],
        env=os.environ | to_environment(own),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://{in_url(own.api.host)}:{port}/readyz"
        if not until(lambda: _is_ready(url), START_S, POLL_S):
            raise StackError(f"api: not ready after {START_S:.0f} s: see `risk api run`")
        yield _Api(process, own, made.text)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        api_keys.revoke(own, made.prefix, "risk bench")


def _is_ready(url: str) -> bool:
    try:
        open_url(url, 3).close()
    except OSError:
        return False
    return True
