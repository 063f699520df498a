"""The search for drift in what Postgres holds: which payments are taken, and what of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from risk.config.types import DAY_MS
from risk.engine.feedback import Logged, build
from risk.engine.messages import Score
from risk.errors import UserError
from risk.registry import activations, samples
from risk.registry.samples import DecisionSpan, Read
from risk.verify.drift.periods import HOUR_MS, Period
from risk.verify.drift.sample import Counts, Verdicts
from risk.verify.drift.sources import Stored
from risk.verify.drift.watch import Watch
from sinks import registry
from sinks.postgres import create
from sinks.postgres.connect import connect
from sinks.sql import statement
from tests.contract.messages import ACTIVE, NOON, OTHER, score

pytestmark = pytest.mark.stack

SPAN = DecisionSpan(ACTIVE[0], None, NOON, NOON + HOUR_MS)


def write(settings: Settings, scores: list[Score]) -> None:
    sink = create(settings)
    sink.open()
    for at in range(0, len(scores), 2_000):
        sink.write(scores[at : at + 2_000])
    sink.close()


def numbered(n: int, begin: int = NOON, step: int = 1_000, **changes: Any) -> Iterator[Score]:
    """Payments whose first feature is their number."""
    for number in range(n):
        one = score(f"{begin}-{number:05}", event_time=begin + number * step, **changes)
        features = {**one.features, "user_count_5m": number}
        yield msgspec.structs.replace(one, features=features)


def taken(
    settings: Settings, which: DecisionSpan = SPAN, most: int = 1_000
) -> tuple[Read, list[int]]:
    """What is read, and the numbers of the payments that are sampled."""
    found: list[int] = []
    read = samples.read(
        settings, which, most, lambda points, features: found.append(features["user_count_5m"])
    )
    return read, sorted(found)


def test_of_a_span_its_settled_payments_are_taken_and_its_late_ones_counted(
    migrated: Settings,
) -> None:
    write(
        migrated,
        [
            *numbered(10),
            score("before", event_time=NOON - 1),
            score("after", event_time=NOON + HOUR_MS),
            score("late", event_time=NOON + 5, late=True, points=90),
            score("beside", event_time=NOON + 6, kind="shadow", ruleset=(ACTIVE[0], 2)),
            score("again", event_time=NOON + 7, kind="replay"),
            score("other", event_time=NOON + 8, ruleset=OTHER),
            score("odd", event_time=NOON + 9, points=50, ruleset=(ACTIVE[0], 3)),
        ],
    )
    read, numbers = taken(migrated)
    assert numbers == [0, *range(10)]  # that of version 3 has zeros
    rows = {(row["decision"], row["late"], row["version"]): row["payments"] for row in read.counts}
    assert rows == {("ALLOW", False, 1): 10, ("BLOCK", True, 1): 1, ("REVIEW", False, 3): 1}
    assert read.verdicts is None
    _, of_version = taken(migrated, SPAN._replace(version=2))
    assert len(of_version) == 1
    _, with_replays = taken(migrated, SPAN._replace(version=1))
    assert len(with_replays) == 11
    assert taken(migrated, SPAN._replace(ruleset="nobody")) == (Read([], None), [])


def test_a_sample_is_the_same_each_time_and_from_all_over_the_span(migrated: Settings) -> None:
    scores = list(numbered(3_000))
    write(migrated, scores[::2])
    write(migrated, scores[1::2])
    first = taken(migrated, most=300)[1]
    assert len(set(first)) == 300
    assert taken(migrated, most=300)[1] == first
    assert set(first) < set(taken(migrated, most=600)[1])
    # A tenth of each third, give or take five standard deviations.
    for third in range(3):
        assert 55 < sum(third * 1_000 <= number < (third + 1) * 1_000 for number in first) < 145
    write(migrated, scores)  # delivered once more
    assert taken(migrated, most=300)[1] == first


def test_the_index_on_time_is_there_for_it(migrated: Settings) -> None:
    """Given a choice between all of the table and the index, as in a large table."""
    write(migrated, list(numbered(5_000, step=400_000)))
    write(migrated, list(numbered(5_000, begin=NOON + 1, step=400_000, points=80)))
    values = {**SPAN._asdict(), "most": 100, "age_ms": 0}
    with connect(migrated) as connection:
        connection.execute("ANALYZE risk_scores")
        connection.execute("SET enable_seqscan = off")
        for name in ("drift_counts", "drift_sample", "drift_verdicts"):
            plan = connection.execute(b"EXPLAIN " + statement(name), values).fetchall()
            text = "\n".join(row[0] for row in plan)
            assert "risk_scores_time" in text or "risk_scores_flagged" in text, text
            assert "Seq Scan on risk_scores" not in text, text


def test_a_verdict_counts_that_was_known_soon_enough(migrated: Settings) -> None:
    write(
        migrated,
        [
            *(score(f"e{n}", points=80, event_time=NOON + n) for n in range(5)),
            score("allowed", event_time=NOON),
            score("late", points=80, event_time=NOON, late=True),
        ],
    )

    def said(event: str, at: int, verdict: str, source: str, days: float) -> Any:
        known = NOON + int(days * DAY_MS)
        return build((event, "u-1", NOON + at), verdict, source, known, "ana")

    log = [
        said("e0", 0, "fraud", "analyst", 1),
        said("e1", 1, "legitimate", "analyst", 1),
        said("e1", 1, "fraud", "chargeback", 2),  # of a higher source
        said("e2", 2, "fraud", "analyst", 1),
        said("e2", 2, "legitimate", "analyst", 5),  # too late to count
        said("e3", 3, "fraud", "chargeback", 9),  # too late as well
        said("allowed", 0, "fraud", "analyst", 1),
        said("late", 0, "fraud", "analyst", 1),
    ]
    writer = registry.delivery("feedback").load().create(migrated)
    writer.open()
    writer.write([Logged(one, NOON + at, 0, at) for at, one in enumerate(log)])
    uploaded = said("e4", 4, "fraud", "chargeback", 1)  # but not before three weeks had passed
    writer.write([Logged(uploaded, NOON + 21 * DAY_MS, 0, len(log))])
    writer.close()
    period = Period(NOON, NOON + HOUR_MS)

    def verdicts(days: int) -> Verdicts:
        source = Stored(migrated, ACTIVE[0], None, period, age_ms=days * DAY_MS)
        return source.population(lambda words: None).verdicts

    assert verdicts(3) == Verdicts(5, fraud=3, legitimate=0)
    assert verdicts(1) == Verdicts(5, fraud=2, legitimate=1)
    assert verdicts(6) == Verdicts(5, fraud=2, legitimate=1)
    assert verdicts(10) == Verdicts(5, fraud=3, legitimate=1)


def test_a_population_has_what_was_stored(migrated: Settings) -> None:
    write(migrated, [*numbered(2_500), score("l", event_time=NOON, late=True, points=80)])
    said: list[str] = []
    source = Stored(migrated, ACTIVE[0], None, Period(NOON, NOON + HOUR_MS), most=2_100)
    found = source.population(said.append)
    assert found.counts == Counts({"ALLOW": 2_500, "BLOCK": 0}, 1, (1,))
    assert found.sample.rows == 2_100
    assert found.sample.score.values.tolist() == [0] * 2_100
    counted = found.sample.features["user_count_5m"]
    assert counted.whole
    assert len(set(counted.values.tolist())) == 2_100
    assert not found.sample.features["user_amount_ratio"].whole
    assert said == ["counting payments", "2,000 payments"]


def risk(settings: Settings, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    for name, value in to_environment(settings).items():
        monkeypatch.setenv(name, value)
    return main(["drift", *words])


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).isoformat()


def test_the_command(
    migrated: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    day = [
        msgspec.structs.replace(one, features={**one.features, "user_count_5m": number % 5})
        for number, one in enumerate(numbered(2_000, step=40_000))
    ]
    other = [
        msgspec.structs.replace(one, features={**one.features, "user_count_5m": 9})
        for one in numbered(2_000, NOON + 2 * DAY_MS, step=40_000)
    ]
    write(migrated, day + other)
    at = {n: iso(NOON + n * DAY_MS) for n in range(4)}
    reference = ("--reference", at[0], at[1])
    times = (*reference, "--from", at[2], "--to", at[3])

    assert risk(migrated, monkeypatch, *times) == 2
    assert "--ruleset: none has been active yet" in capsys.readouterr().err

    named = (*times, "--ruleset", "default")
    assert risk(migrated, monkeypatch, *named, "--json", "--by", "hour") == 0
    found = msgspec.json.decode(capsys.readouterr().out)
    assert found["level"] == "much"
    assert found["features"][0]["name"] == "user_count_5m"
    assert [one["level"] for one in found["features"][1:]] == ["none"] * 15
    assert (found["reference"]["payments"], found["current"]["sampled"]) == (2_000, 2_000)
    assert {one["level"] for one in found["buckets"]} == {"too few"}

    assert risk(migrated, monkeypatch, *named, "--fail") == 1
    assert "user_count_5m\tmuch\t" in capsys.readouterr().out
    same = ("--from", at[0], "--to", at[1], "--reference", at[2], at[3])
    assert risk(migrated, monkeypatch, *same, "--ruleset", "default", "--fail") == 1

    empty = ("--from", at[2], "--to", at[3], "--reference", iso(NOON - DAY_MS), at[0])
    assert risk(migrated, monkeypatch, *empty, "--ruleset", "default") == 2
    assert "--reference: default has decided nothing in that time" in capsys.readouterr().err
    assert risk(migrated, monkeypatch, *times, "--ruleset", "nobody") == 2
    assert "--ruleset nobody: is no folder, and never ran" in capsys.readouterr().err


def test_by_itself_it_is_about_what_is_active(
    migrated: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    activations.activate(migrated, "nowhere", 7)
    assert risk(migrated, monkeypatch) == 2
    assert "--ruleset nowhere:7: never ran" in capsys.readouterr().err


def test_without_the_tables_it_says_how_to_make_them(
    database: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert risk(database, monkeypatch, "--ruleset", "default") == 2
    assert capsys.readouterr().err.endswith(": run `risk migrate`\n")


def test_what_the_exporter_measures(migrated: Settings) -> None:
    watch = Watch(migrated)
    now = (NOON // DAY_MS + 9) * DAY_MS + DAY_MS // 2
    begin = now - DAY_MS // 2 - 8 * DAY_MS  # of the seven days before yesterday noon's
    with pytest.raises(UserError, match="no ruleset has been active yet"):
        watch.look(now)
    activations.activate(migrated, *ACTIVE)
    found = watch.look(now)
    assert (found.level, found.reference.payments, found.current.payments) == ("too few", 0, 0)
    write(
        migrated,
        [
            *numbered(600, begin, step=1_000_000),
            *numbered(600, now - DAY_MS, step=100_000, points=90),
        ],
    )
    found = watch.look(now)
    assert (found.level, found.score.level, found.decisions.level) == ("much", "much", "much")
    assert found.current.end == now - 2 * 60_000  # 90 s, and then whole minutes
    assert (found.reference.begin, found.reference.payments) == (begin, 600)
    write(migrated, list(numbered(5, begin + 1, step=1_000_000)))
    later = watch.look(now + HOUR_MS)
    assert later.reference == found.reference  # it is read once a day
    assert later.current.payments < found.current.payments == 600
