"""What a TaskManager is started by: the command that Flink's own scripts would end in.

`taskmanager.sh` starts four JVMs to read the configuration, which takes as long as a TaskManager
needs to come up. The TaskManagers of a cluster differ in their names alone: the scripts are asked
once.
"""

from __future__ import annotations

import json
import subprocess

from stack import flink_config
from stack.java import java
from stack.process import Home, StackError

TIMEOUT_S = 60.0
MAIN = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
# The names are those of the scripts: what `flink-console.sh` makes of `taskmanager.sh`. Options
# are split at spaces there too.
ASK = r"""
. "$FLINK_HOME/bin/config.sh"
parseTmArgsAndExportLogs
printf '%s\n' $JVM_ARGS $(eval echo $FLINK_ENV_JAVA_OPTS $FLINK_ENV_JAVA_OPTS_TM)
printf '%s\n' -classpath "$(constructFlinkClassPath)" "" $DYNAMIC_PARAMETERS
"""


def command(home: Home, name: str) -> list[str]:
    """The command of the TaskManager of that name. Raises `StackError`."""
    kept = flink_config.asked(home)
    try:
        options, parameters = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        options, parameters = _ask(home)
        draft = kept.with_suffix(".new")
        draft.write_text(json.dumps([options, parameters]), encoding="utf-8")
        draft.replace(kept)
    conf = home.folder(flink_config.FOLDER) / "conf"
    return [
        *(str(java()), f"-Dlog.file={home.log(f'flink-{name}')}"),
        f"-Dlog4j.configurationFile=file:{conf / 'log4j-console.properties'}",
        *(*options, MAIN, "--configDir", str(conf), *parameters),
        *("-D", f"taskmanager.resource-id={name}"),
    ]


def _ask(home: Home) -> tuple[list[str], list[str]]:
    """The options for Java, and the parameters for Flink."""
    environment = flink_config.environment(home)
    # `config.sh` finds the other scripts by the name under which it believes it was started.
    script = flink_config.distribution() / "bin" / "taskmanager.sh"
    try:
        done = subprocess.run(
            ["bash", "-c", ASK, script],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError(f"Flink's config.sh can't be asked: {error}") from None
    options, _, parameters = done.stdout.partition("\n\n")
    if done.returncode or "-classpath" not in options or not parameters:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise StackError(f"Flink's config.sh says: {said[-1]}")
    return options.splitlines(), parameters.splitlines()
