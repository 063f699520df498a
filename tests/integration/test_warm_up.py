"""What warms the servers up leaves nothing behind, not even if an earlier one was killed."""

from __future__ import annotations

from confluent_kafka.admin import AdminClient

from risk.config.names import WARM_UP_TOPICS, warm_up_run, warms_up
from risk.config.settings import Settings
from risk.kafka import own_topics
from risk.kafka.client import client_config
from risk.kafka.topics import existing_topics
from risk.ops import jobs
from risk.stack.process import Home
from tests.pipeline import risk


def test_a_warm_up_leaves_nothing(flink: Settings, kafka: Settings, home: Home) -> None:
    killed = own_topics.named(flink, f"{WARM_UP_TOPICS}killed.")
    own_topics.make(killed, [killed.topics.scores])
    checkpoints = home.folder("flink") / "checkpoints"
    before = set(checkpoints.iterdir()) if checkpoints.exists() else set()

    done = risk(flink, "warm-up", "--seconds", "3", "--rate", "200")
    assert done.returncode == 0, done.stderr
    assert "payments were scored, and are forgotten" in done.stdout

    assert not [n for n in existing_topics(flink) if n.startswith(WARM_UP_TOPICS)]
    assert not [job for job in jobs.running(flink, "") if warms_up(job.name)]
    groups = AdminClient(client_config(flink.kafka)).list_consumer_groups().result().valid
    assert not [group for group in groups if group.group_id.startswith(warm_up_run(""))]
    assert not (set(checkpoints.iterdir()) if checkpoints.exists() else set()) - before


def test_a_warm_up_without_a_cluster(kafka: Settings) -> None:
    nowhere = {"RISK_FLINK__REST_PORT": "1"}
    done = risk(kafka, "warm-up", "--seconds", "1", environment=nowhere)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "is the stack up? risk up" in line
