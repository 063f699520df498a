"""Feedback on its way: from the topic to Postgres, by a job of its own."""

from __future__ import annotations

import msgspec

from risk.config.names import delivery_group
from risk.engine.feedback import build
from risk.kafka.scan import read_all
from risk.ops.feedback.send import send
from sinks import feedback
from sinks.postgres.connect import connect
from tests.pipeline import Pipeline, until
from tests.topics import Sent, lag
from tests.topics import send as produce

ERRORS = "__connect.errors."
POISON = {b"fb-poison-1": b"not JSON", b"fb-poison-2": b'{"verdict": "fraud"}'}


def test_a_verdict_comes_to_postgres_and_poison_to_the_dead_letters(pipeline: Pipeline) -> None:
    settings, moment = pipeline.settings, pipeline.moment()
    topic, name = settings.topics.feedback, f"fb-{moment}"
    said = [
        build(
            (f"{name}-{n}", f"{name}-u{n % 3}", moment), "fraud", "chargeback", moment + n, "bank"
        )
        for n in range(50)
    ]
    assert send(settings, said) == 50
    produce(settings, topic, [Sent(key, value) for key, value in POISON.items()])
    produce(settings, topic, [Sent(b"tombstone", None)])
    other_key = Sent(b"fb-poison-3", msgspec.json.encode(said[0]))
    produce(settings, topic, [other_key])
    assert send(settings, said) == 50  # a file that is sent twice

    def there() -> set[str]:
        with connect(settings) as connection:
            query = b"SELECT feedback_key FROM risk_feedback WHERE event_id LIKE %s"
            return {key for (key,) in connection.execute(query, (f"{name}-%",))}

    until(lambda: there() == {one.key for one in said}, "all verdicts in Postgres")
    group = delivery_group("feedback")
    until(lambda: lag(settings, group, topic) == 0, "all feedback is committed")
    assert [one.feedback for one in feedback.history(settings, said[0].event_id)] == [said[0]]
    wanted = {*POISON, other_key.key}

    def letters() -> dict[bytes, dict[str, bytes]]:
        found = (m for m in read_all(settings, settings.topics.dlq) if m.key() in wanted)
        return {message.key(): dict(message.headers() or ()) for message in found}

    until(lambda: letters().keys() == wanted, "the poison put aside")
    for headers in letters().values():
        assert headers[ERRORS + "stage"] == b"deliver.feedback"
        assert headers[ERRORS + "topic"] == topic.encode()
        assert headers[ERRORS + "exception.class.name"] == b"invalid_message"
    assert b"key is not the user_id" in letters()[b"fb-poison-3"][ERRORS + "exception.message"]
    assert pipeline.restarts(pipeline.jobs["feedback"]) == 0
