"""Prometheus, where it is installed, with the exporter that it scrapes beside Flink."""

from __future__ import annotations

import json
import shutil
import socket
import urllib.error
from typing import Any

from risk.config.settings import Settings
from risk.config.types import in_url
from risk.errors import StackError
from risk.paths import ROOT
from risk.stack import flink_config, process
from risk.stack.direct import open_url
from risk.stack.process import Home
from risk.stack.risk_process import spawn

NAME = "prometheus"
EXPORTER = "prometheus-exporter"
RULES = ROOT / "docker" / "prometheus" / "rules"
INSTALL = "install it (Debian: apt-get install prometheus)"


class Prometheus:
    """The embedded server and the exporter."""

    name = NAME

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home

    def addresses(self) -> list[tuple[str, int]]:
        """The listener for clients, and the exporter's."""
        prometheus = self._settings.prometheus
        return [(prometheus.host, prometheus.port), (prometheus.host, prometheus.exporter_port)]

    def processes(self) -> list[str]:
        """Prometheus, and the exporter."""
        return [NAME, EXPORTER]

    def start(self) -> None:
        """Start both, or the one that doesn't run."""
        spawn(self._settings, self._home, "reader", EXPORTER, "exporter")
        if process.alive(self._home, NAME):
            return
        prometheus, folder = self._settings.prometheus, self._home.folder(NAME)
        config = folder / "prometheus.yml"
        # JSON is YAML.
        text = json.dumps(configuration(self._settings), indent=1)
        config.write_text(text, encoding="utf-8")
        process.spawn(
            self._home,
            NAME,
            [
                binary(),
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--storage.tsdb.retention.time={prometheus.retention_days}d",
                f"--web.listen-address={in_url(prometheus.host)}:{prometheus.port}",
                "--log.level=warn",
            ],
            cwd=folder,
        )

    def problem(self) -> str | None:
        """Healthy: it is ready, and the exporter serves."""
        prometheus = self._settings.prometheus
        url = f"{prometheus.url}/-/ready"
        try:
            open_url(url, 3).close()
        except urllib.error.HTTPError as error:
            return f"{url} answers {error.code}"
        except OSError:
            return f"no answer at {url}"
        try:
            # No more than that: to answer it asks Kafka, which may be down.
            socket.create_connection((prometheus.host, prometheus.exporter_port), 3).close()
        except OSError:
            return f"no exporter at {in_url(prometheus.host)}:{prometheus.exporter_port}"
        return None

    def stop(self) -> None:
        """Stop both; what was collected stays."""
        process.stop(self._home, NAME)
        process.stop(self._home, EXPORTER)


def create(settings: Settings, home: Home) -> Prometheus:
    """The server for these settings."""
    return Prometheus(settings, home)


def binary() -> str:
    """The program. Raises `StackError`, which says how it is installed, if it isn't."""
    found = shutil.which("prometheus")
    if found is None:
        raise StackError(f"prometheus: not found on PATH: {INSTALL}")
    return found


def configuration(settings: Settings) -> dict[str, Any]:
    """`prometheus.yml`. Each process of Flink's has one of its ports; not all need be in use."""
    flink, prometheus = settings.flink, settings.prometheus
    first, count = flink.metrics_port, flink_config.TASKMANAGERS + 1

    def scrape(job: str, host: str, *ports: int) -> dict[str, Any]:
        targets = [f"{in_url(host)}:{port}" for port in ports]
        return {"job_name": job, "static_configs": [{"targets": targets}]}

    every = f"{prometheus.interval_s}s"
    return {
        "global": {
            "scrape_interval": every,
            "scrape_timeout": every,
            "evaluation_interval": every,
        },
        "rule_files": [str(RULES / "*.yml")],
        "scrape_configs": [
            scrape("flink", flink.host, *range(first, first + count)),
            scrape("risk-exporter", prometheus.host, prometheus.exporter_port),
            scrape("risk-generator", prometheus.host, prometheus.generator_port),
        ],
    }
