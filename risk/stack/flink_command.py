"""What Flink's processes are started by: the commands that its own scripts would end in.

`jobmanager.sh` and `taskmanager.sh` start four JVMs to read the configuration, which takes as long
as the process itself needs to come up, and `flink` starts one. The scripts are asked once for each
configuration.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Final, NamedTuple

from risk.errors import StackError
from risk.stack import flink_config
from risk.stack.java import java
from risk.stack.process import Home

TIMEOUT_S = 60.0
# The names are those of the scripts: what `flink-console.sh` makes of `taskmanager.sh`. Options
# are split at spaces there too.
ASK = r"""
. "$FLINK_HOME/bin/config.sh"
{parse}
printf '%s\n' $JVM_ARGS $(eval echo $FLINK_ENV_JAVA_OPTS ${options})
printf '%s\n' -classpath "$(constructFlinkClassPath)" "" $DYNAMIC_PARAMETERS
"""


class Role(NamedTuple):
    """A kind of process: its script and main class, what `config.sh` has for it, how it logs.

    Of the `cluster` are those that are told where the configuration is, and have parameters.
    """

    script: str
    main: str
    parse: str
    options: str
    logging: str = "log4j-console.properties"
    cluster: bool = True


JOBMANAGER: Final = Role(
    "jobmanager",
    "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
    "parseJmArgsAndExportLogs",
    "FLINK_ENV_JAVA_OPTS_JM",
)
TASKMANAGER: Final = Role(
    "taskmanager",
    "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
    "parseTmArgsAndExportLogs",
    "FLINK_ENV_JAVA_OPTS_TM",
)
CLIENT: Final = Role(
    "flink",
    "org.apache.flink.client.cli.CliFrontend",
    ":",
    "FLINK_ENV_JAVA_OPTS_CLI",
    "log4j-cli.properties",
    cluster=False,
)


def jobmanager(home: Home, archive: Sequence[str] = ()) -> list[str]:
    """The command of the JobManager, with `class_archive`'s options. Raises `StackError`."""
    return _command(home, JOBMANAGER, "jobmanager", archive)


def taskmanager(home: Home, name: str, archive: Sequence[str] = ()) -> list[str]:
    """The command of the TaskManager of that name. Raises `StackError`."""
    own = ("-D", f"taskmanager.resource-id={name}")
    return [*_command(home, TASKMANAGER, name, archive), *own]


def client(home: Home, archive: Sequence[str] = ()) -> list[str]:
    """What `flink` runs, without an action yet. Raises `StackError`."""
    return _command(home, CLIENT, "client", archive)


def _command(home: Home, role: Role, name: str, archive: Sequence[str]) -> list[str]:
    kept = flink_config.asked(home, role.script)
    try:
        options, parameters = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        options, parameters = _ask(home, role)
        draft = kept.with_suffix(".new")
        draft.write_text(json.dumps([options, parameters]), encoding="utf-8")
        draft.replace(kept)
    conf = flink_config.conf(home)
    return [
        *(str(java()), *archive, f"-Dlog.file={home.log(f'flink-{name}')}"),
        f"-Dlog4j.configurationFile=file:{conf / role.logging}",
        *(*options, role.main, *(("--configDir", str(conf)) if role.cluster else ()), *parameters),
    ]


def _ask(home: Home, role: Role) -> tuple[list[str], list[str]]:
    """The options for Java, and the parameters for Flink."""
    environment = flink_config.environment(home)
    # `config.sh` finds the other scripts by the name under which it believes it was started.
    script = flink_config.distribution() / "bin" / f"{role.script}.sh"
    ask = ASK.replace("{parse}", role.parse).replace("{options}", role.options)
    try:
        done = subprocess.run(
            ["bash", "-c", ask, script],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError(f"Flink's config.sh can't be asked: {error}") from None
    options, _, parameters = done.stdout.partition("\n\n")
    if done.returncode or "-classpath" not in options or (role.cluster and not parameters):
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise StackError(f"Flink's config.sh says: {said[-1]}")
    return options.splitlines(), parameters.splitlines()
