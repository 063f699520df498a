"""Whether a savepoint can be restored: told at submission, with the reason and the way out.

Flink itself would not say. State of another codec gives garbage, state that thread mode wrote is
empty for process mode and the other way round, and with another number of shards every key would
be looked for in the wrong place. So an operator's uid names all of these, and a savepoint's
metadata, which holds the hash of each uid, tells what wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from py4j.protocol import Py4JJavaError
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.util.exceptions import JavaException
from pyflink.util.java_utils import get_j_env_configuration

from risk.engine.stages.codec import READABLE, VERSION
from risk.errors import UserError

MOST_SHARDS = 128
SHARDED_SINCE = 3  # the codec version from which on a sharded savepoint can be restored
NEWER = 8  # codec versions beyond this code's that are recognised, to be refused by name
STATE_PATH = "execution.state-recovery.path"
MODE = "python.execution-mode"


class Layout(NamedTuple):
    """What the scoring job's state depends on. `shards` is 0 where the uid didn't tell."""

    placement: str
    shards: int
    mode: str
    codec: int = VERSION

    @property
    def uid(self) -> str:
        """The uid of the operators, of which the sharded ones add their name."""
        if self.codec == 1:  # named no more than that
            return "scoring"
        return f"scoring-{self.placement}-{self.shards}-{self.mode}-codec{self.codec}"


def layout(environment: StreamExecutionEnvironment, placement: str, shards: int) -> Layout:
    """The layout of a job that is about to be submitted."""
    return Layout(placement, shards, _option(environment, MODE) or "process")


def found_in_savepoint(environment: StreamExecutionEnvironment, wanted: Layout) -> Layout | None:
    """The layout of the savepoint that the job starts from; None if it starts from none.

    Raises `UserError` if the savepoint is none of the scoring job, or can't be restored.
    """
    path = _option(environment, STATE_PATH)
    if not path:
        return None
    operators = _operators(path)
    found = next((one for one in _layouts() if uid_hash(one, _first(one)) in operators), None)
    if found is None:
        raise UserError(
            f"savepoint {path}: it is not of the scoring job: see `risk runs` for those that are"
        )
    if reason := refusal(found, wanted):
        raise UserError(f"savepoint {path}: {reason}")
    return found


def refusal(found: Layout, wanted: Layout) -> str | None:
    """Why state of one layout can't be restored into another, and what to do; None if it can."""
    anew = "or start without it, from the offsets that were committed"
    if found.codec not in READABLE:
        return (
            f"its state is of codec version {found.codec}, this code reads up to {VERSION}: "
            f"start it from the code that wrote it, {anew}"
        )
    if found.placement == "sharded" and found.codec < SHARDED_SINCE:
        return (
            f"its state is of codec version {found.codec}, and what travels between shards is of "
            f"another form since {SHARDED_SINCE}: start it from the code that wrote it, {anew}"
        )
    if found.placement != wanted.placement:
        return (
            f"it is of the {found.placement} placement: use --placement {found.placement}, {anew}"
        )
    if found.mode != wanted.mode:
        return f"it was written in {found.mode} mode: set {MODE} to {found.mode}, {anew}"
    if found.shards not in (0, wanted.shards):
        return f"it has {found.shards} shards: set scoring.shards to {found.shards}, {anew}"
    return None


def uid_hash(one: Layout, part: str = "") -> str:
    """Flink's hash of the uid of an operator: 32 hexadecimal digits."""
    jvm = get_gateway().jvm
    hashing = jvm.org.apache.flink.shaded.guava33.com.google.common.hash.Hashing
    utf8 = jvm.java.nio.charset.Charset.forName("UTF-8")
    text: str = hashing.murmur3_128(0).newHasher().putString(one.uid + part, utf8).hash().toString()
    return text


def _first(one: Layout) -> str:
    return "" if one.placement == "fused" else "/user"


def _layouts() -> Iterator[Layout]:
    yield Layout("fused", 1, "thread", 1)
    yield Layout("sharded", 0, "thread", 1)
    for codec in range(2, VERSION + NEWER + 1):
        for mode in ("thread", "process"):
            yield Layout("fused", 1, mode, codec)
            for shards in range(1, MOST_SHARDS + 1):
                yield Layout("sharded", shards, mode, codec)


def _option(environment: StreamExecutionEnvironment, name: str) -> str | None:
    configuration = get_j_env_configuration(environment._j_stream_execution_environment)
    value: str | None = configuration.getString(name, None)
    return value


def _operators(path: str) -> set[str]:
    """The hashes of the uids of all operators that a savepoint has state of."""
    runtime: Any = get_gateway().jvm.org.apache.flink.runtime
    try:
        place = runtime.state.filesystem.AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(
            path
        )
        stream = get_gateway().jvm.java.io.DataInputStream(
            place.getMetadataHandle().openInputStream()
        )
        loader = get_gateway().jvm.Thread.currentThread().getContextClassLoader()
        metadata = runtime.checkpoint.Checkpoints.loadCheckpointMetadata(stream, loader, path)
        stream.close()
    except (JavaException, Py4JJavaError) as error:
        cause = str(getattr(error, "java_exception", error)).partition("\n")[0]
        raise UserError(f"savepoint {path}: it can't be read: {cause}") from None
    return {state.getOperatorID().toHexString() for state in metadata.getOperatorStates()}
