"""`risk dlq` on a real broker: what is listed and shown, and that nothing is sent again twice."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence

import msgspec
import pytest
from confluent_kafka import Message, Producer

from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from risk.kafka.client import client_config
from risk.kafka.scan import read_all, read_at
from risk.kafka.topics import create_topics, delete_topics
from risk.ops.dead_letters import resend as resending
from risk.ops.dead_letters.letter import CONNECT, Position, note, provenance
from risk.ops.dead_letters.survey import Choice
from sinks import registry
from tests.topics import read

pytestmark = pytest.mark.stack
replace = msgspec.structs.replace
Headers = list[tuple[str, bytes]]

KEY, VALUE = b"u1\xff", b'{"amount": 1}\x00\xfe'
LARGE = b"x" * 70_000
ALL = Choice()


class Topics:
    """Topics that are the test's own."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.names = settings, settings.topics
        self._producer = Producer({**client_config(settings.kafka), "acks": "all"})
        self._positions: list[Position] = []

    def put(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Headers | None = None,
        partition: int = 0,
    ) -> Position:
        self._producer.produce(
            topic, value, key, partition=partition, headers=headers or [], on_delivery=self._note
        )
        assert self._producer.flush(20) == 0
        return self._positions[-1]

    def _note(self, error: object, message: Message) -> None:
        assert error is None
        self._positions.append(Position(message.topic(), message.partition(), message.offset()))

    def broken(self, key: bytes | None, value: bytes | None, partition: int = 1) -> Position:
        return self.put(self.names.transactions, key, value, partition=partition)

    def letter(
        self,
        source: Position | None,
        reason: str = "not_json",
        stage: str = "decode",
        whole: tuple[bytes | None, bytes | None] = (KEY, VALUE),
        more: Headers | None = None,
        partition: int = 0,
    ) -> Position:
        headers = [*(more or [])]
        if source:
            told = [("topic", source.topic), ("partition", source.partition)]
            told += [("offset", source.offset), ("stage", stage)]
            told += [("exception.class.name", reason), ("exception.message", f"it is {reason}")]
            headers += [(CONNECT + name, str(text).encode()) for name, text in told]
        return self.put(self.names.dlq, *whole, headers, partition)

    def resent(self, topic: str | None = None) -> list[tuple[int, bytes | None, bytes | None, str]]:
        """What has been sent again: partition, key, value, and from where."""
        found = []
        for message in read(self.settings, topic or self.names.transactions):
            if message.headers():
                ((name, came),) = message.headers()
                assert name == "risk.resent.from"
                found.append((message.partition(), message.key(), message.value(), came.decode()))
        return found

    def resend(self, choice: Choice = ALL, limit: int | None = None) -> resending.Resent:
        return resending.resend(self.settings, choice, limit, lambda _: None)


@pytest.fixture
def topics(kafka: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Topics]:
    """Empty topics, and a command line that is told of them."""
    run = f"t{time.time_ns():x}"
    names = msgspec.structs.asdict(kafka.topics)
    own = type(kafka.topics)(**{field: f"{name}.{run}" for field, name in names.items()})
    settings = replace(kafka, topics=own)
    create_topics(settings, kafka.kafka.servers, client_config(kafka.kafka))
    for name, value in to_environment(settings).items():
        monkeypatch.setenv(name, value)
    yield Topics(settings)
    delete_topics(settings, list(msgspec.structs.asdict(own).values()))


def counts(done: resending.Resent) -> tuple[int, ...]:
    return msgspec.structs.astuple(done)


def test_each_record_is_sent_again_once_as_it_came(topics: Topics) -> None:
    one = topics.broken(KEY, VALUE)
    tombstone = topics.broken(None, None, partition=2)
    for partition in (0, 1):  # a restart has written it twice
        topics.letter(one, partition=partition)
    topics.letter(tombstone, "empty", whole=(None, None))
    assert counts(topics.resend(limit=1)) == (1, 0, 0, 0, 0)
    assert counts(topics.resend()) == (1, 1, 0, 0, 0)
    assert counts(topics.resend()) == (0, 2, 0, 0, 0)
    assert sorted(topics.resent(), key=str) == [
        (1, KEY, VALUE, str(one)),
        (2, None, None, str(tombstone)),
    ]
    # What is rejected once more is another record, which may be sent again in its turn.
    (again,) = [m.offset() for m in read(topics.settings, topics.names.transactions) if m.key()][1:]
    topics.letter(Position(topics.names.transactions, 1, again))
    assert counts(topics.resend()) == (1, 2, 0, 0, 0)


def test_what_a_letter_does_not_hold_is_read_where_it_came_from(topics: Topics) -> None:
    large, masked = topics.broken(KEY, LARGE), topics.broken(b"4111", b"4111")
    size = [("risk.value.size", b"70000"), ("risk.value.sha256", b"0" * 64)]
    topics.letter(large, whole=(KEY, None), more=size)
    topics.letter(masked, "wrong_key", whole=(b"****", b"****"))
    gone = Position(large.topic, 1, 999)
    topics.letter(gone, whole=(b"****", b"****"))
    other = topics.broken(KEY, b"the topic was made anew: this is another record")
    topics.letter(other, whole=(KEY, None), more=size)
    enormous = topics.broken(KEY, b"{}")
    topics.letter(enormous, "too_large", whole=(KEY, None), more=[("risk.value.size", b"9" * 9)])
    topics.letter(Position("no.such.topic", 0, 0))
    topics.letter(Position(large.topic, 99, 0))
    topics.letter(None)
    assert counts(resending.count(topics.settings, ALL)) == (2, 0, 1, 2, 3)
    assert topics.resent() == []
    assert counts(topics.resend()) == (2, 0, 1, 2, 3)
    assert topics.resent() == [(1, KEY, LARGE, str(large)), (1, b"4111", b"4111", str(masked))]


def test_a_score_that_stores_refused_is_sent_to_them_once(topics: Topics) -> None:
    refused = topics.put(topics.names.scores, b"u1", b"{}")
    for store in registry.names():
        topics.letter(refused, "refused", f"deliver.{store}", (b"u1", b"{}"))
    assert counts(topics.resend(Choice(stages=frozenset({"decode"})))) == (0, 0, 0, 0, 0)
    assert counts(topics.resend(Choice(stages=frozenset({"deliver"})))) == (1, 0, 0, 0, 0)
    assert topics.resent(topics.names.scores) == [(0, b"u1", b"{}", str(refused))]
    assert counts(topics.resend()) == (0, 1, 0, 0, 0)


def test_interrupted_it_has_sent_all_of_a_batch_or_nothing(topics: Topics) -> None:
    sources = [topics.broken(KEY, VALUE) for _ in range(2)]
    for source in sources:
        topics.letter(source)
    first = Producer(
        {
            **client_config(topics.settings.kafka),
            "transactional.id": f"risk-dlq-resend-{topics.names.dlq}",
        }
    )
    first.init_transactions(20)
    first.begin_transaction()
    first.produce(sources[0].topic, VALUE, KEY, partition=1, headers=provenance(sources[0]))
    first.produce(topics.names.dlq, partition=0, headers=note(sources[0]))
    assert first.flush(20) == 0  # it stands in the topics, and is not committed
    assert counts(topics.resend()) == (2, 0, 0, 0, 0)
    assert [came for *_, came in topics.resent()] == [str(source) for source in sources]
    with pytest.raises(Exception, match=r"FENCED|fenced|newer producer"):
        first.commit_transaction(20)  # the earlier of two is stopped
    assert len(topics.resent()) == 2


def test_records_are_read_by_their_places(topics: Topics) -> None:
    name = topics.names.transactions
    placed = [topics.broken(KEY, b"%d" % number, number % 2) for number in range(6)]
    wanted: Sequence[tuple[int, int]] = [(1, 2), (0, 0), (0, 2), (1, 77), (9, 0)]
    found = [(m.partition(), m.offset(), m.value()) for m in read_at(topics.settings, name, wanted)]
    assert found == [(0, 0, b"0"), (0, 2, b"4"), (1, 2, b"5")]
    assert len(list(read_all(topics.settings, name))) == len(placed)


def test_the_command(topics: Topics, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dlq"]) == 0
    assert capsys.readouterr().err == "no dead letters\n"
    source = topics.broken(KEY, VALUE)
    position = topics.letter(source)
    topics.letter(Position("elsewhere", 0, 0), "wrong_key")
    assert main(["dlq"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:2] == [
        "# dead letters",
        "reason\tstage\tof\trecords\tsent again\tfirst, UTC\tlast, UTC",
    ]
    assert out[2].startswith(f"not_json\tdecode\t{source.topic}\t1\t0\t")
    assert f"\t{source}\tnot_json\tit is not_json" in "\n".join(out)
    for where in (f"{position.partition}:{position.offset}", str(source)):
        assert main(["dlq", "show", where]) == 0
        shown = capsys.readouterr().out
        assert f"{CONNECT}exception.class.name\tnot_json" in shown
        assert "key: 3 bytes\n00000000  75 31 ff" in shown
        assert "value: 15 bytes\n00000000  7b 22" in shown
    assert main(["dlq", "show", "0:999"]) == 1
    assert "no dead letter 0:999" in capsys.readouterr().err
    assert main(["dlq", "resend", "--reason", "not_json"]) == 2  # there is no terminal to ask on
    assert "--yes is missing" in capsys.readouterr().err
    assert main(["dlq", "resend", "--dry-run", "--reason", "not_json"]) == 0
    assert "would be sent\t1\n" in capsys.readouterr().out
    assert main(["dlq", "resend", "--yes", "--json", "--since", "1h"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "sent": 1,
        "already": 0,
        "too_large": 0,
        "gone": 0,
        "unplaced": 1,
    }
    assert main(["dlq", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["letters"] == 2
    assert [group["resent"] for group in found["groups"]] == [1, 0]
    assert main(["dlq", "list", "--until", "2025-01-01"]) == 0
    assert capsys.readouterr().err == "no dead letters\n"
