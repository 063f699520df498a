"""What containers in docker-compose.yml must keep to: secrets, health checks, their bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.compose import ROOT, STORES, Check, Compose, default, read

SECRET = re.compile(r"\$\{(\w+)([^}]*)\}")


def secrets(services: Compose) -> Iterator[str]:
    """Each comes from .env, which docker/.env.example lists; none has a default or is in clear."""
    found = set(SECRET.findall(str(services)))
    named = {name for name, _ in found}
    listed = dict(re.findall(r"^(\w+)=(.*)$", read("docker/.env.example"), re.MULTILINE))
    for name in named ^ listed.keys():
        yield f"{name}: not in both of docker-compose.yml and docker/.env.example"
    for name, rest in found:
        if listed.get(name) or not rest.startswith(":?"):
            yield f"{name}: has a default"
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|_?KEY$|AUTH$", key) and not SECRET.fullmatch(str(value)):
                yield f"{name}: {key} is written out"


def health(services: Compose) -> Iterator[str]:
    """Whatever others wait for, or listens on a port, says whether it is well, at that port."""
    waited = {
        other
        for service in services.values()
        for other, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    own = default()
    at = {
        **{f"kafka-{number}": "9092" for number in (1, 2, 3)},
        "jobmanager": f":{own.flink.rest_port}/",
        "taskmanager": f":{own.flink.metrics_port}/",
        "exporter": f":{own.prometheus.exporter_port}/",
        "console": f":{own.console.port}/readyz",
        "cases": f":{own.cases.port}/",
        "api": f":{own.api.port}/readyz",
        "prometheus": f":{own.prometheus.port}/",
        "elasticsearch": f":{STORES['elasticsearch']}/",
    }
    for name, service in services.items():
        test = " ".join(service.get("healthcheck", {}).get("test", ()))
        if not test and (name in waited or "ports" in service):
            yield f"{name}: no health check"
        elif at.get(name, "") not in test:
            yield f"{name}: its health is not asked at {at[name]}"


def confined(services: Compose) -> Iterator[str]:
    """No container is root, gains privileges, fills disk or memory, or writes to this folder."""
    for name, service in services.items():
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name}: may gain privileges"
        if service.get("privileged") or service.get("user") in ("root", "0"):
            yield f"{name}: is root"
        if not service.get("logging", {}).get("options", {}).keys() >= {"max-size", "max-file"}:
            yield f"{name}: its log grows for ever"
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        if limits.keys() != {"cpus", "memory"}:
            yield f"{name}: no limits"
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            if source.startswith(".") and not (mount.endswith(":ro") and (ROOT / source).is_dir()):
                yield f"{name}: {mount} is not there, or may be written to"


CHECKS: tuple[Check, ...] = (secrets, health, confined)
