"""What each job goes on from. A scoring job never begins empty, after another, without a word.

Its state is what its scores come from. One that begins without, at the first record, scores all of
the stream again, and all alerts go out again; at the offsets that were committed, it scores what
comes as if nothing had been before. A delivery job has no state that a row depends on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from risk.config.names import SCORE
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.groups import committed, ends
from risk.ops import checkpoints
from risk.ops.checkpoints import Unseen
from risk.stack.process import Home

HINT = "name one with `--from score=PATH`"


class NotRestored(UserError):
    """A job can't go on from the checkpoint that its predecessor left."""


def restore_points(
    settings: Settings,
    home: Home,
    kinds: Sequence[str],
    given: Mapping[str, str],
    say: Callable[[str], None],
) -> dict[str, str]:
    """The checkpoint of each job that has one: as given, else the last of its predecessor.

    Raises `NotRestored` if the scoring job's can't be told.
    """
    found = dict(given)
    for kind in [kind for kind in kinds if kind not in given]:
        try:
            uri = checkpoints.latest(settings, home, kind)
        except Unseen as error:
            if kind == SCORE:
                raise NotRestored(f"flink.checkpoint_dir: {error}: {HINT}") from None
            say(f"flink.checkpoint_dir: {error}: {kind} is given everything again, harmlessly")
            continue
        if uri:
            found[kind] = uri
    return found


def check_first(settings: Settings, home: Home, group: str) -> None:
    """Raise `NotRestored` unless this is the first scoring job there is, or nothing was scored."""
    if done := scored_before(settings, group):
        place = checkpoints.place(settings, home)
        raise NotRestored(
            f"{done}, and no checkpoint of the last scoring job is in {place}: without it all is "
            f"scored, and alerts go out, again: {HINT}"
        )


def scored_before(settings: Settings, group: str) -> str | None:
    """What a scoring job has left in Kafka, in words; None if nothing."""
    if count := sum(ends(settings, settings.topics.scores).values()):
        return f"{settings.topics.scores} has had {count:,} records"
    return read_before(settings, group)


def read_before(settings: Settings, group: str) -> str | None:
    """How far a consumer group has come, in words; None if it has read nothing."""
    topic = settings.topics.transactions
    if count := sum(committed(settings, group, topic).values()):
        return f"group {group} has read {topic} up to {count:,} records"
    return None


def parse(pairs: Sequence[str], kinds: Sequence[str]) -> dict[str, str]:
    """`JOB=PATH` of `--from`. Raises `UserError`."""
    found = {}
    for pair in pairs:
        kind, _, path = pair.partition("=")
        if kind not in kinds or not path:
            raise UserError(f"--from {pair}: use JOB=PATH, with a job of {', '.join(kinds)}")
        found[kind] = path
    return found
