"""The part of Flink's REST API that is used here."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any, NamedTuple

from stack.direct import open_url

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
        found = sorted(self.get("/jobs/overview")["jobs"], key=lambda job: -job["start-time"])
        return [
            Job(
                job["jid"],
                job["name"],
                job["state"],
                job["tasks"]["total"],
                job["tasks"]["running"],
            )
            for job in found
            if not running_only or job["state"] in RUNNING
        ]

    def free_slots(self) -> dict[str, int]:
        """Free slots by the TaskManager's id."""
        return {tm["id"]: tm["freeSlots"] for tm in self.get("/taskmanagers")["taskmanagers"]}

    def slots(self, job: str) -> int:
        """How many slots a job needs; 0 if that isn't known yet."""
        groups: dict[str, int] = {}
        for vertex in self.get(f"/jobs/{job}").get("vertices", ()):
            group = vertex.get("slotSharingGroupId", "")
            groups[group] = max(groups.get(group, 0), vertex["parallelism"])
        return sum(groups.values())

    def slots_of(self, taskmanager: str) -> set[str]:
        """The ids of the jobs that hold a slot of a TaskManager."""
        found = self.get(f"/taskmanagers/{taskmanager}")
        return {slot["jobId"] for slot in found.get("allocatedSlots", ())}

    def cancel(self, job: str) -> None:
        """Cancel a job, without a savepoint."""
        self._call("PATCH", f"/jobs/{job}?mode=cancel", None)

    def stop(self, job: str) -> str:
        """Begin to stop a job with a savepoint; the request's id for `savepoint`."""
        request: str = self.post(f"/jobs/{job}/stop", {"drain": False})["request-id"]
        return request

    def savepoint(self, job: str, request: str) -> str | None:
        """Where the savepoint is; None while it is made. Raises `FlinkUnavailable` if it failed."""
        found = self.get(f"/jobs/{job}/savepoints/{request}")
        if found["status"]["id"] != "COMPLETED":
            return None
        if cause := found["operation"].get("failure-cause"):
            raise FlinkUnavailable(f"no savepoint: {cause['class']}")
        location: str = found["operation"]["location"]
        return location

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send JSON."""
        return self._call("POST", path, json.dumps(body).encode())

    def metrics(self, path: str, *names: str) -> dict[str, str]:
        """Metrics under a path, by name; those that don't exist are left out."""
        query = f"{path}/metrics?get={','.join(names)}"
        return {metric["id"]: metric["value"] for metric in self.get(query)}

    def _call(self, method: str, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(
            self._url + path,
            data=body,
            method=method,
            headers={"Content-Type": "application/json"} if body else {},
        )
        try:
            with open_url(request, 10) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            detail = error.read().decode(errors="replace")
            raise FlinkUnavailable(f"Flink answers {error.code} to {path}: {detail}") from None
        except (OSError, ValueError) as error:
            raise FlinkUnavailable(f"no answer from Flink at {self._url}: {error}") from None
        return json.loads(text) if text else None
