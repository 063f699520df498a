"""`risk audit` on real stores: what is searched for is found, and all about one event."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import sinks.redis.client
from risk.audit.elastic import to_elastic
from risk.audit.language import parse
from risk.audit.record import record
from risk.cli import audit
from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from risk.engine.messages import Score
from sinks import registry
from sinks.elasticsearch.client import connect
from sinks.elasticsearch.search import search
from sinks.store import Finds
from tests.contract.messages import ACTIVE, NOON, OTHER, late, score

pytestmark = pytest.mark.stack
replace = msgspec.structs.replace
HOUR = 3_600_000
_names = itertools.count()

SCORES = [
    score("e1", points=90, user_id="u1"),
    score("e1", points=50, user_id="u1", ruleset=OTHER, kind="shadow"),
    score("e2", points=45, user_id="u1", ip="198.51.100.9", event_time=NOON - HOUR),
    score("e3", user_id="u2", device_id="d 9", event_time=NOON - 2 * HOUR, country="FR"),
    score("e4", points=70, user_id="u23", amount=5, event_time=NOON - 48 * HOUR, revision=1),
]


@pytest.fixture
def filled(elasticsearch: Settings) -> Iterator[Settings]:
    """Elasticsearch with SCORES alone, under a prefix of the test's own."""
    prefix = f"audit-{time.time_ns():x}-{next(_names)}"
    section = replace(elasticsearch.elasticsearch, index_prefix=prefix)
    settings = replace(elasticsearch, elasticsearch=section)
    write(settings, "elasticsearch", SCORES)
    yield settings
    with connect(settings) as client:
        for name in client.indices.get_settings(index=f"{prefix}-*"):
            client.indices.delete(index=name)
        client.indices.delete_index_template(name=prefix)


def write(settings: Settings, store: str, batch: list[Any]) -> None:
    sink = registry.load(store).create(settings)
    sink.open()
    assert not sink.write(batch).refused
    sink.close()
    if store == "elasticsearch":
        with connect(settings) as client:
            client.indices.refresh(index=f"{settings.elasticsearch.index_prefix}-*")


def ids(settings: Settings, text: str) -> list[str]:
    """What a query finds, an hour after the last event."""
    total, hits = search(settings, to_elastic(parse(text), NOON + HOUR), 10)
    assert total == len(hits)
    return [f"{hit.source['event']['id']}:{hit.source['rule']['ruleset']}" for hit in hits]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "e1:default e1:strict e2:default e3:default e4:default"),
        ("user:u1 decision:BLOCK", "e1:default"),
        ("user:u1 last 90m", "e1:default e1:strict"),
        ("user:u1 last 2h", "e1:default e1:strict e2:default"),
        ("user:u2", "e3:default"),
        ("user:u2*", "e3:default e4:default"),
        ("user:u2,u23 -kind:shadow", "e3:default e4:default"),
        ("decision:REVIEW,BLOCK -user:u1", "e4:default"),
        ("ip:198.51.100.0/24", "e2:default"),
        ('device:"d 9"', "e3:default"),
        ("rule:velocity* score>=70", "e1:default e4:default"),
        ("rule:velocity_burst score<70", "e1:strict e2:default"),
        ("-rule:*", "e3:default"),
        ("ruleset:strict", "e1:strict"),
        ("ruleset:strict:3 kind:shadow", "e1:strict"),
        ("ruleset:default:2", ""),
        ("amount<=5", "e4:default"),
        ("revision:1", "e4:default"),
        ("country:fr", "e3:default"),
        ("from 2025-02-27 to 2025-02-27", "e4:default"),
        ("from 2025-03-01T11:00 to 2025-03-01T12:00", "e2:default"),
        ("event:e1,e4", "e1:default e1:strict e4:default"),
        (f"score:{10**17}", ""),
    ],
)
def test_searches(filled: Settings, text: str, expected: str) -> None:
    assert ids(filled, text) == expected.split()


def test_without_any_index_nothing_is_found(elasticsearch: Settings) -> None:
    section = replace(elasticsearch.elasticsearch, index_prefix="never-written")
    settings = replace(elasticsearch, elasticsearch=section)
    assert search(settings, to_elastic(parse("user:u1"), NOON), 10) == (0, [])


@pytest.fixture
def everywhere(filled: Settings, migrated: Settings, redis: Settings) -> Iterator[Settings]:
    """All three stores with SCORES, and a late event in Postgres; nothing of it stays there."""
    settings = replace(filled, postgres=migrated.postgres)
    write(settings, "postgres", [*SCORES, late("audit-late", user_id="u9")])
    write(settings, "redis", SCORES)
    yield settings
    with sinks.redis.client.connect(redis) as client:
        client.flushdb()


def test_all_about_an_event(everywhere: Settings) -> None:
    found = record(everywhere, "e1")
    (one,) = found.payments
    assert [(s.ruleset, s.ruleset_version, s.kind) for s in one.scores] == [
        (*ACTIVE, "live"),
        (*OTHER, "shadow"),
    ]
    live, shadow = one.scores
    assert live.stored == {"elasticsearch": 0, "postgres": 0, "redis": 0}
    assert shadow.stored == {"elasticsearch": 0, "postgres": 0}
    assert (live.score, live.decision, live.event_time, live.scored_at) == (
        90,
        "BLOCK",
        NOON,
        NOON + 20,
    )
    assert live.reasons == [
        {"rule": "velocity_burst", "version": 2, "points": 90, "text": "90 points"}
    ]
    assert live.features == SCORES[0].features
    assert one.transaction is not None
    assert (one.transaction["user_id"], one.transaction["card_token"]) == ("u1", "****4242")
    assert (one.late, one.late_by) == (False, None)
    assert "risk_scores, transactions" in found.stored["postgres"]
    assert "under default:1, for 86," in found.stored["redis"]


def test_the_newest_revision_counts_and_each_stores_own_is_told(everywhere: Settings) -> None:
    newer: Score = score("e2", points=80, revision=1, user_id="u1", event_time=NOON - HOUR)
    write(everywhere, "postgres", [newer])
    (one,) = record(everywhere, "e2").payments
    (found,) = one.scores
    assert (found.revision, found.score, found.kind) == (1, 80, "live")
    assert found.stored == {"elasticsearch": 0, "postgres": 1, "redis": 0}


def test_a_late_event_is_in_the_archive_alone(everywhere: Settings) -> None:
    found = record(everywhere, "audit-late")
    (one,) = found.payments
    assert (one.scores, one.late, one.late_by, one.behind) == ([], True, 45_000, "partition")
    assert one.transaction is not None
    assert (one.transaction["user_id"], one.transaction["event_time"]) == ("u9", NOON)


def test_all_payments_under_an_event_id_are_shown(everywhere: Settings) -> None:
    others = [
        score("e1", points=70, user_id="u2"),
        score("e1", points=45, user_id="u1", event_time=NOON + 7, late=True),
    ]
    for store in registry.names():
        write(everywhere, store, others)
    found = record(everywhere, "e1").payments
    assert [(one.user_id, one.event_time, one.late) for one in found] == [
        ("u1", NOON, False),
        ("u1", NOON + 7, True),
        ("u2", NOON, False),
    ]
    assert [one.scores[0].score for one in found] == [90, 45, 70]
    assert all(list(one.scores[0].stored.values()) == [0, 0, 0] for one in found)
    (one,) = record(everywhere, "e1", "u2").payments
    assert (one.user_id, one.scores[0].score) == ("u2", 70)
    assert ids(everywhere, "late:true") == ["e1:default"]
    # Redis finds them by itself, too, where nobody else knows of them.
    for user, count in ((None, 3), ("u1", 2), ("nobody", 0)):
        assert len(sinks.redis.look_up(everywhere, "e1", user).held) == count


def test_a_score_says_which_features_lack_history(
    command: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    since = {"user_history_count": NOON - 48 * HOUR}
    lacking = replace(score("e7", points=50, user_id="u7"), since=since)
    for store in registry.names():
        write(command, store, [lacking])
        loaded = registry.load(store)
        if isinstance(loaded, Finds):  # the others keep no features
            assert loaded.find(command, "e7").scores[0].since == since
    assert main(["audit", "event:e7"]) == 0
    said = capsys.readouterr().out
    assert "user_history_count: history since 2025-02-27 12:00:00" in said
    assert main(["audit", "user:u7", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hits"][0]["since"] == since


def test_a_store_that_is_away_is_said_to_be(everywhere: Settings) -> None:
    away = replace(everywhere, redis=replace(everywhere.redis, port=1))
    found = record(away, "e1")
    assert len(found.payments[0].scores) == 2
    assert found.stored["redis"].startswith("redis: ")


@pytest.fixture
def command(everywhere: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The command's environment is the test stack's."""
    for name, value in to_environment(everywhere).items():
        monkeypatch.setenv(name, value)
    return everywhere


def test_the_command_finds(command: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "user:u1", "decision:BLOCK", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["total"], found["hits"][0]["event_id"]) == (1, "e1")
    assert main(["audit", "--limit", "2"]) == 0
    table, more = capsys.readouterr()
    assert table.splitlines()[0].startswith("event time, UTC\tevent\tuser\tdecision\t")
    assert len(table.splitlines()) == 3
    assert "5 found, the latest 2 shown" in more
    ways = ["e1"], ["event:e1"], ["--event", "e1"], ["e1", "--user", "u1"]
    for arguments in (["audit", *way] for way in ways):
        assert main(arguments) == 0
        text = capsys.readouterr().out
        for words in ("default:1: BLOCK 90", "strict:3 (shadow): REVIEW 50", "user_count_5m"):
            assert words in text
    assert main(["audit", "event:e1", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["payments"][0]["scores"]) == 2
    assert main(["audit", "event:audit-late"]) == 0
    assert "late by 45,000 ms behind the partition" in capsys.readouterr().out


def test_the_commands_mistakes(
    command: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["audit", "event:nowhere"]) == 1
    assert "no event nowhere\n  elasticsearch: no\n  postgres: no" in capsys.readouterr().err
    assert main(["audit", "e1", "--user", "u2"]) == 1
    assert "no event e1 of user u2\n" in capsys.readouterr().err
    assert main(["audit", "usr:u1"]) == 2
    said = capsys.readouterr().err
    assert "risk: query: no field usr: did you mean user?" in said
    assert said.endswith("\nif it is an event's id: risk audit --event usr:u1\n")
    assert main(["audit", "decision:BLOCK", "--user", "u1"]) == 2
    assert "--user is for one event: in a query write user:ID" in capsys.readouterr().err
    assert main(["audit", "user:u1", "--event", "e1"]) == 2
    assert "leave the query out" in capsys.readouterr().err
    monkeypatch.setenv("RISK_ELASTICSEARCH__PORT", "1")
    assert main(["audit", "user:u1"]) == 2
    assert "is it up? see `risk status`" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["audit", "--limit", "0"])
    assert audit.MOST == 10_000
