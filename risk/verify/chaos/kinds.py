"""The kinds of faults there are: of what, for how long, and what has to go on meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

Target = Literal["job", "broker", "store", "step", ""]
Moment = Literal["begin", "end"]
Need = Literal["", "own", "proxy"]

START: Final = "start"
STEP: Final = "step "


class Kind(NamedTuple):
    """A kind of fault; it lasts `least_s` to `most_s`, 0 if it is over at once.

    `of` is what there is one of for each target. Recovery counts `since` it begins, where what
    died comes back by itself, or since its end. `scores`: payments are decided meanwhile. `needs`
    says where it can be done: on servers of its own, which may lose what they hold, or on such
    whose stores are reached through a proxy. `stores`: of these alone; empty: of each. `steps`: of
    a command, by what it tells; it is killed so long after one, or after its start.
    """

    name: str
    of: Target
    least_s: float
    most_s: float
    since: Moment
    scores: bool
    needs: Need = ""
    stores: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


def _steps(count: int) -> tuple[str, ...]:
    return tuple(f"{STEP}{number}" for number in range(1, count + 1))


def step_of(target: str) -> int:
    """How many lines a command tells before it is killed: 0 at its start."""
    return 0 if target == START else int(target.removeprefix(STEP))


KINDS: Final = (
    Kind("kill-taskmanager", "job", 0, 0, "begin", False),
    Kind("kill-jobmanager", "", 0, 0, "begin", False),
    Kind("kill-zookeeper", "", 0, 0, "begin", False),
    # Nobody revives what revives the rest: `risk up` does.
    Kind("kill-supervisor", "", 3, 8, "end", True),
    Kind("stop-broker", "broker", 5, 20, "end", False),
    Kind("kill-broker", "broker", 5, 20, "end", False),
    # Longer than the 9 s after which a broker's session with its controller has ended.
    Kind("freeze-broker", "broker", 12, 20, "end", False),
    Kind("stop-store", "store", 5, 30, "end", True),
    Kind("kill-store", "store", 5, 30, "end", True),
    Kind("freeze-store", "store", 5, 30, "end", True),
    Kind("empty-store", "store", 3, 10, "end", True, "own"),
    Kind("full-store", "store", 5, 30, "end", True, "own"),
    # Elasticsearch has one node here, and so nobody to take over.
    Kind("fail-over-store", "store", 6, 30, "end", True, "own", ("postgres", "redis")),
    # Jobs reach each store through a proxy of this run's.
    Kind("slow-store", "store", 5, 30, "end", True, "proxy"),
    Kind("reset-store", "store", 3, 20, "end", True, "proxy"),
    Kind("half-open-store", "store", 1, 5, "end", True, "proxy"),
    Kind("black-hole-store", "store", 5, 30, "end", True, "proxy"),
    Kind("no-checkpoints", "", 8, 20, "end", False, "own"),
    Kind("rolling-restart", "", 0, 0, "end", False),
    Kind("kill-generator", "", 1, 5, "end", True),
    Kind("clock-back", "", 5, 30, "end", True),
    # Commands, given once more when they were killed.
    Kind("kill-promote", "step", 0, 4, "end", True, "own", steps=(START, *_steps(4))),
    Kind("kill-replay", "step", 0, 6, "end", True, "own", steps=(START, *_steps(2))),
)


def find(name: str) -> Kind:
    """A kind by its name. Raises `LookupError`."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise LookupError(f"no fault {name!r}: there are {', '.join(one.name for one in KINDS)}")


def possible(can: Iterable[Need]) -> tuple[Kind, ...]:
    """Those that can be done where these needs are met."""
    met = {"", *can}
    return tuple(kind for kind in KINDS if kind.needs in met)
