"""The intake on real Kafka and Postgres, and `risk case` from a terminal."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from risk.cli.main import main
from risk.config.names import CASES_GROUP
from risk.config.settings import Settings, to_environment
from risk.engine.feedback import Feedback, decode
from risk.engine.messages import Alert
from risk.kafka.follow import follow
from risk.kafka.scan import read_all
from risk.kafka.topics import create_topics, delete_topics
from risk.ops.actor import Actor
from risk.ops.cases import put_aside, queue, steps
from risk.ops.cases.health import served
from risk.ops.cases.verdicts import send_due
from risk.ops.cases.worker import Report, run
from risk.ops.dead_letters.letter import letter
from risk.ops.dead_letters.resend import resend
from risk.ops.dead_letters.survey import Choice
from risk.ops.rebuild import rebuild
from risk.registry.cases.records import Filters
from risk.stack.process import Home
from risk.stack.up import status
from risk.waiting import until
from sinks.postgres.connect import connect
from tests.topics import Sent, lag, send
from tests.unit.ops.cases.alerts import NOON, alert

pytestmark = pytest.mark.stack
ANA = Actor("ana", "analyst")
PATIENCE_S = 30


@pytest.fixture
def own(kafka: Settings, migrated: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A database and topics of the test's own; the command's, too."""
    names = {
        field: f"c{time.time_ns():x}.{field}" for field in msgspec.structs.asdict(kafka.topics)
    }
    topics = msgspec.convert(names, type(kafka.topics))
    cases = replace(kafka.cases, undo_s=0)
    settings = replace(kafka, topics=topics, postgres=migrated.postgres, cases=cases)
    create_topics(settings, settings.kafka.servers)
    for name, value in to_environment(settings).items():
        monkeypatch.setenv(name, value)
    return settings


@contextmanager
def working(settings: Settings) -> Iterator[Report]:
    """The intake at work."""
    stop, report = threading.Event(), Report()
    thread = threading.Thread(target=run, args=(settings, stop, report))
    thread.start()
    try:
        yield report
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def raised(settings: Settings, *alerts: Alert) -> None:
    """Alerts as scoring would write them."""
    records = [Sent(one.user_id.encode(), msgspec.json.encode(one)) for one in alerts]
    send(settings, settings.topics.alerts, records)


def soon(ask: Callable[[], object]) -> None:
    assert until(ask, PATIENCE_S)


def said(settings: Settings) -> list[Feedback]:
    records = read_all(settings, settings.topics.feedback)
    found = [decode(one.value(), one.key()) for one in records]
    return sorted(found, key=lambda one: (one.event_id, one.known_at))


def letters(settings: Settings) -> list[tuple[str, bytes | None, bytes | None]]:
    """What the intake has put aside: the reason, key and value."""
    found = []
    for record in read_all(settings, settings.topics.dlq):
        one = letter(record)
        assert one is not None
        assert (one.stage, one.source and one.source.topic) == ("cases", settings.topics.alerts)
        found.append((one.reason, record.key(), record.value()))
    return found


def count(settings: Settings) -> int:
    return queue.totals(settings, Filters()).alerts


def test_it_goes_on_where_it_was_and_loses_nothing(own: Settings) -> None:
    raised(own, *(alert(f"e{n}", user_id=f"u-{n}") for n in range(30)))
    send(own, own.topics.alerts, [Sent(b"u", b"{}"), Sent(b"u", None)])
    with working(own) as report:
        soon(lambda: report.alerts == 30)
        soon(lambda: lag(own, CASES_GROUP, own.topics.alerts) == 0)
        assert report.refused == 1  # a tombstone says nothing
    assert letters(own) == [("invalid_message", b"u", b"{}")]
    raised(own, *(alert(f"e{n}", user_id=f"u-{n}", revision=1) for n in range(30, 40)))
    with working(own) as report:
        soon(lambda: report.alerts == 10)
        assert report.known == 0
    assert queue.totals(own, Filters()).cases == 40


def test_what_postgres_never_takes_is_a_dead_letter_that_is_sent_again(own: Settings) -> None:
    refuse = "ALTER TABLE case_alerts ADD CONSTRAINT poison CHECK (event_id <> 'bad') NOT VALID"
    with connect(own) as connection:
        connection.execute(refuse)
    raised(own, *(alert(one, user_id=f"u-{one}") for one in ("e1", "bad", "e2")))
    with working(own) as report:
        soon(lambda: lag(own, CASES_GROUP, own.topics.alerts) == 0)
        assert (report.alerts, report.refused, report.problem) == (2, 1, None)
        ((reason, key, value),) = letters(own)
        assert (reason, key) == ("refused", b"u-bad")
        assert msgspec.json.decode(value or b"", type=Alert) == alert("bad", user_id="u-bad")
        with connect(own) as connection:
            connection.execute("ALTER TABLE case_alerts DROP CONSTRAINT poison")
        done = resend(own, Choice(stages=frozenset({"cases"})), None, lambda _: None)
        assert done.sent == 1
        soon(lambda: report.alerts == 3)
    assert count(own) == 3


def test_while_kafka_takes_no_dead_letter_it_waits(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(put_aside, "ANSWER_MS", 500)
    delete_topics(own, [own.topics.dlq])
    raised(own, alert("e1"))
    send(own, own.topics.alerts, [Sent(b"u", b"{}")])

    def waits(report: Report) -> bool:
        return bool(report.problem and report.problem.startswith(f"kafka: {own.topics.dlq}: "))

    with working(own) as report:
        soon(lambda: waits(report))
        assert (report.alerts, report.refused) == (1, 0)
    assert lag(own, CASES_GROUP, own.topics.alerts) == 2  # stopped meanwhile: it comes again
    with working(own) as report:
        soon(lambda: waits(report))
        create_topics(own, own.kafka.servers)
        soon(lambda: report.refused == 1)
        soon(lambda: lag(own, CASES_GROUP, own.topics.alerts) == 0)
        assert (report.alerts, report.known) == (0, 1)
    assert {value for _, _, value in letters(own)} == {b"{}"}
    assert count(own) == 1


def test_while_postgres_is_away_it_waits(own: Settings) -> None:
    def accepts(yes: bool) -> None:
        with connect(replace(own, postgres=replace(own.postgres, database="risk"))) as connection:
            name = own.postgres.database
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {yes}".encode())

    with working(own) as report:
        accepts(False)
        raised(own, alert("e1"))
        soon(lambda: report.problem)
        assert report.alerts == 0
        accepts(True)
        soon(lambda: report.alerts == 1)
        soon(lambda: report.problem is None)
    assert count(own) == 1


def test_a_verdict_reaches_feedback_and_an_undone_one_does_not(own: Settings) -> None:
    slow = replace(own, cases=replace(own.cases, undo_s=3_600))
    raised(own, alert("e1"), alert("e2"), alert("e3", user_id="u-3"))
    with working(own) as report:
        soon(lambda: report.alerts == 3)
        case, other = sorted(queue.page(own, Filters())[0], key=lambda one: one.user_id)
        steps.close(own, case.id, ANA, "fraud", "card 4111 1111 1111 1111")
        steps.close(slow, other.id, ANA, "fraud")
        steps.undo(own, other.id, ANA)
        soon(lambda: len(said(own)) == 2)
    found = said(own)
    assert [(one.event_id, one.verdict, one.source, one.by) for one in found] == [
        ("e1", "fraud", "analyst", "ana"),
        ("e2", "fraud", "analyst", "ana"),
    ]
    assert {one.note for one in found} == {"card **** **** **** 1111"}
    assert send_due(own) == 0


def test_undoing_what_was_sent_says_again_what_held_before(own: Settings) -> None:
    raised(own, alert("e1"))
    with working(own) as report:
        soon(lambda: report.alerts == 1)
    (case,) = queue.page(own, Filters())[0]
    for step in ("legitimate", "fraud"):
        steps.close(own, case.id, ANA, step)
        assert send_due(own) == 1
        rebuild(own, "feedback", False, lambda _: None)
        if step == "legitimate":
            steps.reopen(own, case.id, ANA, "she called again")
    steps.undo(own, case.id, ANA)
    assert send_due(own) == 1
    assert [one.verdict for one in said(own)] == ["legitimate", "fraud", "legitimate"]
    rebuild(own, "feedback", False, lambda _: None)
    with connect(own) as connection:
        counts = connection.execute("SELECT verdict FROM current_verdicts").fetchall()
    assert counts == [("legitimate",)]
    trail = queue.whole(own, case.id, ANA).trail
    assert trail[-1].detail["restored"] == 1


def test_it_says_how_it_is(own: Settings) -> None:
    report = Report(alerts=3)
    with served(report, own.cases.host, own.cases.port):
        url = f"http://{own.cases.host}:{own.cases.port}/"
        with urllib.request.urlopen(url) as answer:
            assert json.load(answer)["alerts"] == 3
        report.problem = "postgres: away"
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(url)


def test_the_server_runs_beside_the_others(start: Callable[[str], Settings], home: Home) -> None:
    settings = start("cases")
    (found,) = status(settings, home, ["cases"])
    assert (found.state, found.address) == ("up", f"{settings.cases.host}:{settings.cases.port}")


def test_a_case_from_a_terminal(
    own: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raised(own, alert("e1", country="DE"), alert("e2", user_id="u-2", points=50, amount=5))
    with working(own) as report:
        soon(lambda: report.alerts == 2)

    def typed(*words: str, code: int = 0) -> str:
        assert main(["case", *words]) == code
        return capsys.readouterr().out

    assert main(["case"]) == 0
    listed = capsys.readouterr()
    assert listed.err == "2 cases\n"
    first, second = (line.split("\t") for line in listed.out.splitlines()[1:])
    assert first[1:7] == ["open", "80", "BLOCK", "u-1", "123.45 EUR", "1"]
    number = first[0]
    assert json.loads(typed("next", "--by", "ana", "--json"))["id"] == int(number)
    assert main(["case", "claim", number, "--by", "ben"]) == 2
    assert "ana has the case" in capsys.readouterr().err
    file = tmp_path / "mail.txt"
    file.write_text("she called", encoding="utf-8")
    assert "note 1" in typed("note", number, "her voice", "--file", str(file), "--by", "ana")
    assert typed("file", number, "1") == "she called"
    said_so = typed("close", number, "fraud", "--by", "ana", "--reason", "she called")
    assert said_so == f"case {number}: closed: fraud by ana\n"
    shown = typed("show", number, "--by", "ana")
    for words in ("her voice", "1: mail.txt", "she called", "velocity_burst", "undo, reopen"):
        assert words in shown, words
    undone = typed("undo", number, "--by", "ana")
    assert undone == f"case {number}: claimed, ana has it\n"
    assert typed("snooze", number, "--for", "4h", "--by", "ana").startswith(
        f"case {number}: snoozed: until "
    )
    typed("escalate", second[0], "--reason", "unsure", "--by", "ben")
    typed("assign", second[0], "cem", "--role", "lead", "--by", "lea")
    typed("save", "big", "--stake", "1", "--by", "ana")
    assert typed("views", "--by", "ana").splitlines()[1].startswith("big\tana\trisk\t")
    assert f"{number}\tsnoozed" in typed("list", "--view", "big", "--by", "ana")
    assert main(["case", "list", "--view", "big", "--score", "5", "--by", "ana"]) == 2
    assert "leave the others out" in capsys.readouterr().err
    seen = json.loads(typed("bulk", "legitimate", "--dry-run", "--json", "--by", "ana"))
    assert (seen["cases"], list(seen["left_out"])) == (1, [second[0]])
    assert main(["case", "bulk", "legitimate", "--by", "ana"]) == 2
    assert "--yes is missing" in capsys.readouterr().err
    assert typed("bulk", "legitimate", "--yes", "--user", "u-1", "--by", "ana") == (
        "1 closed, 0 left out\n"
    )
    assert main(["cases", "send"]) == 0
    capsys.readouterr()
    assert {one.verdict for one in said(own)} == {"legitimate"}
    assert main(["case", "show", "999999"]) == 2
    assert capsys.readouterr().err == "risk: there is no case 999999\n"


def test_alerts_are_listed_and_followed(own: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    raised(own, alert("e1"), alert("e2", user_id="u-2", points=50, country="FR"))
    assert main(["alerts", "--decision", "BLOCK"]) == 0
    (line,) = capsys.readouterr().out.splitlines()[1:]
    assert line.split("\t")[1:6] == ["80", "BLOCK", "u-1", "e1", "123.45 EUR"]
    assert main(["alerts", "--json", "--country", "FR"]) == 0
    assert json.loads(capsys.readouterr().out)["event_id"] == "e2"
    words = ["alerts", "--follow", "--since", "1h", "--limit", "2"]
    assert main(words) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_following_begins_now(own: Settings) -> None:
    raised(own, alert("before"))
    messages = follow(own, own.topics.alerts)
    found: list[str] = []
    reader = threading.Thread(
        target=lambda: found.append(json.loads(next(messages).value() or b"")["event_id"])
    )
    reader.start()
    numbers = iter(range(1_000))

    def heard() -> bool:
        raised(own, alert(f"after{next(numbers)}", event_time=NOON + 1))
        reader.join(0.5)
        return bool(found)

    soon(heard)
    messages.close()
    assert found[0].startswith("after")
