"""A checkpoint that is asked for, so that nobody waits until the next one is due."""

from __future__ import annotations

from typing import Final

from risk.config.settings import Settings
from risk.ops import jobs
from risk.stack.flink_rest import FlinkRest, understood

WAIT_S: Final = 300.0  # for two, each of which may take its own timeout, 2 min


class NewCheckpoint:
    """Of a job. It is complete once one is that was begun after this object was made."""

    def __init__(self, rest: FlinkRest, job: str) -> None:
        self._rest, self._job = rest, job
        self._before = self._completed()
        self._asked: str | None = None

    def complete(self) -> bool:
        """Whether it is. One that was declined, as a task begins or ends, is asked for again the
        next time. Raises `FlinkUnavailable`.
        """
        if self._completed() >= self._before + 2:  # the second was begun after the first
            return True
        asked, self._asked = self._asked or self._rest.begin_checkpoint(self._job), None
        found = self._rest.checkpoint(self._job, asked)
        self._asked = asked  # which didn't fail
        return found

    def _completed(self) -> int:
        path = f"/jobs/{self._job}/checkpoints"
        answer = self._rest.get(path)
        with understood(path):
            return int(answer["counts"]["completed"])


def wait_checkpoint(settings: Settings, job: str) -> None:
    """Wait until a checkpoint is complete that was begun after now.

    Raises `UserError` if none is, `FlinkUnavailable`.
    """
    new = NewCheckpoint(FlinkRest(settings.flink.url), job)
    jobs.wait(new.complete, WAIT_S, f"job {job} completes no checkpoint: see its log")
