"""The embedded stack for a benchmark: up, and jobs on it that leave nothing behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import KafkaException

from risk.cli.common import note
from risk.config.settings import Settings
from risk.errors import StackError, UserError
from risk.ops import jobs
from risk.ops.settings import home, load_settings
from risk.paths import ROOT
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable
from risk.stack.process import Home
from risk.stack.secrets import with_generated
from risk.stack.up import SERVERS, up


class Cluster:
    """The embedded Flink cluster (`risk.bench.jobs.Jobs`)."""

    def __init__(self, data: Home) -> None:
        self._data = data

    @contextmanager
    def running(
        self, settings: Settings, script: Path, args: Sequence[str], options: Mapping[str, str]
    ) -> Iterator[str]:
        """A job's id, from when it runs on a fresh TaskManager until the block ends."""
        flags = [f"-D{name}={value}" for name, value in options.items()]
        jobs.fresh_slots(settings, self._data)
        job = jobs.submit(settings, self._data, str(ROOT / script), args, flags)
        try:
            jobs.wait_running(settings, job)
            yield job
        finally:
            jobs.discard(settings, self._data, job)


def started(names: Sequence[str] = SERVERS) -> tuple[Settings, Home]:
    """The settings, passwords included, and the data folder of the stack, those servers up."""
    # What is told to end still cleans up: its jobs, topics and stores.
    signal.signal(signal.SIGTERM, _interrupt)
    settings = load_settings()
    data = home(settings)
    with one_line():
        up(settings, data, names, note)
    settings = with_generated(settings, data)
    if "flink" in names:
        others = FlinkRest(settings.flink.url).jobs()
        if others:
            found = ", ".join(job.name for job in others)
            note(f"other jobs run on this cluster and take their part of the machine: {found}")
    return settings, data


@contextmanager
def one_line() -> Iterator[None]:
    """What a server says or doesn't is the user's to mend: one line."""
    try:
        yield
    except (StackError, FlinkUnavailable) as error:
        raise UserError(str(error)) from None
    except KafkaException as error:
        raise UserError(f"kafka: {error.args[0].str()}") from None


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
