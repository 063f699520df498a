"""`risk generate` against a real broker: what arrives is the stream, and the exit codes tell."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Message

from generator.config import StreamConfig
from generator.partition import partition
from generator.record import Record
from generator.stream import records
from generator.stream_file import read
from risk.config.settings import Settings, to_environment
from risk.kafka.scan import read_all
from tests.pipeline import with_own_topics

ROOT = Path(__file__).resolve().parents[2]
RISK = (sys.executable, "-c", "import sys; from risk.cli.main import main; sys.exit(main())")
START = 1_790_000_000_000
STREAM = (*("--rate", "500", "--duration", "10"), *("--seed", "5", "--start-time", str(START)))


def start(settings: Settings, *options: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        (*RISK, "generate", *options),
        cwd=ROOT,
        env=os.environ | to_environment(settings) | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def generate(
    settings: Settings, *options: str, expected: int = 0, **environment: str
) -> tuple[dict[str, Any], list[str]]:
    """The summary, and the lines on stderr."""
    process = start(settings, "--json", *options, **environment)
    out, errors = process.communicate(timeout=120)
    assert process.returncode == expected, errors
    return json.loads(out) if out else {}, errors.splitlines()


class Topics:
    """What has come to the topics since the last time that it was asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen = Counter[str]()
        self.fresh()

    def fresh(self) -> tuple[list[Message], list[Message]]:
        topics = self._settings.topics
        found = []
        for topic in (topics.transactions, topics.labels):
            messages = list(read_all(self._settings, topic))
            new = [m for m in messages if m.offset() >= self._seen[f"{topic}/{m.partition()}"]]
            for message in messages:
                self._seen[f"{topic}/{message.partition()}"] = message.offset() + 1
            found.append(new)
        return found[0], found[1]


@pytest.fixture(scope="module")
def kafka(kafka: Settings) -> Settings:
    """Topics of their own: events of now would make those of other tests late."""
    return with_own_topics(kafka, "generate")


@pytest.fixture
def topics(kafka: Settings) -> Topics:
    return Topics(kafka)


def by_partition(stream: list[Record]) -> dict[int, list[tuple[bytes | None, bytes]]]:
    """What each of the four partitions must hold, in order."""
    found: dict[int, list[tuple[bytes | None, bytes]]] = {}
    for record in stream:
        where = partition(record.value if record.key is None else record.key, 4)
        found.setdefault(where, []).append((record.key, record.value))
    return found


def as_sent(messages: list[Message]) -> dict[int, list[tuple[bytes | None, bytes]]]:
    found: dict[int, list[tuple[bytes | None, bytes]]] = {}
    for message in messages:
        found.setdefault(message.partition(), []).append((message.key(), message.value() or b""))
    return found


def test_what_arrives_is_the_stream_by_key_and_in_order(kafka: Settings, topics: Topics) -> None:
    summary, _ = generate(kafka, *STREAM, "--unpaced")
    stream = list(
        records(StreamConfig(start_time=START, seed=5, rate=500.0, duration_s=10.0, partitions=4))
    )
    transactions, labels = topics.fresh()
    assert as_sent(transactions) == by_partition(stream)
    truth = Counter((r.key, r.label) for r in stream if r.label is not None)
    assert Counter((m.key(), m.value()) for m in labels) == truth
    assert summary["records"] == len(stream) == 5_000
    assert summary["labels"] == len(labels) == sum(summary["truth"].values())
    assert (summary["errors"], summary["start_time"]) == (0, START)


def test_a_file_is_published_as_it_was_written_and_again(
    kafka: Settings, topics: Topics, tmp_path: Path
) -> None:
    path = tmp_path / "stream"
    generate(kafka, *STREAM, "--to-file", str(path))
    assert topics.fresh() == ([], [])
    written = by_partition(list(read(path)))
    for _ in range(2):
        generate(kafka, "--from-file", str(path), "--unpaced")
        assert as_sent(topics.fresh()[0]) == written


def test_a_file_with_a_bad_line_sends_nothing(
    kafka: Settings, topics: Topics, tmp_path: Path
) -> None:
    path = tmp_path / "stream"
    generate(kafka, *STREAM, "--to-file", str(path))
    with path.open("a") as file:
        file.write("{}\n")
    _, errors = generate(kafka, "--from-file", str(path), "--unpaced", expected=2)
    assert re.fullmatch(r"risk: --from-file: .*stream:5001: .*", "\n".join(errors))
    assert topics.fresh() == ([], [])


def test_a_paced_stream_keeps_its_pace(kafka: Settings, topics: Topics) -> None:
    summary, _ = generate(kafka, "--rate", "200", "--duration", "5", "--attack", "none")
    assert 4 < summary["seconds"] < 8
    for message in topics.fresh()[0]:
        _, appended = message.timestamp()
        found = re.search(rb'"event_time":(\d{13}),', message.value() or b"")
        if found:
            assert int(found[1]) <= appended + 1_000


def test_only_broken_records_come_with_no_truth(kafka: Settings, topics: Topics) -> None:
    summary, _ = generate(kafka, "--malformed-only", "260", "--unpaced")
    transactions, labels = topics.fresh()
    assert (len(transactions), len(labels)) == (260, 0)
    assert summary["by_kind"]["malformed"] == 260
    assert sum(len(message.value() or b"") > 1_000_000 for message in transactions) == 2


def test_what_is_not_delivered_is_counted_and_said(kafka: Settings, topics: Topics) -> None:
    summary, errors = generate(
        kafka,
        *("--malformed-only", "50", "--unpaced"),
        expected=1,
        RISK_KAFKA__MAX_RECORD_BYTES="1000",
    )
    # Two of them are large: 1 MB, and 5,000 brackets.
    assert summary["errors"] == 50 - summary["records"] > 0
    assert len(topics.fresh()[0]) == summary["records"]
    assert "too large" in errors[-1]
    assert errors[-1].startswith("risk: ")


def test_ctrl_c_ends_with_all_that_was_sent(kafka: Settings, topics: Topics) -> None:
    process = start(kafka, "--json", "--rate", "500", "--duration", "600")
    assert process.stderr is not None
    assert "sent" in process.stderr.readline()  # the first line of progress
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    summary = json.loads(out)
    transactions, labels = topics.fresh()
    assert summary["records"] == len(transactions) > 0
    assert summary["labels"] == len(labels)
    assert summary["stopped"]


def test_the_metrics_are_served_while_it_runs(kafka: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        _, errors = generate(kafka, "--metrics-port", str(port), expected=2)
        assert errors[0].startswith(f"risk: --metrics-port: 127.0.0.1:{port}: ")
    process = start(kafka, "--rate", "500", "--duration", "600", "--metrics-port", str(port))
    try:
        assert process.stderr is not None
        process.stderr.readline()
        rest = threading.Thread(target=process.stderr.read)
        rest.start()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
    finally:
        process.terminate()
        assert process.wait(30) == 130
    sent = re.search(r'^risk_generator_records_total\{kind="on_time"\} (\S+)$', text, re.M)
    assert sent is not None
    assert float(sent[1]) > 0
    assert "risk_generator_publish_seconds_bucket" in text


def test_without_a_broker_one_line_says_so(settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
        _, errors = generate(settings, expected=2, RISK_KAFKA__BOOTSTRAP=where)
    assert errors == [
        f"risk: no broker at {where}: start it with `risk up`, or set kafka.bootstrap"
    ]
