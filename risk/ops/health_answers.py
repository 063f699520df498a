"""What the exporter answers to those who ask by HTTP whether it, and each job, does its work."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from risk.ops.readiness import Jobs

Answer = tuple[int, bytes]  # the status, and JSON


def answers(
    jobs: Jobs, kinds: tuple[str, ...], kafka: Callable[[], bool]
) -> Callable[[str], Answer | None]:
    """By path: `/healthz`, `/readyz` (Kafka answers), `/readyz/jobs` and `/readyz/jobs/JOB`.

    200, or 503 if what is asked for isn't ready. None for every other path.
    """

    def answer(path: str) -> Answer | None:
        first, *rest = path.strip("/").split("/")
        if path == "/healthz":
            return 200, _json({"status": "up"})
        if first != "readyz" or rest[:1] not in ([], ["jobs"]) or len(rest) > 2:
            return None
        if not rest:
            up = kafka()
            return _status(up), _json({"status": _word(up), "kafka": "up" if up else "no answer"})
        if rest[1:] and rest[1] not in kinds:
            return 404, _json({"status": "unknown", "jobs": kinds})
        found = jobs.read(rest[1:])
        ready = not any(one.problem for one in found)
        return _status(ready), _json({"status": _word(ready), "jobs": found})

    return answer


def _status(ready: bool) -> int:
    return 200 if ready else 503


def _word(ready: bool) -> str:
    return "ready" if ready else "not ready"


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)
