"""What the demo counts, whatever order it reads in and however often it is told."""

from __future__ import annotations

import time
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from risk.cli.demonstration.gauges import pending
from risk.cli.demonstration.hints import hints
from risk.cli.demonstration.show import show
from risk.cli.demonstration.summary import (
    Chaos,
    Latency,
    Store,
    Summary,
    caught,
    disagreements,
    percentiles,
)
from risk.cli.demonstration.tally import Counts, Tally
from risk.cli.demonstration.traffic import Phase, Traffic
from risk.cli.demonstration.view import Look, View
from risk.config.settings import Postgres, Redis, Settings
from risk.engine.messages import Label, Late, MaskedTransaction
from risk.errors import UserError
from risk.stack.process import Home
from risk.verify.quality.budgets import Recall
from risk.verify.verification import Report
from risk.waiting import until

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
    fields = {"ruleset": RULESET[0], "ruleset_version": RULESET[1], "score": 0, **other}
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
    [(key, appended, emitted)] = tally.settled()
    assert key == ("e1", "u1", 0)
    assert (appended, emitted.first_ms, emitted.decision) == (5, 9, "BLOCK")
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


def label(event: int, attack: str | None) -> bytes:
    return msgspec.json.encode(Label(1, f"e{event}", "u1", 0, attack is not None, attack))


def one_run() -> Tally:
    """Two payments, the fraudulent one blocked, and a late one."""
    tally = Tally(RULESET, {})
    for offset, decision in enumerate(("ALLOW", "BLOCK")):
        tally.transaction((0, offset), 5, transaction(offset))
        tally.score(9, score(offset, 0, decision, score=80 * offset))
        tally.label(label(offset, "card_testing" if offset else None))
    tally.transaction((0, 2), 5, transaction(2))
    tally.late(late(2, 2))
    tally.score(9, score(2, 0, "ALLOW", late=True))
    return tally


def report(mismatches: int = 0) -> Report:
    first = ["risk.scores: e1 is missing"] * mismatches
    return Report(*RULESET, 3, 2, 0, 0, 1, 0, 0, {}, 0, 0, mismatches, {}, first)


def test_recall_and_false_positives() -> None:
    found = caught(one_run())
    assert found.attacks == {"card_testing": Recall(1, 1, [1.0, 1.0, 1.0])}
    assert (found.honest, found.honest_flagged) == (1, 0)


def test_what_adds_up_and_what_does_not() -> None:
    tally = one_run()
    full = {"postgres": Store(2, 1, 3), "redis": Store(2, 1)}
    assert disagreements(3, tally.counts(), full, tally, report()) == []
    wrong = {"postgres": Store(2, 1, 2), "redis": Store(1, 1)}
    tally.transaction((0, 3), 5, transaction(4))
    assert disagreements(5, tally.counts(), wrong, tally, report(1)) == [
        "5 records were acknowledged, 4 can be read",
        "1 records have no outcome",
        "postgres holds 2 scores, 1 flagged, 2 archived of 2 scores, 1 flagged, 3 archived",
        "redis holds 1 scores, 1 flagged of 2 scores, 1 flagged",
        "1 mismatches with the oracle, first: risk.scores: e1 is missing",
    ]


@pytest.mark.parametrize("wrong", [[], ["redis holds nothing"]])
def test_the_summary_is_shown(wrong: list[str]) -> None:
    found = Summary(
        ok=not wrong,
        ruleset="default",
        ruleset_version=1,
        seed=7,
        rate=300.0,
        seconds=90.0,
        to_first_score_s=None,
        sent=3,
        read=3,
        scored=2,
        duplicate=0,
        late=1,
        rejected=0,
        decisions={"ALLOW": 1, "REVIEW": 0, "BLOCK": 1},
        corrected=0,
        stores={"postgres": Store(2, 1, 3)},
        quality=caught(one_run()),
        latency_ms={"risk.scores": Latency(2, 4, 4, 4), "postgres": Latency(1, 60, 60, 60)},
        most_behind_s=0.1,
        chaos=Chaos("taskmanager-0", 42, None),
        verified=report(),
        disagreements=wrong,
    )
    console = Console(width=100, file=StringIO())
    show(found, console)
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert ("all counts agree" in text) == (not wrong)
    assert all(line in text for line in wrong)
    assert "readable in postgres" in text
    assert "scores again: never" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_the_view_is_drawn_with_and_without_a_terminal(terminal: bool) -> None:
    console = Console(width=160, file=StringIO(), force_terminal=terminal)
    look = Look("traffic", 12.0, 1_000, 99.0, 990, 10, {"BLOCK": 3}, {"score": 7}, [("u1", 90)])
    with View(console) as view:
        view.show(look)
        view.say("something happened")
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "1,000" in text
    assert "u1" in text
    assert "something happened" in text


def test_traffic_that_cannot_start_says_why(tmp_path: Path) -> None:
    traffic = Traffic([Phase(10.0, 5.0, "nothing", 1)], tmp_path / "log")
    with pytest.raises(UserError, match=r"no traffic: --attack: no attack 'nothing'"):  # noqa: PT012
        while traffic.step():
            time.sleep(0.05)


def test_traffic_goes_on_when_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = '{"records": 3, "most_behind_s": 0.0, "errors": 0, "first_error": null}'
    monkeypatch.setattr("risk.cli.demonstration.traffic.COMMAND", f"print({told!r})")
    traffic = Traffic([Phase(10.0, 5.0, "none", seed) for seed in range(2)], tmp_path / "log")
    asked: list[int] = []

    def go_on() -> bool:
        asked.append(traffic.sent)
        return len(asked) == 3

    while traffic.step(go_on):
        time.sleep(0.01)
    assert asked == [3, 3, 3]
    assert traffic.sent == 6


ENDLESS = """\
import signal, sys
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(print({told!r})))
print("begun", file=sys.stderr, flush=True)
while True:
    signal.pause()
"""


def test_traffic_that_is_ended_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = '{"records": 3, "most_behind_s": 0.0, "errors": 0, "first_error": null}'
    monkeypatch.setattr("risk.cli.demonstration.traffic.COMMAND", ENDLESS.format(told=told))
    log = tmp_path / "log"
    traffic = Traffic([Phase(10.0, 3_600.0, "none", 1)], log)
    assert traffic.step()
    assert until(lambda: "begun" in log.read_text(), 30.0, 0.01)
    traffic.end()
    assert traffic.sent == 3
    assert not traffic.step()
    traffic.end()
    assert traffic.sent == 3
