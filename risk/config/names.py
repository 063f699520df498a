"""Names that more than one part of the engine builds or takes apart: each of them here alone.

Of jobs, by which they are found on Flink: `score <ruleset> v<version> <run> <code>` and
`deliver <store> <code>`. Of runs: the kind, a dash and a word. Of consumer groups, which keep what
was read, and of those that only read and never commit. And how topics begin that are not the
engine's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# Names a process of Flink, in its environment: its log lines have it.
FLINK_PROCESS: Final = "FLINK_PROCESS"

# Kinds of live jobs: this one, and each store's name for its delivery.
SCORE: Final = "score"
STANDBY: Final = "standby"  # the one that is to take over from scoring
_DELIVER: Final = "deliver"

SCORING_JOBS: Final = f"{SCORE} "  # so begin their names
DELIVERY_JOBS: Final = f"{_DELIVER} "

_LIVE: Final = "live-"
_REPLAY: Final = "replay-"
_WARM_UP: Final = "warm-up-"  # the run of a job that counts for nothing
RUNS_APART: Final = (_REPLAY, _WARM_UP)  # so begin their groups, too

GROUPS: Final = "risk-"  # so begin all groups
# A parameter of scoring jobs: Flink tells it, whatever was noted of the run.
GROUP_PARAMETER: Final = "risk.consumer-group"
SCORING_GROUPS: Final = "risk-score-"
DELIVERY_GROUPS: Final = "risk-deliver-"
CASES_GROUP: Final = "risk-cases"  # of the intake of alerts into cases
CASES_STAGE: Final = "cases"  # the stage that the intake's dead letters name
# Groups that are asked for, but nothing is ever committed under them.
CLI_READER: Final = "risk-cli"
ENDS_READER: Final = "risk-ends"
RECORDED_READER: Final = "risk-recorded"
FEEDBACK_READER: Final = "risk-feedback"
CONTROL_READER: Final = "risk-control"
DEMO_READER: Final = "risk-demo"
CONSOLE: Final = "console"
CONSOLE_READER: Final = "risk-console"
BENCH_READER: Final = "risk-bench-reader"
API_READER: Final = "risk-api"

BENCH_TOPICS: Final = "risk.bench."  # the benches' groups as well
PROVE_TOPICS: Final = "risk.prove."
WARM_UP_TOPICS: Final = "risk.warm-up."


def live_kinds(stores: Iterable[str]) -> tuple[str, ...]:
    """The kinds of live jobs, with deliveries to these stores."""
    return SCORE, *stores


def scoring_job(ruleset: str, version: int, run_id: str, code: str) -> str:
    """A scoring job's name."""
    return f"{SCORING_JOBS}{ruleset} v{version} {run_id} {code}"


def delivery_job(store: str, code: str) -> str:
    """A delivery job's name."""
    return f"{DELIVERY_JOBS}{store} {code}"


def ruleset_of(job: str) -> tuple[str, str]:
    """The ruleset that a scoring job runs, and its version."""
    _, name, version, *_ = job.split()
    return name, version.removeprefix("v")


def kind_of(job: str) -> str | None:
    """Which live job it is, "score" or a store's name; None for one beside them."""
    first, *words = job.split() or [""]
    if first == SCORE:
        return None if any(word.startswith((_REPLAY, _WARM_UP)) for word in words) else SCORE
    return words[0] if first == _DELIVER and words else None


def alike(job: str) -> tuple[str, ...]:
    """The same for jobs that take each other's place: the first two words, "deliver redis" say."""
    return tuple(job.split()[:2])


def is_of_run(job: str, run_id: str) -> bool:
    """Whether the job of that name is that run's."""
    return run_id in job.split()


def warms_up(job: str) -> bool:
    """Whether the job of that name counts for nothing."""
    return any(word.startswith(_WARM_UP) for word in job.split())


def delivery_operator(store: str) -> str:
    """The name of a delivery job's operator."""
    return f"deliver to {store}"


def delivery_stage(store: str) -> str:
    """The stage that a delivery's dead letters name."""
    return f"{_DELIVER}.{store}"


def live_run(mark: str) -> str:
    """A live run's id; `mark` is a word of its own."""
    return _LIVE + mark


def replay_run(name: str) -> str:
    """A replay's id of a name, which may be one already."""
    return name if is_replay(name) else _REPLAY + name


def warm_up_run(mark: str) -> str:
    """The id of a run that counts for nothing; its group, too."""
    return _WARM_UP + mark


def is_replay(run_id: str) -> bool:
    """Whether a run's id is a replay's."""
    return run_id.startswith(_REPLAY)


def scoring_group(ruleset: str) -> str:
    """The consumer group of live scoring under a ruleset."""
    return SCORING_GROUPS + ruleset


def standby_group(run_id: str) -> str:
    """The consumer group of a run that took over, or will: not the one of whom it follows."""
    return SCORING_GROUPS + run_id


def delivery_group(store: str) -> str:
    """The consumer group of the delivery to a store."""
    return DELIVERY_GROUPS + store


def job_account(kind: str) -> str:
    """The account on Kafka of a kind of job: of all that score, or of a store's delivery."""
    return "scoring" if kind == SCORE else f"{_DELIVER}-{kind}"


def user_of(server: str, account: str) -> str:
    """An account's user name on an embedded server; Postgres' needs no quotation marks."""
    return f"risk_{account}" if server == "postgres" else f"risk-{account}"


def secret_of(server: str, account: str) -> str:
    """The name of the file that holds an account's password."""
    return f"{server}-{account}"


def resend_transaction(dlq: str) -> str:
    """The transactional id of whoever sends dead letters again, by the name of their topic."""
    return f"risk-dlq-resend-{dlq}"
