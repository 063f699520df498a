"""What Redis says of one value, which stays as it is, and what it says of itself, which passes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis.exceptions import ResponseError

import sinks.redis as cache
from risk.config.settings import Settings
from risk.engine.delivery import Written
from sinks.redis import keys
from sinks.redis.client import connect as redis_client
from sinks.redis.client import kind, passes
from tests.contract.messages import NOON, score

pytestmark = pytest.mark.stack
BATCH = [score(f"e{at}", user_id=f"u-{at}", event_time=NOON) for at in range(8)]
BAD = 5


@pytest.fixture
def redis_where(redis: Settings) -> Iterator[Settings]:
    with redis_client(redis) as client:
        client.flushdb()
        yield redis
        client.flushdb()


def test_what_redis_says_of_a_value_stays_and_what_it_says_of_itself_passes(
    redis_where: Settings,
) -> None:
    """The writer's script puts whatever stands in its way aside: it takes all it is given."""
    with redis_client(redis_where) as client:
        client.lpush(keys.SCORE + keys.entry(BATCH[BAD]).payment, "somebody's")
        client.lpush("somebody's", "value")
        with pytest.raises(ResponseError) as stays:
            client.get("somebody's")
        with pytest.raises(ResponseError) as other:
            client.execute_command("NOSUCHCOMMAND")
    assert (passes(stays.value), kind(stays.value)) == (False, "WRONGTYPE")
    assert passes(other.value)
    sink = cache.create(redis_where)
    sink.open()
    assert sink.write(BATCH) == Written(rows=8)
    sink.close()
