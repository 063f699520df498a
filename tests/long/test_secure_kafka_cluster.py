"""Three brokers of a secure stack: between them, too, nobody gets in without their certificate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.kafka.client import client_config
from risk.kafka.quiet import SILENT
from risk.stack.process import Home
from risk.stack.rotation import rotate
from risk.stack.secrets import with_generated
from risk.stack.up import down, status, up
from tests.integration.secure_kafka import gets_in, written
from tests.integration.test_stack import free_ports, quiet

BROKERS = 3
PORTS = 3 * BROKERS


@pytest.fixture(scope="module")
def cluster(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Home]]:
    first = free_ports(2 * PORTS)
    kafka = replace(
        settings.kafka,
        brokers=BROKERS,
        port=first,
        controller_port=first + 1,
        broker_port=first + 2 * BROKERS,
        heap_mb=256,
    )
    own, home = replace(settings, kafka=kafka), Home(tmp_path_factory.mktemp("secure") / "data")
    try:
        up(own, home, ["kafka"], quiet, secure=True)
        yield own, home
    finally:
        down(own, home, ["kafka"], quiet)


def test_three_brokers_have_each_record_and_outlast_a_rotation(
    cluster: tuple[Settings, Home],
) -> None:
    bare, home = cluster
    generator = with_generated(bare, home, "generator").kafka
    assert written(generator, bare.topics.transactions) is None
    admin = AdminClient({**client_config(with_generated(bare, home, "admin").kafka), **SILENT})
    topic = admin.list_topics(timeout=10).topics[bare.topics.transactions]
    assert [sorted(one.isrs) for one in topic.partitions.values()] == [[1, 2, 3]] * 4
    rotate(bare, home, ["kafka"])
    assert written(generator, bare.topics.transactions) is None
    (found,) = status(bare, home, ["kafka"])
    assert (found.state, found.problem) == ("up", None)
    plain = replace(bare.kafka, brokers=1)
    for step in range(0, 2 * BROKERS, 2):
        for port in (plain.port, plain.controller_port, plain.broker_port):
            assert not gets_in(replace(plain, port=port + step))
