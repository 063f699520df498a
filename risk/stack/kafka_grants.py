"""What each account of a secure stack's Kafka may do: the one table of it.

All that isn't granted here is refused. `risk-admin`, which is the stack's own, may do everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from msgspec.structs import asdict

from risk.config import names
from risk.config.settings import Topics
from risk.stack.roles import DELIVERIES, KAFKA, accounts

OWN_TOPICS: Final = (names.WARM_UP_TOPICS, names.PROVE_TOPICS, names.BENCH_TOPICS)
# Groups that only read, and of jobs that are no live ones.
READERS: Final = (
    *(names.CLI_READER, names.ENDS_READER, names.RECORDED_READER, names.FEEDBACK_READER),
    *(names.CONTROL_READER, names.DEMO_READER, names.BENCH_READER),
)


class Grant(NamedTuple):
    """Operations on a topic, group or other thing by its name, or on all whose names begin so."""

    kind: str
    name: str
    operations: tuple[str, ...]
    prefix: bool = False


def grants(topics: Topics) -> dict[str, list[Grant]]:
    """What each account but admin's may do, by account. READ and WRITE include DESCRIBE."""
    every = tuple(asdict(topics).values())
    look = ("READ", "DESCRIBE_CONFIGS")
    own = ("READ", "WRITE", "DESCRIBE_CONFIGS")
    reading = [*_topics(every, look), *_groups(READERS), *_beginning("topic", OWN_TOPICS, look)]
    watching = Grant("group", names.GROUPS, ("DESCRIBE",), prefix=True)
    # A dead letter is sent again to the topic that it came from, and noted in one transaction.
    resend = Grant("transactional_id", names.resend_transaction(topics.dlq), ("WRITE",))
    changing = [
        *reading,
        *_topics(every, ("WRITE",)),
        *_beginning("topic", OWN_TOPICS, (*own, "CREATE", "DELETE", "ALTER_CONFIGS")),
        *_beginning("group", (names.GROUPS, *names.RUNS_APART, *OWN_TOPICS), ("READ", "DELETE")),
        resend,
    ]
    found = {
        "owner": [*changing, *_topics(every, ("CREATE", "ALTER_CONFIGS"))],
        "ops": changing,
        "scoring": [
            *_topics((topics.transactions, topics.feedback, topics.late, topics.control), look),
            *_topics(
                (topics.scores, topics.alerts, topics.late, topics.dlq, topics.control), ("WRITE",)
            ),
            *_groups(READERS),
            *_beginning("group", (names.SCORING_GROUPS, *names.RUNS_APART, *OWN_TOPICS), ("READ",)),
            *_beginning("topic", OWN_TOPICS, own),
        ],
        "console": [
            *_topics((topics.alerts,), ("READ",)),
            *_topics((topics.transactions,), ("DESCRIBE",)),  # how many come
            *_topics((topics.feedback,), ("WRITE",)),
            *_topics((topics.dlq,), ("WRITE",)),  # of what no case can be made
            *_groups((names.CONSOLE_READER, names.CASES_GROUP)),
        ],
        "api": [
            *_topics((topics.transactions,), ("READ", "WRITE")),
            *_topics((topics.feedback,), ("WRITE",)),
            *_topics((topics.scores,), ("READ",)),
            *_groups((names.API_READER,)),
        ],
        "generator": [*_topics((topics.transactions, topics.labels), ("WRITE",))],
        "reader": [*reading, watching, *_beginning("group", names.RUNS_APART, ("DESCRIBE",))],
    }
    for store, fields in DELIVERIES.items():
        found[names.job_account(store)] = [
            *_topics((getattr(topics, field) for field in fields), ("READ",)),
            *_topics((topics.dlq,), ("WRITE",)),
            *_groups((names.delivery_group(store),)),
        ]
    assert sorted([*found, "admin"]) == accounts(KAFKA), "each account has its grants"
    return found


def _topics(which: Iterable[str], operations: tuple[str, ...]) -> Iterator[Grant]:
    return (Grant("topic", name, operations) for name in which)


def _groups(which: Iterable[str]) -> Iterator[Grant]:
    return (Grant("group", name, ("READ",)) for name in which)


def _beginning(kind: str, how: Iterable[str], operations: tuple[str, ...]) -> Iterator[Grant]:
    return (Grant(kind, name, operations, prefix=True) for name in how)
