"""What the demo counts, whatever order it reads in and however often it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.demonstration.gauges import pending
from cli.demonstration.hints import hints
from cli.demonstration.summary import Latency, percentiles
from cli.demonstration.tally import Counts, Tally
from risk.messages import Late, MaskedTransaction
from risk.settings import Postgres, Redis, Settings
from stack.process import Home

RULESET = ("default", 1)
TOPIC = "risk.transactions"
SHOWN = MaskedTransaction(
    1, "EUR", "m1", "5411", "web", "DE", "10.0.0.1", "d1", "****", "bank-north"
)


def json(**fields: Any) -> bytes:
    return msgspec.json.encode(fields)


def transaction(event: int, time: int = 0) -> bytes:
    return json(event_id=f"e{event}", user_id="u1", event_time=time, amount=5)


def score(event: int, revision: int = 0, decision: str = "ALLOW", **other: Any) -> bytes:
    fields = {"ruleset": RULESET[0], "ruleset_version": RULESET[1], **other}
    return json(
        event_id=f"e{event}",
        user_id="u1",
        event_time=0,
        revision=revision,
        decision=decision,
        **fields,
    )


def late(event: int, offset: int) -> bytes:
    return msgspec.json.encode(Late(1, f"e{event}", "u1", 0, "run", 31_000, 0, offset, SHOWN))


def dead(offset: int, topic: str = TOPIC) -> dict[str, bytes | None]:
    place = {"topic": topic, "partition": "0", "offset": str(offset)}
    return {f"__connect.errors.{name}": text.encode() for name, text in place.items()}


# A record: which event it is of, and what becomes of it.
records = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["good", "late", "rejected"])), max_size=30
)


@given(records, st.integers(0, 10), st.randoms(use_true_random=False), st.booleans())
def test_each_record_has_one_outcome(
    stream: list[tuple[int, str]], begin: int, rng: Any, twice: bool
) -> None:
    """However the topics interleave, and whether or not a restart repeats what was said."""
    tally = Tally(RULESET, {0: begin})
    seen: set[int] = set()
    wanted = {"scored": 0, "duplicate": 0, "late": 0, "rejected": 0}
    transactions: list[Any] = []
    outputs: list[Any] = []
    for offset, (event, fate) in enumerate(stream):
        transactions.append((tally.transaction, (0, offset), 7, transaction(event)))
        outcome = fate
        if fate == "late":
            outputs.append((tally.late, late(event, offset)))
        elif fate == "rejected":
            outputs.append((tally.dead_letter, TOPIC, dead(offset)))
        else:
            outcome = "duplicate" if event in seen else "scored"
            if event not in seen:
                outputs.append((tally.score, 9, score(event)))
            seen.add(event)
        if offset >= begin:
            wanted[outcome] += 1
    # The engine says nothing of an event from before the run again, but its outputs may be read.
    rng.shuffle(outputs)
    calls = _interleaved(transactions, outputs * (1 + twice), rng)
    for call, *arguments in calls:
        call(*arguments)
    counts = tally.counts()
    assert counts.events == max(0, len(stream) - begin)
    assert counts.waiting == 0
    assert sum(counts[1:]) == counts.events
    assert (counts.late, counts.rejected) == (wanted["late"], wanted["rejected"])
    if begin == 0:
        assert (counts.scored, counts.duplicate) == (wanted["scored"], wanted["duplicate"])


def _interleaved(first: list[Any], second: list[Any], rng: Any) -> list[Any]:
    """Both in their own order."""
    found: list[Any] = []
    first, second = list(first), list(second)
    while first or second:
        side = first if first and (not second or rng.random() < 0.5) else second
        found.append(side.pop(0))
    return found


def test_a_record_without_an_outcome_waits() -> None:
    tally = Tally(RULESET, {})
    tally.transaction((0, 0), 5, transaction(1))
    tally.transaction((0, 1), 5, b"not json")
    assert tally.counts() == Counts(2, 0, 0, 0, 0, 2)
    tally.score(9, score(1))
    tally.dead_letter(TOPIC, dead(1))
    assert tally.counts() == Counts(2, 1, 0, 0, 1, 0)


def test_what_an_earlier_run_sent_is_a_duplicate() -> None:
    tally = Tally(RULESET, {0: 1})
    tally.transaction((0, 0), 5, transaction(1))
    tally.transaction((0, 1), 6, transaction(1))
    assert tally.counts() == Counts(1, 0, 1, 0, 0, 0)


def test_the_settled_decision_counts_and_the_first_append() -> None:
    tally = Tally(RULESET, {})
    tally.transaction((0, 0), 5, transaction(1))
    tally.score(12, score(1, 1, "BLOCK"))
    tally.score(9, score(1, 0, "REVIEW"))
    tally.score(20, score(1, 0, "REVIEW", ruleset="other"))
    [(key, appended, said)] = tally.settled()
    assert key == ("e1", "u1", 0)
    assert (appended, said.first_ms, said.decision) == (5, 9, "BLOCK")
    assert +tally.decisions == {"BLOCK": 1}


def test_dead_letters_of_deliveries_are_not_the_runs() -> None:
    tally = Tally(RULESET, {})
    tally.transaction((0, 0), 5, transaction(1))
    tally.dead_letter(TOPIC, dead(0, "risk.scores"))
    assert tally.counts().rejected == 0


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_percentiles_are_values_that_occur(values: list[int]) -> None:
    found = percentiles(values)
    assert found is not None
    assert {found.p50, found.p95, found.p99} <= set(values)
    assert sum(value <= found.p95 for value in values) >= 0.95 * len(values)


def test_percentiles_of_nothing_and_of_a_hundred() -> None:
    assert percentiles([]) is None
    assert percentiles(range(1, 101)) == Latency(100, 50, 95, 99)


def test_pending_records_by_job() -> None:
    name = "flink_taskmanager_job_task_operator_pendingRecords"
    page = "\n".join(
        (
            f"# HELP {name} pendingRecords",
            f'{name}{{job_id="aa",operator_name="one",}} 3.0',
            f'{name}{{operator_name="two",job_id="aa",}} 4.0',
            f'{name}{{job_id="bb",operator_name="one",}} 0.0',
            f'{name}Other{{job_id="bb",}} 9.0',
        )
    )
    assert pending([page, ""]) == {"aa": 7, "bb": 0}


def test_commands_to_paste_show_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(Path("/data folder"))
    for settings in (
        Settings(),
        Settings(postgres=Postgres(password="geheim"), redis=Redis(password="geheim")),
    ):
        text = "\n".join(command for _, command in hints(settings, home))
        assert "geheim" not in text
        assert ("cat '/data folder/secrets/postgres'" in text) == (not settings.redis.password)
    monkeypatch.setenv("RISK_REDIS__PASSWORD", "geheim")
    text = "\n".join(command for _, command in hints(settings, home))
    assert 'REDISCLI_AUTH="$RISK_REDIS__PASSWORD"' in text
