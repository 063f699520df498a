"""`risk erase`: a person leaves every store, the cases and the trails, and stays away."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from confluent_kafka.admin import AdminClient
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.feedback import Logged, build
from risk.engine.messages import Score
from risk.errors import UserError
from risk.kafka import own_topics
from risk.kafka.client import client_config
from risk.ops.actor import Actor
from risk.ops.cases import notes, queue, steps
from risk.ops.cases.take_in import take_in
from risk.ops.erasure import run, topics
from risk.ops.erasure.certificate import decode, encode
from risk.ops.rebuild import rebuild
from risk.registry import access_log, erasures
from risk.registry.access_log import Reader
from risk.registry.cases.records import Filters
from risk.registry.session import session
from sinks import feedback, registry
from sinks.elasticsearch import place
from sinks.postgres.connect import connect
from tests.contract.messages import NOON, score
from tests.topics import Sent, configure, send
from tests.unit.ops.cases.alerts import alert

pytestmark = pytest.mark.stack

ANA = Actor("ana", "analyst")
OTHER = "somebody-else"


@pytest.fixture
def log(migrated: Settings, kafka: Settings) -> Settings:
    """A Postgres of the test's own, and topics."""
    own = own_topics.named(migrated, f"erase-{time.time_ns():x}-")
    own_topics.make(own, msgspec.structs.astuple(own.topics))
    return own


@pytest.fixture
def engine(log: Settings, redis: Settings, elasticsearch: Settings) -> Iterator[Settings]:
    """All stores, with these."""
    prefix = log.topics.scores.replace(".", "-")
    own = replace(log, elasticsearch=replace(log.elasticsearch, index_prefix=prefix))
    yield own
    place.remove(own, own)


@pytest.fixture
def user(engine: Settings) -> str:
    """A user with payments in all stores, a verdict, and a closed case with a note and a look."""
    own = f"u-{time.time_ns():x}"
    batch = [
        score("e1", points=90, user_id=own),
        score("e2", user_id=own, event_time=NOON + 5),
        score("e3", points=90, user_id=OTHER),
    ]
    send(engine, engine.topics.scores, [sent(one) for one in batch], 0)
    for entry in registry.STORES:
        writer = entry.load().create(engine)
        writer.open()
        writer.write(batch)
        writer.close()
    said = build(("e1", own, NOON), "fraud", "analyst", NOON + 5, "ana", "")
    verdicts = feedback.create(engine)
    verdicts.open()
    verdicts.write([Logged(said, NOON, 0, 0)])
    verdicts.close()
    take_in(engine, engine, [alert("e1", user_id=own), alert("e3", user_id=OTHER)])
    mine = next(case for case in queue.page(engine, Filters())[0] if case.user_id == own)
    notes.add_note(engine, mine.id, ANA, "called her")
    steps.close(engine, steps.claim(engine, mine.id, ANA).id, ANA, "fraud", "it is Jane Doe")
    with session(engine) as cursor:
        access_log.note(cursor, Reader("ada", "lead", "::1"), (own, "e1", NOON), ["ip"])
    return own


def sent(one: Score) -> Sent:
    return Sent(one.user_id.encode(), msgspec.json.encode(one))


def verdicts_are_sent(settings: Settings) -> None:
    with connect(settings) as connection:
        connection.execute("UPDATE case_verdicts SET sent_at = now()")


def everything(settings: Settings) -> str:
    """All that Postgres has, as text."""
    with connect(settings) as connection:
        names = [
            str(row[0])
            for row in connection.execute(
                "SELECT table_name FROM information_schema.tables "
                "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            )
        ]
        assert "case_events" in names
        return "".join(
            str(connection.execute(f"SELECT t::text FROM {name} AS t".encode()).fetchall())
            for name in names
        )


def test_an_open_case_keeps_its_user(engine: Settings, user: str) -> None:
    with pytest.raises(UserError, match="verdicts are not sent yet, keep the user: 1: close"):
        run.erase(engine, user, "eve")
    assert run.look(engine, user).open_cases == [1]
    assert run.listed(engine) == []
    assert run.look(engine, user).places["postgres"]["risk_scores"] == 2


def test_a_person_leaves_all_places_and_stays_away(
    engine: Settings, user: str, tmp_path: Path
) -> None:
    verdicts_are_sent(engine)
    before = run.look(engine, user)
    assert run.look(engine, user).places == before.places  # it changes nothing
    assert before.places["postgres"] == {"risk_scores": 2, "rule_hits": 1, "transactions": 2}
    assert before.places["redis"] == {"scores": 2, "latest": 1, "sums": 1}
    assert before.places["elasticsearch"] == {"documents": 2}
    assert before.places["feedback"] == {"risk_feedback": 1}
    told = before.places["cases"]
    assert (told["case_alerts"], told["cases"], told["case_notes"], told["access_log"]) == (
        *(1, 1, 1, 1),
    )
    assert user in everything(engine)
    done = run.erase(engine, user, "eve", "request 17")
    assert done.left == 0
    removed: dict[str, dict[str, int]] = {}
    for one in done.removed:
        removed.setdefault(one.where, {})[one.what] = one.removed
    assert removed == before.places
    (scores,) = (one for one in done.remains if one.where == engine.topics.scores)
    assert scores.records == 2
    assert scores.until is not None
    for text in (everything(engine), encode(done).decode()):
        assert user not in text
        assert "Jane Doe" not in text
    assert "e3" in everything(engine)
    assert decode(encode(done)) == done
    # The trail has every step still, and who took it.
    with connect(engine) as connection:
        found = connection.execute(
            "SELECT step, who FROM case_events WHERE case_id = 1 ORDER BY id"
        )
        assert found.fetchall() == [
            *(("open", "system"), ("alert", "system"), ("note", "ana"), ("claim", "ana")),
            ("close", "ana"),
        ]
        looked = connection.execute("SELECT user_name, user_id, fields FROM access_log").fetchall()
        assert looked == [("ada", "erased", ["ip"])]
    again = run.erase(engine, user, "eve")
    assert (again.erasure, sum(one.removed for one in again.removed)) == (2, 0)
    for entry in registry.STORES:
        rebuilt = rebuild(engine, entry.name, keep=False, report=lambda _: None)
        assert (rebuilt.rows, rebuilt.erased) == (1, 2)
    assert take_in(engine, engine, [alert("e1", user_id=user)]).erased == 1
    assert not any(sum(kinds.values()) for kinds in run.look(engine, user).places.values())
    assert len(run.look(engine, user).earlier) == 2


def test_an_erasure_that_was_interrupted_goes_on(engine: Settings, user: str) -> None:
    verdicts_are_sent(engine)
    away = replace(engine, elasticsearch=replace(engine.elasticsearch, port=1))
    with pytest.raises(Unavailable):
        run.erase(away, user, "eve")
    (begun,) = run.listed(engine)
    assert begun.finished_at is None
    done = run.erase(engine, user, "eve")
    assert done.erasure == begun.id
    (after,) = run.listed(engine)
    assert after.finished_at == done.finished_at
    assert after.certificate is not None
    assert after.certificate["sha256"] == done.sha256


def test_what_others_have_in_a_case_stays(engine: Settings) -> None:
    gang = [alert(f"e{n}", user_id=f"gang-{n}", device_id="d-1") for n in (1, 2)]
    take_in(engine, engine, gang)
    steps.close(engine, steps.claim(engine, 1, ANA).id, ANA, "fraud", "a ring")
    verdicts_are_sent(engine)
    run.erase(engine, "gang-1", "eve", counted=False)
    ring = queue.whole(engine, 1, ANA)
    assert (ring.case.user_id, ring.case.users, ring.case.alerts) == ("erased", ["gang-2"], 1)
    assert (ring.case.state, ring.case.verdict, ring.case.reason) == ("closed", "fraud", "a ring")
    assert [one.detail.get("payments") for one in ring.trail if one.step == "alert"] == [["e2"]]
    assert "gang-1" not in everything(engine)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_events SET who = 'eve'",
        'UPDATE case_events SET detail = detail || \'{"reason": "another"}\'',
        "UPDATE access_log SET user_id = 'erased'",
        "UPDATE access_log SET user_id = 'erased', event_id = 'erased', event_time = 0, role = ''",
        "DELETE FROM case_events",
        "DELETE FROM erasures",
    ],
)
def test_an_erasure_adds_nothing_to_a_trail(engine: Settings, user: str, change: str) -> None:
    with session(engine) as cursor:
        one = erasures.begin(cursor, "ab" * 32, NOON, "eve", "")
    with connect(engine) as connection, connection.cursor() as own:
        own.execute("SELECT set_config('risk.erasure', %s, false)", (str(one.id),))
        with pytest.raises(psycopg.errors.RaiseException, match="never changed or removed"):
            own.execute(change.encode())


def test_a_compacted_topic_gets_a_tombstone_once(log: Settings) -> None:
    topic = log.topics.alerts
    send(log, topic, [Sent(b"u-1", b"{}")], 0)
    send(log, log.topics.scores, [Sent(b"u-1", b"{}")], 0)
    configure(AdminClient(client_config(log.kafka)), topic, "cleanup.policy", "compact")
    assert topics.write_tombstones(log, "u-1") == [topic]
    assert topics.write_tombstones(log, "u-1") == []
    remains = {one.where: one for one in topics.survey(log, "u-1", NOON, counted=True)}
    assert remains[topic].until is None
    assert remains[log.topics.scores].until is not None


def test_what_is_certified_can_not_be_changed(engine: Settings) -> None:
    done = run.erase(engine, "nobody", "eve", counted=False)
    said = json.loads(encode(done))
    said["by"] = "somebody else"
    with pytest.raises(ValueError, match="it was changed"):
        decode(json.dumps(said).encode())
