"""A load from a process of its own, which notes what the broker has acknowledged."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from risk.config.settings import Settings, parse
from risk.errors import UserError
from risk.verify.chaos.traffic import Traffic, publish, rest
from risk.verify.soak.load import Load, records


class Flow(Traffic):
    """The process that sends a load, once. `number` tells it from others in the folder."""

    module = "risk.verify.soak.traffic"

    def __init__(self, settings: Settings, folder: Path, load: Load, number: int) -> None:
        super().__init__(settings, folder / f"load-{number}", load.seed, load.rate)
        self.load = load
        self.folder.mkdir(parents=True)

    def arguments(self, journal: Path, skip: int) -> tuple[object, ...]:
        """The journal and the load: it is never killed, so there is nothing to go on from."""
        return journal, msgspec.json.encode(self.load).decode()

    def ended(self) -> bool:
        """Whether all of it was sent and acknowledged. Raises `UserError` if it has failed."""
        if self._process is None or self._process.poll() is None:
            return False
        code, log = self._process.returncode, self._journal(0).with_suffix(".log")
        if code:
            raise UserError(f"the generator has failed: see {log}")
        self._process = None
        return True


def main(arguments: Sequence[str]) -> int:
    """Publish `JOURNAL LOAD`, a load as JSON, settings by environment. 1 if any was not taken."""
    path, text = arguments
    load = msgspec.json.decode(text, type=Load)
    settings = parse("", os.environ)
    past_ms = round(load.history_s * 1_000)
    stream = records(load, time.time_ns() // 1_000_000 - past_ms, settings.kafka.partitions)
    return 1 if publish(settings, Path(path), rest(stream, 0, past_ms), load.paced) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
