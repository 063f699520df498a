"""What no topic holds, and an erasure doesn't reach: told, each with when it ends. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from risk.ops.erasure.certificate import Remains

_STATE: Final = (
    "the user's timelines, and the ids of users that devices and addresses were used by: until the "
    "longest window of a feature is over, and older checkpoints are replaced"
)
_MEMORY: Final = "payments shown or remembered lately: until newer ones push them out, or a restart"
_FILES: Final = (
    "backups, savepoints, exports, training sets and logs that people made: not known to the engine"
)


def not_reached(naming: Sequence[str], changes: Sequence[int]) -> Iterator[Remains]:
    """Those of every erasure, and the rulesets and changes of rules in which the user stands."""
    yield Remains("the scoring job's state", None, None, _STATE)
    yield Remains("memory of the console and the API", None, None, _MEMORY)
    if naming:
        why = f"the user_id stands in files of {', '.join(naming)}: change rules and lists there"
        yield Remains("rulesets", len(naming), None, why)
    if changes:
        numbers = ", ".join(map(str, changes))
        why = f"the user_id stands in the changes {numbers} of the console's rules, which are kept"
        yield Remains("changes of rules", len(changes), None, why)
    yield Remains("copies", None, None, _FILES)
