"""`risk import` against a real broker: all of a file arrives in order, whatever interrupts."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Message

from generator.partition import partition
from risk.config.settings import Settings, to_environment
from risk.engine.feedback import decode as decode_feedback
from risk.engine.payment.transaction import decode
from risk.kafka.scan import read_all
from risk.ops.imports.publish import CHUNK, MOST_CHUNKS
from tests.pipeline import with_own_topics
from tests.unit.ops.imports.maps import HEADER, LABELS, PAYMENTS

ROOT = Path(__file__).resolve().parents[2]
RISK = (sys.executable, "-c", "import sys; from risk.cli.main import main; sys.exit(main())")
ROWS = 20_000


class Importer:
    """A file, its map, and the command on them. `fresh` has what has come since it was asked."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self._seen = Counter[str]()
        (folder / "map.yaml").write_text(f"# {folder}\n{PAYMENTS}{LABELS}")
        self.fresh()

    def rows(self, count: int, order: int = 1) -> None:
        """Write a file of so many rows, a second apart; every tenth is fraud."""
        rows = [
            f"{n},user-{n % 97},2025-03-01T{n // 3_600:02}:{n // 60 % 60:02}:{n % 60:02},"
            f"{n % 900}.{n % 100:02},shop,5411,POS,{int(n % 10 == 0)},"
            for n in range(count)
        ]
        (self.folder / "p.csv").write_text("\n".join((HEADER, *rows[::order], "")))

    def start(self, *options: str) -> subprocess.Popen[str]:
        files = (str(self.folder / "p.csv"), "--map", str(self.folder / "map.yaml"))
        return subprocess.Popen(
            (*RISK, "import", *files, "--json", *options),
            cwd=ROOT,
            env=os.environ | to_environment(self.settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *options: str, expected: int = 0) -> tuple[dict[str, Any], str]:
        process = self.start(*options)
        out, errors = process.communicate(timeout=300)
        assert process.returncode == expected, errors
        return json.loads(out) if out else {}, errors

    def fresh(self) -> tuple[list[Message], list[Message]]:
        found = []
        for topic in (self.settings.topics.transactions, self.settings.topics.feedback):
            messages = list(read_all(self.settings, topic))
            new = [m for m in messages if m.offset() >= self._seen[f"{topic}/{m.partition()}"]]
            for message in messages:
                self._seen[f"{topic}/{message.partition()}"] = message.offset() + 1
            found.append(new)
        return found[0], found[1]

    def sent_before(self) -> int:
        """What the position of this file's import says; 0 without one."""
        folder = ROOT / self.settings.data_dir / "import"
        for path in folder.glob("*.json"):
            position = json.loads(path.read_text())
            if position["file"] == str(self.folder / "p.csv"):
                return int(position["sent"])
        return 0

    def until_half_sent(self, process: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + 120
        while self.sent_before() < 2 * CHUNK:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture(scope="module")
def kafka(kafka: Settings) -> Settings:
    """Topics of their own: other tests' payments are of today."""
    return with_own_topics(kafka, "import")


@pytest.fixture
def importer(kafka: Settings, tmp_path: Path) -> Importer:
    return Importer(kafka, tmp_path)


def ids(messages: list[Message]) -> Counter[str]:
    return Counter(decode(m.value(), m.key()).event_id for m in messages)


def test_all_of_a_file_arrives_by_user_and_in_order(importer: Importer) -> None:
    importer.rows(3_000)
    summary, _ = importer.run()
    payments, labels = importer.fresh()
    assert (summary["rows"], summary["payments"], summary["labels"]) == (3_000, 3_000, 3_000)
    assert (summary["sent"], summary["rejected"], summary["stopped"]) == (6_000, 0, False)
    assert ids(payments) == Counter(f"p-{n}" for n in range(3_000))
    last: dict[int, int] = {}
    for message in payments:
        payment = decode(message.value(), message.key())
        assert message.partition() == partition(payment.user_id.encode(), 4)
        assert payment.event_time >= last.get(message.partition(), 0)
        last[message.partition()] = payment.event_time
    said = [decode_feedback(message.value(), message.key()) for message in labels]
    assert Counter(one.event_id for one in said) == ids(payments)
    assert sum(one.verdict == "fraud" for one in said) == 300
    assert {one.known_at - one.event_time for one in said} == {7 * 86_400_000}
    for message in labels:
        assert message.partition() == partition(message.key() or b"", 4)


def test_a_file_is_sent_again_only_if_asked_for(importer: Importer) -> None:
    importer.rows(50)
    importer.run()
    _, errors = importer.run(expected=2)
    assert "was imported with this map before: --anew sends it once more" in errors
    assert importer.run("--resume")[0]["sent"] == 0
    assert len(importer.fresh()[0]) == 50
    importer.run("--anew")
    assert len(importer.fresh()[0]) == 50


def test_a_file_out_of_order_is_sorted_if_asked_for(importer: Importer) -> None:
    importer.rows(3_000, order=-1)
    _, errors = importer.run(expected=2)
    assert "--sort sends all by event time" in errors
    assert importer.fresh() == ([], [])
    importer.run("--sort")
    by_partition: dict[int, list[int]] = {}
    for message in importer.fresh()[0]:
        time_ = decode(message.value(), message.key()).event_time
        by_partition.setdefault(message.partition(), []).append(time_)
    assert sum(map(len, by_partition.values())) == 3_000
    assert all(times == sorted(times) for times in by_partition.values())


def test_rows_that_are_no_payments_are_left_out_if_asked_for(importer: Importer) -> None:
    importer.rows(100)
    path = importer.folder / "p.csv"
    path.write_text(path.read_text().replace(",user-7,", ",,", 1))
    _, errors = importer.run(expected=2)
    assert errors.startswith("risk: 1 of 100 rows are no payments, the first is row 8, column who")
    assert importer.fresh() == ([], [])
    summary, errors = importer.run("--max-rejects", "1")
    assert (summary["payments"], summary["rejected"]) == (99, 1)
    assert len(importer.fresh()[0]) == 99
    (kept,) = (path.parent / "p.csv.rejected.jsonl").read_text().splitlines()
    assert json.loads(kept)["row"] == 8


def test_a_killed_import_goes_on(importer: Importer) -> None:
    importer.rows(ROWS)
    process = importer.start("--rate", "4000")
    importer.until_half_sent(process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = importer.sent_before()
    assert 0 < before < 2 * ROWS
    _, errors = importer.run(expected=2)
    assert "--resume goes on from there, --anew sends all of it again" in errors
    summary, _ = importer.run("--resume")
    assert (summary["before"], summary["sent"]) == (before, 2 * ROWS - before)
    payments, labels = importer.fresh()
    for messages in (
        ids(payments),
        Counter(json.loads(m.value() or b"")["event_id"] for m in labels),
    ):
        assert set(messages) == {f"p-{n}" for n in range(ROWS)}
        assert max(messages.values()) <= 2
        assert sum(messages.values()) - ROWS <= CHUNK * MOST_CHUNKS


def test_a_stopped_import_goes_on_without_sending_anything_twice(importer: Importer) -> None:
    importer.rows(ROWS)
    process = importer.start("--rate", "4000")
    importer.until_half_sent(process)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert json.loads(out)["stopped"]
    assert errors.splitlines()[-1] == "risk: stopped: --resume goes on from here"
    importer.run("--resume")
    payments, labels = importer.fresh()
    assert ids(payments) == Counter(f"p-{n}" for n in range(ROWS))
    assert len(labels) == ROWS


def test_without_a_broker_one_line_says_so(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
    (tmp_path / "map.yaml").write_text(PAYMENTS)
    (tmp_path / "p.csv").write_text(HEADER)
    done = subprocess.run(
        (*RISK, "import", str(tmp_path / "p.csv"), "--map", str(tmp_path / "map.yaml")),
        cwd=ROOT,
        env=os.environ | {"RISK_DATA_DIR": str(tmp_path), "RISK_KAFKA__BOOTSTRAP": where},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"risk: kafka: {where}: ")
    assert len(done.stderr.splitlines()) == 1
