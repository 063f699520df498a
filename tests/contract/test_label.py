"""`risk label`: from the command to risk.feedback, and what Postgres then knows."""

from __future__ import annotations

import json
import time
from pathlib import Path

import msgspec
import pytest

from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from risk.engine.feedback import Feedback, build, decode
from risk.kafka.scan import read_all
from risk.kafka.topics import create_topics
from risk.ops.rebuild import rebuild
from sinks import feedback
from sinks.postgres.writer import PostgresSink
from tests.contract.messages import NOON, score
from tests.topics import Sent
from tests.topics import send as produce

pytestmark = pytest.mark.stack
replace = msgspec.structs.replace


@pytest.fixture
def own(kafka: Settings, migrated: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A database and topics of the test's own, with two users' payments; the command's, too."""
    names = {
        field: f"f{time.time_ns():x}.{field}" for field in msgspec.structs.asdict(kafka.topics)
    }
    topics = msgspec.convert(names, type(kafka.topics))
    settings = replace(kafka, topics=topics, postgres=migrated.postgres)
    create_topics(settings, settings.kafka.servers)
    sink = PostgresSink(settings)
    sink.write([score("e1"), score("e2"), score("e2", user_id="u-2")])
    sink.close()
    for name, value in to_environment(settings).items():
        monkeypatch.setenv(name, value)
    return settings


def sent(settings: Settings) -> list[Feedback]:
    records = read_all(settings, settings.topics.feedback)
    return sorted(
        (decode(one.value(), one.key()) for one in records),
        key=lambda one: (one.event_id, one.known_at),
    )


def fill(settings: Settings) -> tuple[int, int]:
    """What the delivery job would write, and what it would not."""
    done = rebuild(settings, "feedback", False, lambda _: None)
    return done.rows, done.invalid


def test_one_payment_is_found_and_its_verdict_sent(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = time.time_ns() // 1_000_000
    words = ["label", "e1", "fraud", "--by", "ana", "--note", "card 4111 1111 1111 1111"]
    assert main(words) == 0
    assert capsys.readouterr().out == "e1 of user u-1 at 2025-03-01 12:00:00.000 UTC: fraud\n"
    (one,) = sent(own)
    assert one.payment == ("e1", "u-1", NOON)
    assert (one.verdict, one.source, one.by) == ("fraud", "analyst", "ana")
    assert one.note == "card **** **** **** 1111"
    assert before <= one.known_at <= time.time_ns() // 1_000_000


def test_of_two_payments_it_is_asked_which(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["label", "e2", "legitimate"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("risk: --user: 2 payments are called 'e2', of 'u-1' at 2025-03-01 12:")
    assert main(["label", "e2", "legitimate", "--user", "u-2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["user_id"] == "u-2"
    assert main(["label", "e9", "fraud", "--user", "u-2"]) == 2
    assert "give its event_time, and the verdict waits for it" in capsys.readouterr().err
    assert len(sent(own)) == 1


def test_a_file_is_sent_whole_or_not_at_all_and_counts_once(
    own: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "chargebacks.csv"
    good = "e1,u-1,,2025-03-31\ne2,u-2,,2025-03-31\nlater,u-1,2025-03-01,2025-04-02\n"
    file.write_text(f"event_id,user_id,event_time,known_at\n{good}e9,u-9,,2025-03-31\n")
    words = ["label", "--from", str(file), "--by", "bank"]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert f"{file}: row 5, column event_id: no payment 'e9' of user 'u-9' is known" in error
    assert "nothing was sent: mend 1 of 4 rows" in error
    assert sent(own) == []
    assert main([*words, "--skip-bad", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["sent"], [fault["line"] for fault in told["left_out"]]) == (3, [5])
    assert fill(own) == (3, 0)
    once = list(feedback.recall(own))
    assert main([*words, "--skip-bad"]) == 1
    assert capsys.readouterr().out == "3 verdicts sent, 1 rows left out\n"
    assert len(sent(own)) == 6
    assert fill(own) == (6, 0)
    assert list(feedback.recall(own)) == once


def test_what_waits_is_shown_until_its_payment_is_there(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    known = ["--known-at", "2025-03-02", "--by", "ana"]
    assert main(["label", "later", "fraud", "--user", "u-1", "--time", str(NOON), *known]) == 0
    assert main(["label", "e1", "fraud", *known]) == 0
    assert fill(own) == (2, 0)
    capsys.readouterr()
    assert main(["label", "--waiting"]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[1].startswith(
        "later\tu-1\t2025-03-01 12:00:00.000\tfraud\tanalyst"
    )
    assert shown.err == "1 verdicts wait for their payment\n"
    sink = PostgresSink(own)
    sink.write([score("later")])
    sink.close()
    assert main(["label", "--waiting", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"total": 0, "waiting": []}


def test_what_is_no_feedback_is_passed_over(own: Settings) -> None:
    good = build(("e1", "u-1", NOON), "fraud", "import", NOON, "system")
    value = msgspec.json.encode(good)
    produce(
        own,
        own.topics.feedback,
        [Sent(b"u-1", value), Sent(b"u-2", value), Sent(b"u-1", b"{}"), Sent(b"u-1", None)],
    )
    assert fill(own) == (1, 2)
    assert [one.feedback for one in feedback.recall(own)] == [good]


def test_a_topic_that_is_missing_is_named(
    own: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RISK_TOPICS__FEEDBACK", "nowhere.feedback")
    assert main(["label", "e1", "fraud", "--by", "ana"]) == 2
    assert "no topic nowhere.feedback at " in capsys.readouterr().err


def test_an_audit_shows_the_verdicts(own: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    event = f"audited-{time.time_ns():x}"  # Elasticsearch and Redis are not the test's own
    sink = PostgresSink(own)
    sink.write([score(event)])
    sink.close()
    known = ["--known-at", "2025-03-02", "--by", "ana"]
    assert main(["label", event, "fraud", *known]) == 0
    assert main(["label", event, "legitimate", "--note", "her son", *known]) == 0
    assert main(["label", "gone", "fraud", "--user", "u-1", "--time", "2025-03-01", *known]) == 0
    assert fill(own) == (3, 0)
    capsys.readouterr()
    assert main(["audit", event, "--json"]) == 0
    (payment,) = json.loads(capsys.readouterr().out)["payments"]
    assert [(one["verdict"], one["counts"]) for one in payment["feedback"]] == [
        ("fraud", False),
        ("legitimate", True),
    ]
    assert main(["audit", event]) == 0
    out = capsys.readouterr().out
    assert "legitimate, counts\tanalyst\t2025-03-02 00:00:00.000\t" in out
    assert "feedback: 2 verdicts" in out
    assert main(["audit", "gone"]) == 0
    assert "no score yet: the verdict waits for it" in capsys.readouterr().out
