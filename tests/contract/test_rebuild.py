"""`risk rebuild`: a store that is emptied and filled again from Kafka, while others write to it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from risk.engine.delivery import Message, Sink, Unavailable, Written
from risk.engine.messages import Score
from risk.errors import UserError
from risk.kafka import scan as topics
from risk.kafka.topics import create_topics
from risk.ops.rebuild import Rebuilt, missing, rebuild
from risk.registry import activations
from sinks import redis, registry
from sinks.elasticsearch.client import connect as elasticsearch_client
from sinks.postgres.connect import connect as postgres_client
from sinks.redis.client import connect as redis_client
from sinks.stored import Stored
from tests.contract.gate import Gate
from tests.contract.messages import ACTIVE, NOON, OTHER, late, many, score
from tests.contract.test_stores import expected
from tests.databases import own_database

pytestmark = pytest.mark.stack
replace = msgspec.structs.replace
encode = msgspec.json.encode
_run = f"{time.time_ns():x}"


def quiet(state: Rebuilt) -> None:
    pass


class Store(NamedTuple):
    """A store that is the module's own, and topics that are the test's."""

    name: str
    settings: Settings

    def sink(self) -> Sink:
        sink = registry.load(self.name).create(self.settings)
        sink.open()
        return sink

    def scan(self, ruleset: tuple[str, int] = ACTIVE) -> list[Stored]:
        return list(registry.load(self.name).scan(self.settings, *ruleset))

    def rebuild(self, keep: bool = False) -> Rebuilt:
        return rebuild(self.settings, self.name, keep, quiet)

    def produce(self, messages: Sequence[Message | bytes]) -> None:
        producer = Producer({"bootstrap.servers": self.settings.kafka.servers, "acks": "all"})
        topics = self.settings.topics
        for message in messages:
            if isinstance(message, bytes):
                producer.produce(topics.scores, message)
            else:
                topic = topics.scores if isinstance(message, Score) else topics.late
                producer.produce(topic, encode(message), key=message.user_id)
        assert producer.flush(30) == 0


@pytest.fixture(scope="module")
def own(kafka: Settings, postgres: Settings, elasticsearch: Settings) -> Iterator[Settings]:
    """A database, a logical Redis and an index prefix that no other test uses."""
    with own_database(postgres) as database:
        settings = replace(
            kafka,
            postgres=database.postgres,
            redis=replace(kafka.redis, database=3),
            elasticsearch=replace(kafka.elasticsearch, index_prefix=f"rebuild-{_run}"),
        )
        registry.migrate(settings)
        yield settings
    with elasticsearch_client(settings) as client:
        for index in client.indices.get_settings(index=f"rebuild-{_run}*"):
            client.indices.delete(index=index)


@pytest.fixture(params=registry.names())
def store(own: Settings, request: pytest.FixtureRequest) -> Store:
    """One of the stores, empty, and its server up."""
    request.getfixturevalue(request.param)
    topic = f"t-{time.time_ns():x}"
    topics = replace(own.topics, scores=f"{topic}-scores", late=f"{topic}-late")
    settings = replace(own, topics=topics)
    create_topics(settings, settings.kafka.servers)
    registry.load(request.param).wipe(settings)
    return Store(request.param, settings)


def test_an_emptied_store_holds_all_again(store: Store) -> None:
    first, newer = many(2_500), many(700, revision=1)
    other = [score("o-1", points=45, ruleset=OTHER, kind="shadow")]
    store.produce([*first, *newer, *first[:100], late("l-1"), *other, b"no message"])
    gone = score("gone", points=70)
    sink = store.sink()
    sink.write([gone, *first[:300]])
    sink.close()
    done = store.rebuild()
    kept = [*newer, *first[700:]]
    assert store.scan() == expected(kept)
    assert store.scan(OTHER) == ([] if registry.entry(store.name).live_only else expected(other))
    assert (done.refused, done.invalid) == (0, 1)
    assert done.older >= 100
    assert done.read == done.total == 3_302 + (store.name == "postgres")
    left_out = registry.entry(store.name).live_only
    assert done.rows + done.older + done.invalid == done.read - left_out
    if store.name == "postgres":
        with postgres_client(store.settings) as connection:
            query = b"SELECT outcome, count(*) FROM transactions GROUP BY outcome ORDER BY outcome"
            assert connection.execute(query).fetchall() == [("late", 1), ("scored", 2_501)]


def test_kept_it_is_completed(store: Store) -> None:
    batch = many(50)
    store.produce(batch)
    newer = replace(batch[0], revision=1, score=99)
    only_here = score("only-here", points=70)
    sink = store.sink()
    sink.write([newer, only_here])
    sink.close()
    done = store.rebuild(keep=True)
    assert (done.rows, done.older) == (49, 1)
    assert store.scan() == expected([newer, *batch[1:], only_here])
    assert store.rebuild(keep=True).rows == 49


def test_what_is_others_stays(store: Store) -> None:
    settings = store.settings
    prefix = settings.elasticsearch.index_prefix
    activations.activate(settings, "default", 7)
    with redis_client(settings) as client:
        client.set("others", "1")
    with elasticsearch_client(settings) as elastic:
        elastic.index(index=f"{prefix}-notes", id="1", document={"kept": True})
    store.rebuild()
    assert activations.active(settings) == ("default", 7)
    with redis_client(settings) as client:
        assert client.get("others") == b"1"
    with elasticsearch_client(settings) as elastic:
        assert elastic.exists(index=f"{prefix}-notes", id="1")


class Delivery(threading.Thread):
    """Does what a delivery job does: writes what comes, again and again what it wrote last."""

    def __init__(self, store: Store) -> None:
        super().__init__(daemon=True)
        self.store = store
        self.sent: list[Score] = []
        self.done = threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            sink = self.store.sink()
            at = 0
            while not self.done.is_set():
                batch = [
                    score(f"live-{n:05}", points=n % 101, user_id=f"u-{n % 7}", event_time=NOON + n)
                    for n in range(at, at + 20)
                ]
                self.store.produce(batch)
                self.sent += batch
                assert self._write(sink, batch) == Written(rows=20)
                at += 20
            sink.close()
        except BaseException as error:
            self.error = error

    def _write(self, sink: Sink, batch: list[Score]) -> Written:
        while True:
            try:
                return sink.write(batch)
            except Unavailable:  # an index that is gone between its making and its use
                time.sleep(0.01)


def test_the_delivery_job_goes_on(store: Store) -> None:
    old = many(2_000)
    store.produce(old)
    delivery = Delivery(store)
    delivery.start()
    while len(delivery.sent) < 200:
        assert delivery.is_alive(), delivery.error
        time.sleep(0.01)
    for _ in range(3):
        store.rebuild()
    delivery.done.set()
    delivery.join(60)
    assert delivery.error is None
    everything = [*old, *delivery.sent]
    assert store.scan() == expected(everything)
    if store.name == "redis":
        sums: dict[str, int] = {}
        for one in everything:
            if one.decision != "ALLOW":
                sums[one.user_id] = sums.get(one.user_id, 0) + one.score
        assert dict(redis.top_users(store.settings, 10_000, hours=10_000)) == sums


def test_it_waits_for_a_store_that_goes_away(store: Store) -> None:
    store.produce(many(3_000))
    section: Any = getattr(store.settings, store.name)
    gate = Gate(section.host, section.port)
    through = replace(store.settings, **{store.name: replace(section, port=gate.port)})
    shut: list[int] = []

    def report(state: Rebuilt) -> None:
        if state.read == 1_000:
            gate.shut()
            shut.append(state.read)
            threading.Timer(1.0, gate.open).start()

    done = rebuild(through, store.name, False, report)
    gate.close()
    assert (shut, done.read) == ([1_000], 3_000)
    assert store.scan() == expected(many(3_000))


@pytest.fixture
def command(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The command's environment is the store's."""
    for name, value in to_environment(store.settings).items():
        monkeypatch.setenv(name, value)
    return store


def test_the_command(command: Store, capsys: pytest.CaptureFixture[str]) -> None:
    command.produce(many(30))
    assert main(["rebuild", command.name]) == 2
    assert "--yes is missing: this empties" in capsys.readouterr().err
    assert command.scan() == []
    assert main(["rebuild", command.name, "--yes"]) == 0
    assert f"{command.name} is rebuilt: 30 messages in" in capsys.readouterr().out
    assert main(["rebuild", command.name, "--keep", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 30
    assert command.scan() == expected(many(30))


def test_what_kafka_has_dropped_is_not_thrown_away(
    command: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    command.produce(many(200))
    command.rebuild()
    topic = command.settings.topics.scores
    admin = AdminClient({"bootstrap.servers": command.settings.kafka.servers})
    (future,) = admin.delete_records([TopicPartition(topic, 0, 5)]).values()
    future.result()
    assert missing(command.settings, command.name) == [f"{topic} begins at offset 5 in partition 0"]
    assert main(["rebuild", command.name, "--yes"]) == 2
    assert "what is older can't be rebuilt: use --keep" in capsys.readouterr().err
    assert len(command.scan()) == 200
    assert main(["rebuild", command.name, "--keep"]) == 0
    assert len(command.scan()) == 200
    assert main(["rebuild", command.name, "--yes", "--partial"]) == 0
    assert len(command.scan()) == 195


def test_without_a_broker_nothing_is_emptied(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "TIMEOUT_S", 2.0)
    store.produce(many(10))
    store.rebuild()
    away = replace(store.settings, kafka=replace(store.settings.kafka, port=1))
    with pytest.raises(UserError, match=r"no broker at 127\.0\.0\.1:1"):
        missing(away, store.name)
    assert len(store.scan()) == 10
