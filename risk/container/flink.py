"""Becomes a process of Flink: `python -m risk.container.flink jobmanager|taskmanager`.

The configuration is the embedded cluster's, made from the same settings; only what it listens on
and where savepoints go differ.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence

from risk.config.names import FLINK_PROCESS
from risk.config.settings import Settings, to_environment
from risk.errors import UserError
from risk.ops.settings import home, load_settings
from risk.stack import flink_config

ROLES = ("jobmanager", "taskmanager")
ANY = "0.0.0.0"  # noqa: S104 - what is reachable from where is the container network's to say


def options(role: str, settings: Settings, address: str) -> dict[str, str]:
    """What differs from the configuration; `address` is this container's."""
    checkpoints = settings.flink.checkpoint_dir
    if not checkpoints:
        raise UserError("flink.checkpoint_dir: name a folder that all containers of Flink share")
    savepoints = f"{checkpoints.rstrip('/').rpartition('/')[0]}/savepoints"
    shared = {"execution.checkpointing.savepoint-dir": savepoints}
    if role == "jobmanager":
        return shared | {"jobmanager.bind-host": ANY, "rest.bind-address": ANY}
    return shared | {"taskmanager.bind-host": ANY, "taskmanager.host": address}


def main(argv: Sequence[str]) -> None:
    """Write the configuration, and become the process. The settings' secrets go along."""
    if list(argv) not in ([role] for role in ROLES):
        raise UserError(f"one of {', '.join(ROLES)}")
    (role,) = argv
    settings = load_settings()
    data = home(settings)
    flink_config.write(settings, data)
    address = socket.gethostbyname(socket.gethostname())
    given = options(role, settings, address).items()
    script = str(flink_config.distribution() / "bin" / f"{role}.sh")
    command = [script, "start-foreground"]
    for name, value in given:
        command += ["-D", f"{name}={value}"]
    environment = os.environ | flink_config.environment(data) | to_environment(settings)
    environment[FLINK_PROCESS] = role
    os.execve(script, command, environment)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        print(f"risk.container.flink: {error}", file=sys.stderr)
        sys.exit(2)
