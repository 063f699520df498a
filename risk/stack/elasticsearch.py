"""Elasticsearch: one node, without security unless the stack is secure: it listens on loopback."""

from __future__ import annotations

import base64
import json
import os
import urllib.error
import urllib.request
from pathlib import Path

from risk.config.settings import Settings
from risk.config.types import in_url
from risk.secret_file import secret
from risk.stack import authority, elasticsearch_accounts, process, secured
from risk.stack.direct import open_url
from risk.stack.java import JARS, java_home
from risk.stack.private import write_private
from risk.stack.process import Home
from risk.stack.user import own, service_user

NAME = "elasticsearch"
CERTIFICATE, KEY, AUTHORITY = "http.pem", "http.key", "ca.pem"  # in its configuration's folder
DISTRIBUTION = JARS / "elasticsearch"
LOG4J = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%consoleException%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


class Elasticsearch:
    """The embedded node."""

    name = NAME

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home
        self._secure = secured.is_so(home)

    def addresses(self) -> list[tuple[str, int]]:
        """The HTTP listener, and the one between nodes."""
        elastic = self._settings.elasticsearch
        return [(elastic.host, elastic.port), (elastic.host, elastic.transport_port)]

    def processes(self) -> list[str]:
        """Itself."""
        return [NAME]

    def start(self) -> None:
        """Start the node, as `nobody` if this is root, which it refuses."""
        folder = self._home.folder(NAME)
        config, temporary = folder / "config", folder / "tmp"
        config.mkdir(exist_ok=True)
        temporary.mkdir(exist_ok=True)
        shipped = (DISTRIBUTION / "config" / "jvm.options").read_text(encoding="utf-8")
        kept = [line for line in shipped.splitlines() if not line.startswith("-Xlog:gc")]
        (config / "jvm.options").write_text("\n".join(kept) + "\n", encoding="utf-8")
        (config / "log4j2.properties").write_text(LOG4J, encoding="utf-8")
        user = service_user()
        if self._secure:
            _copy(authority.files(self._home, NAME, [self._settings.elasticsearch.host]), config)
            prefix = self._settings.elasticsearch.index_prefix
            passwords = elasticsearch_accounts.passwords(self._home)
            elasticsearch_accounts.write(config, prefix, user, passwords)
        # JSON is YAML.
        text = json.dumps(self._configuration(), indent=1)
        (config / "elasticsearch.yml").write_text(text, encoding="utf-8")
        own(folder, user)
        elastic = self._settings.elasticsearch
        options = f"-Xms{elastic.heap_mb}m -Xmx{elastic.heap_mb}m {elastic.java_opts}".strip()
        process.spawn(
            self._home,
            NAME,
            [DISTRIBUTION / "bin" / "elasticsearch"],
            # Not of this environment, which may hold passwords or another Java's options.
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(folder),
                "ES_JAVA_HOME": str(java_home()),
                "ES_JAVA_OPTS": options,
                "ES_PATH_CONF": str(config),
                "ES_TMPDIR": str(temporary),
            },
            cwd=folder,
            user=user,
        )

    def problem(self) -> str | None:
        """Healthy: the node is its own master, and no index of it is red."""
        elastic = self._settings.elasticsearch
        try:
            request = urllib.request.Request(f"{elastic.url}/_cluster/health")
            password = secret(elastic.password, elastic.password_file)
            if password is not None:
                words = f"{elastic.username or 'elastic'}:{password}".encode()
                request.add_header("Authorization", f"Basic {base64.b64encode(words).decode()}")
            with open_url(request, 3, elastic.ca_location) as answer:
                status = json.load(answer)["status"]
        except urllib.error.HTTPError as error:
            if error.code in (401, 403):
                return f"{in_url(elastic.host)}:{elastic.port} refuses {elastic.username}"
            return f"no answer at {in_url(elastic.host)}:{elastic.port}"
        except (OSError, ValueError, KeyError):
            return f"no answer at {in_url(elastic.host)}:{elastic.port}"
        return "the cluster is red" if status == "red" else None

    def stop(self) -> None:
        """Stop the node and the process that launched it."""
        process.stop(self._home, NAME)

    def _configuration(self) -> dict[str, object]:
        elastic = self._settings.elasticsearch
        folder = self._home.folder(NAME)
        return {
            "cluster.name": "risk",
            "node.name": "risk-1",
            "discovery.type": "single-node",
            "network.host": elastic.host,
            "http.port": elastic.port,
            "transport.port": elastic.transport_port,
            "path.data": str(folder / "data"),
            "path.logs": str(folder / "logs"),
            **(self._security() if self._secure else {"xpack.security.enabled": False}),
            # It would make indices read-only on a disk that is merely 95 % full.
            "cluster.routing.allocation.disk.threshold_enabled": False,
        }

    def _security(self) -> dict[str, object]:
        """TLS at both listeners, where only this node has a certificate for the inner one, and no
        users but those of the files (`risk.stack.elasticsearch_accounts`).
        """
        keys = {"key": KEY, "certificate": CERTIFICATE, "certificate_authorities": [AUTHORITY]}
        return {
            "xpack.security.enabled": True,
            "xpack.security.autoconfiguration.enabled": False,
            "xpack.security.enrollment.enabled": False,
            "xpack.security.authc.reserved_realm.enabled": False,
            "xpack.security.authc.api_key.enabled": False,
            "xpack.security.authc.token.enabled": False,
            "xpack.security.authc.realms.file.file.order": 0,
            "xpack.security.http.ssl": {"enabled": True, **keys},
            "xpack.security.transport.ssl": {
                "enabled": True,
                "verification_mode": "full",
                "client_authentication": "required",
                **keys,
            },
        }


def create(settings: Settings, home: Home) -> Elasticsearch:
    """The server for these settings."""
    return Elasticsearch(settings, home)


def _copy(files: authority.Files, config: Path) -> None:
    """The node may read no file outside of its configuration's folder."""
    for source, name in zip(files, (CERTIFICATE, KEY, AUTHORITY), strict=True):
        write_private(config / name, source.read_text(encoding="ascii"))
