"""The part of Flink's REST API that is used here."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

from risk.stack.direct import open_url

TIMEOUT_S = 10.0  # for each piece of an answer
WHOLE_S = 30.0  # for all of it
PIECE = 1 << 16
RUNNING = ("CREATED", "RUNNING", "RESTARTING", "INITIALIZING", "FAILING")


class FlinkUnavailable(Exception):
    """The JobManager doesn't answer, or answers with an error."""


class Job(NamedTuple):
    """A job as the overview shows it. `tasks_running` of `tasks` run."""

    id: str
    name: str
    state: str
    tasks: int
    tasks_running: int

    @property
    def runs(self) -> bool:
        """Whether every task of it runs."""
        return self.state == "RUNNING" and 0 < self.tasks == self.tasks_running

    @property
    def ended(self) -> bool:
        """Whether it will do nothing any more."""
        return self.state in ("FAILED", "CANCELED", "FINISHED")


class FlinkRest:
    """A JobManager at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        return self._call("GET", path, None)

    def overview(self) -> Any:
        """Slots, TaskManagers, jobs, in numbers."""
        return self.get("/overview")

    def jobs(self, running_only: bool = True) -> list[Job]:
        """The jobs, the latest started first."""
        answer = self.get("/jobs/overview")
        with understood("/jobs/overview"):
            found = sorted(answer["jobs"], key=lambda job: -job["start-time"])
            return [
                Job(
                    str(job["jid"]),
                    str(job["name"]),
                    str(job["state"]),
                    int(job["tasks"]["total"]),
                    int(job["tasks"]["running"]),
                )
                for job in found
                if not running_only or job["state"] in RUNNING
            ]

    def parameters(self, job: str) -> dict[str, str]:
        """What a job was submitted with, as it says itself."""
        path = f"/jobs/{job}/config"
        answer = self.get(path)
        with understood(path):
            told = answer.get("execution-config", {}).get("user-config") or {}
            return {str(name): str(value) for name, value in told.items()}

    def free_slots(self) -> dict[str, int]:
        """Free slots by the TaskManager's id."""
        answer = self.get("/taskmanagers")
        with understood("/taskmanagers"):
            return {str(tm["id"]): int(tm["freeSlots"]) for tm in answer["taskmanagers"]}

    def slots(self, job: str) -> int:
        """How many slots a job needs; 0 if that isn't known yet."""
        groups: dict[str, int] = {}
        answer = self.get(f"/jobs/{job}")
        with understood(f"/jobs/{job}"):
            for vertex in answer.get("vertices", ()):
                group = str(vertex.get("slotSharingGroupId", ""))
                groups[group] = max(groups.get(group, 0), int(vertex["parallelism"]))
        return sum(groups.values())

    def taskmanager(self, job: str) -> str | None:
        """The id of a TaskManager that a job runs on, which is its name here; None if none does."""
        for vertex in self.get(f"/jobs/{job}").get("vertices", ()):
            path = f"/jobs/{job}/vertices/{vertex['id']}/taskmanagers"
            found = self.get(path)
            with understood(path):
                for one in found["taskmanagers"]:
                    return str(one["taskmanager-id"])
        return None

    def slots_of(self, taskmanager: str) -> set[str]:
        """The ids of the jobs that hold a slot of a TaskManager."""
        answer = self.get(f"/taskmanagers/{taskmanager}")
        with understood(f"/taskmanagers/{taskmanager}"):
            return {str(slot["jobId"]) for slot in answer.get("allocatedSlots", ())}

    def cancel(self, job: str) -> None:
        """Cancel a job, without a savepoint."""
        self._call("PATCH", f"/jobs/{job}?mode=cancel", None)

    def stop(self, job: str) -> str:
        """Begin to stop a job with a savepoint; the request's id for `savepoint`."""
        answer = self.post(f"/jobs/{job}/stop", {"drain": False})
        with understood(f"/jobs/{job}/stop"):
            return str(answer["request-id"])

    def begin_savepoint(self, job: str) -> str:
        """Begin a savepoint of a job that goes on; the request's id for `savepoint`."""
        answer = self.post(f"/jobs/{job}/savepoints", {"cancel-job": False})
        with understood(f"/jobs/{job}/savepoints"):
            return str(answer["request-id"])

    def savepoint(self, job: str, request: str) -> str | None:
        """Where the savepoint is; None while it is made. Raises `FlinkUnavailable` if it failed."""
        path = f"/jobs/{job}/savepoints/{request}"
        found = self.get(path)
        with understood(path):
            if found["status"]["id"] != "COMPLETED":
                return None
            if cause := found["operation"].get("failure-cause"):
                raise FlinkUnavailable(f"no savepoint: {cause['class']}")
            return str(found["operation"]["location"])

    def begin_checkpoint(self, job: str) -> str:
        """Begin a checkpoint now, whenever the next is due; its id for `checkpoint`."""
        path = f"/jobs/{job}/checkpoints"
        answer = self.post(path, {"checkpointType": "CONFIGURED"})
        with understood(path):
            return str(answer["request-id"])

    def checkpoint(self, job: str, request: str) -> bool:
        """Whether the checkpoint is complete. Raises `FlinkUnavailable` if it failed."""
        path = f"/jobs/{job}/checkpoints/{request}"
        found = self.get(path)
        with understood(path):
            if found["status"]["id"] != "COMPLETED":
                return False
            if cause := found["operation"].get("failureCause"):
                raise FlinkUnavailable(f"no checkpoint: {cause['class']}")
            return True

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send JSON."""
        return self._call("POST", path, json.dumps(body).encode())

    def metrics(self, path: str, *names: str) -> dict[str, str]:
        """Metrics under a path, by name; those that don't exist are left out."""
        query = f"{path}/metrics?get={','.join(names)}"
        answer = self.get(query)
        with understood(query):
            return {str(metric["id"]): str(metric["value"]) for metric in answer}

    def _call(self, method: str, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(
            self._url + path,
            data=body,
            method=method,
            headers={"Content-Type": "application/json"} if body else {},
        )
        try:
            with open_url(request, TIMEOUT_S) as answer:
                text = _read(answer)
            return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            raise FlinkUnavailable(
                f"Flink answers {error.code} to {path}: {_detail(error)}"
            ) from None
        except (OSError, ValueError, http.client.HTTPException, RecursionError) as error:
            raise FlinkUnavailable(f"no answer from Flink at {self._url}: {_why(error)}") from None


@contextlib.contextmanager
def understood(path: str) -> Iterator[None]:
    """Around the reading of an answer: one of another shape is `FlinkUnavailable`, too."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise FlinkUnavailable(
            f"Flink's answer to {path} is not understood: {type(error).__name__}: {error}"
        ) from None


def _read(answer: http.client.HTTPResponse) -> bytes:
    """All of an answer, however slowly it comes, but not for ever. Raises `TimeoutError`."""
    deadline = time.monotonic() + WHOLE_S
    pieces: list[bytes] = []
    while piece := answer.read1(PIECE):
        pieces.append(piece)
        if time.monotonic() > deadline:
            raise TimeoutError(f"its answer has not ended after {WHOLE_S:.0f} s")
    if answer.length:  # read1 doesn't tell
        raise http.client.IncompleteRead(b"", answer.length)
    return b"".join(pieces)


def _why(error: Exception) -> str:
    """In the system's own words, where it has some: "Connection refused"."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return error.read(PIECE).decode(errors="replace")
    except (OSError, ValueError, http.client.HTTPException):
        return "no more than that"
