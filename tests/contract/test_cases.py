"""Cases on a real Postgres: intake, queue, steps, four eyes, the trail."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.ops.actor import Actor
from risk.ops.cases import bulk, notes, queue, steps
from risk.ops.cases.take_in import take_in
from risk.ops.refusal import Invalid, NotAllowed, NotFound, Stale, Taken
from risk.registry.cases.notes import Attachment
from risk.registry.cases.records import Case, Filters, Sort, View
from risk.registry.cases.session import within
from sinks.postgres.connect import connect
from tests.unit.ops.cases.alerts import alert

pytestmark = pytest.mark.stack

ANA = Actor("ana", "analyst")
BEN = Actor("ben", "analyst")
LEA = Actor("lea", "lead")
VIC = Actor("vic", "viewer")


def fill(settings: Settings, count: int) -> list[int]:
    """That many cases of a user each, with scores from 40 on; their ids."""
    take_in(
        settings,
        settings,
        [
            alert(f"e{n}", user_id=f"u-{n}", points=40 + n % 61, amount=100 * n, country="DE")
            for n in range(count)
        ],
    )
    return [case.id for case in queue.page(settings, Filters(), "age", 500)[0]]


def only(settings: Settings) -> Case:
    (case,) = queue.page(settings, Filters())[0]
    return case


def test_alerts_become_cases_once_and_corrections_change_them(migrated: Settings) -> None:
    first = [
        alert("e1", points=50, device_id="d-1", country="DE"),
        alert("e2", user_id="u-2", points=45, device_id="d-1", currency="JPY", rule="far"),
        alert("e3", user_id="u-3", points=45),
    ]
    taken = take_in(migrated, migrated, first)
    assert (taken.opened, taken.added, taken.corrected, taken.known) == (2, 3, 0, 0)
    assert take_in(migrated, migrated, first).known == 3
    ring, _ = queue.page(migrated, Filters())[0]
    assert (ring.users, ring.alerts, ring.score, ring.decision) == (["u-1", "u-2"], 2, 50, "REVIEW")
    assert ring.amounts == {"EUR": 12_345, "JPY": 12_345}
    assert ring.stake == 123.45 + 12_345
    assert ring.rules == ["far", "velocity_burst"]
    assert ring.due_at - ring.opened_at == timedelta(minutes=1_440)
    corrected = alert("e1", points=90, revision=1, device_id="d-1", country="DE")
    assert take_in(migrated, migrated, [corrected, first[0]]).corrected == 1
    after = queue.whole(migrated, ring.id, ANA)
    assert (after.case.score, after.case.decision, after.case.alerts) == (90, "BLOCK", 2)
    assert after.case.due_at - after.case.opened_at == timedelta(minutes=60)
    assert [(one.step, one.who) for one in after.trail] == [
        ("open", "system"),
        ("alert", "system"),
        ("correct", "system"),
    ]
    assert after.trail[1].detail == {"payments": ["e1", "e2"], "count": 2}
    late = alert("e1", points=99, revision=2, late=True, device_id="d-1")
    assert take_in(migrated, migrated, [late]).known == 1


def test_the_same_alert_twice_in_a_batch_is_one(migrated: Settings) -> None:
    again = [alert("e1", points=50), alert("e1", points=50), alert("e1", points=60, revision=1)]
    taken = take_in(migrated, migrated, again)
    assert (taken.opened, taken.added, taken.corrected, taken.known) == (1, 1, 1, 1)
    assert only(migrated).score == 60


def test_what_comes_after_a_case_was_closed_opens_another(migrated: Settings) -> None:
    take_in(migrated, migrated, [alert("e1")])
    first = only(migrated)
    steps.close(migrated, first.id, ANA, "legitimate")
    take_in(migrated, migrated, [alert("e2"), alert("e1", points=90, revision=1)])
    second = only(migrated)
    assert second.id != first.id
    (other,) = queue.whole(migrated, second.id, ANA).related
    assert (other.id, other.kinds, other.verdict) == (first.id, ["user"], "legitimate")
    closed = queue.whole(migrated, first.id, ANA)
    assert (closed.case.state, closed.case.score) == ("closed", 90)
    assert closed.trail[-1].step == "correct"


def test_an_attribute_with_a_nul_is_taken(migrated: Settings) -> None:
    take_in(migrated, migrated, [alert("e1", undeclared={"a\0": ["b\0", "\\u0000"]})])
    (one,) = queue.whole(migrated, only(migrated).id, ANA).alerts
    assert one.payment["undeclared"] == {"a\ufffd": ["b\ufffd", "\\u0000"]}


def test_two_people_never_get_the_same_case(migrated: Settings) -> None:
    ids = fill(migrated, 40)
    ready = threading.Barrier(4)

    def work(name: str) -> list[int]:
        ready.wait()
        found = []
        while case := queue.next_case(migrated, Actor(name, "analyst")):
            found.append(case.id)
        return found

    with ThreadPoolExecutor(4) as pool:
        got = [*pool.map(work, ("ana", "ben", "cem", "dia"))]
    assert sorted(case for own in got for case in own) == sorted(ids)
    for name, own in zip(("ana", "ben", "cem", "dia"), got, strict=True):
        held = queue.page(migrated, Filters(assignee=name), limit=100)[0]
        assert {case.id for case in held} == set(own)


def test_next_goes_by_order_and_filters(migrated: Settings) -> None:
    fill(migrated, 10)
    riskiest = queue.next_case(migrated, ANA)
    assert riskiest is not None
    assert riskiest.score == 49
    cheap = queue.next_case(migrated, ANA, Filters(user="u-3"), "stake")
    assert cheap is not None
    assert cheap.user_id == "u-3"
    assert queue.next_case(migrated, ANA, Filters(user="nobody")) is None
    with pytest.raises(NotAllowed, match="reads only"):
        queue.next_case(migrated, VIC)
    steps.escalate(migrated, cheap.id, ANA, "too large for me")
    assert queue.next_case(migrated, BEN, Filters(user="u-3")) is None
    given = queue.next_case(migrated, LEA, Filters(user="u-3"))
    assert given is not None
    assert given.level == "lead"


def test_pages_follow_one_another_whatever_comes(migrated: Settings) -> None:
    ids = fill(migrated, 25)
    orders: tuple[Sort, ...] = ("risk", "stake", "age", "due")
    for sort in orders:
        seen: list[int] = []
        after: str | None = None
        while True:
            cases, after = queue.page(migrated, Filters(), sort, 7, after)
            seen += [case.id for case in cases]
            if after is None:
                break
        assert sorted(seen) == ids, sort
        assert len(seen) == len(ids), sort
    with pytest.raises(Invalid, match="cursor"):
        queue.page(migrated, Filters(), "age", 7, "risk:1:-80")


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(), 10),
        (Filters(states=("claimed",)), 1),
        (Filters(states=("open", "closed")), 9),
        (Filters(assignee="ana"), 1),
        (Filters(assignee=""), 9),
        (Filters(least_score=45), 5),
        (Filters(least_stake=5.0), 5),
        (Filters(rule="velocity_burst"), 10),
        (Filters(rule="none"), 0),
        (Filters(user="u-4"), 1),
        (Filters(country="DE"), 10),
        (Filters(country="FR"), 0),
        (Filters(decision="BLOCK"), 0),
        (Filters(older_s=3_600), 0),
        (Filters(overdue=True), 0),
        (Filters(states=("closed",), verdict="fraud"), 0),
        (Filters(ids=(-1,)), 0),
    ],
)
def test_filters(migrated: Settings, filters: Filters, wanted: int) -> None:
    fill(migrated, 10)
    assert queue.next_case(migrated, ANA) is not None
    assert len(queue.page(migrated, filters)[0]) == wanted
    assert queue.totals(migrated, filters).cases == wanted


def test_a_step_on_what_has_changed_is_refused(migrated: Settings) -> None:
    take_in(migrated, migrated, [alert("e1")])
    seen = only(migrated)
    take_in(migrated, migrated, [alert("e2")])
    with pytest.raises(Stale, match="look at it again") as refused:
        steps.close(migrated, seen.id, ANA, "fraud", revision=seen.revision)
    assert refused.value.code == "stale"
    assert only(migrated).state == "open"
    with pytest.raises(NotFound):
        steps.claim(migrated, 10**9, ANA)
    steps.claim(migrated, seen.id, ANA)
    with pytest.raises(Taken, match="ana has the case"):
        steps.claim(migrated, seen.id, BEN)


def test_claiming_ones_own_leaves_no_line(migrated: Settings) -> None:
    take_in(migrated, migrated, [alert("e1")])
    case = steps.claim(migrated, only(migrated).id, ANA)
    assert steps.claim(migrated, case.id, ANA) == case
    assert [one.step for one in queue.whole(migrated, case.id, ANA).trail][2:] == ["claim"]


def test_a_snoozed_case_wakes_by_time_or_by_an_alert(migrated: Settings) -> None:
    take_in(migrated, migrated, [alert("e1"), alert("e9", user_id="u-9")])
    soon = datetime.now(UTC) + timedelta(hours=4)
    mine, other = queue.page(migrated, Filters(), "age")[0]
    steps.claim(migrated, mine.id, ANA)
    steps.snooze(migrated, mine.id, ANA, soon)
    steps.snooze(migrated, other.id, BEN, soon)
    assert queue.next_case(migrated, BEN) is None
    take_in(migrated, migrated, [alert("e2", user_id=mine.user_id)])
    woken = queue.whole(migrated, mine.id, ANA)
    assert (woken.case.state, woken.case.assignee) == ("claimed", "ana")
    assert (woken.trail[-1].from_state, woken.trail[-1].to_state) == ("snoozed", "claimed")
    with connect(migrated) as connection:
        connection.execute("UPDATE cases SET snoozed_until = now() WHERE state = 'snoozed'")
    found = queue.next_case(migrated, BEN)
    assert found is not None
    assert found.id == other.id
    trail = queue.whole(migrated, other.id, ANA).trail
    assert [(one.who, one.step) for one in trail[-2:]] == [("system", "wake"), ("ben", "claim")]


def test_four_eyes(migrated: Settings) -> None:
    own = replace(migrated, cases=replace(migrated.cases, four_eyes_stake=1_000))
    take_in(own, own, [alert("e1", amount=200_000)])
    case = only(own)
    case = steps.close(own, case.id, ANA, "legitimate", "her own card")
    assert (case.state, case.judged_by, case.verdict) == ("pending", "ana", "legitimate")
    assert waiting(own) == 0
    with pytest.raises(NotAllowed):
        steps.approve(own, case.id, BEN)
    seen = case.revision
    take_in(own, own, [alert("e2")])
    with pytest.raises(Stale):
        steps.approve(own, case.id, LEA, seen)
    case = steps.approve(own, case.id, LEA, seen + 1)
    assert (case.state, case.approved_by, case.judged_by) == ("closed", "lea", "ana")
    assert waiting(own) == 2


def waiting(settings: Settings) -> int:
    query = "SELECT count(*) FROM case_verdicts WHERE sent_at IS NULL AND undone_at IS NULL"
    with connect(settings) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def test_a_bulk_verdict_is_of_what_was_previewed(migrated: Settings) -> None:
    ids = fill(migrated, 6)
    steps.claim(migrated, ids[0], BEN)
    seen = bulk.preview(migrated, ANA, Filters(country="DE"))
    assert (seen.cases, seen.alerts, seen.stake, seen.more) == (5, 5, 15.0, False)
    assert "ben has the case" in seen.left_out[ids[0]]
    take_in(migrated, migrated, [alert("new", user_id="u-5")])
    done = bulk.close_all(migrated, ANA, seen.revisions, "fraud", "one gang")
    assert len(done.closed) == 4
    assert {code for code, _ in done.left_out.values()} == {"stale"}
    assert waiting(migrated) == 4
    undone = bulk.undo_all(migrated, ANA, done.closed)
    assert undone.undone == done.closed
    assert waiting(migrated) == 0
    with pytest.raises(Invalid, match="fraud or legitimate"):
        bulk.close_all(migrated, ANA, bulk.preview(migrated, ANA, Filters()).revisions, "maybe")


def test_notes_keep_files_and_refuse_what_is_large(migrated: Settings) -> None:
    own = replace(migrated, cases=replace(migrated.cases, max_file_bytes=10))
    take_in(own, own, [alert("e1")])
    case = only(own)
    picture = Attachment("C:\\scans\\card.png", "image/png", b"\x89PNG\0")
    notes.add_note(own, case.id, ANA, "card 4111 1111 1111 1111", [picture])
    (note,) = queue.whole(own, case.id, ANA).notes
    assert (note.who, note.note) == ("ana", "card **** **** **** 1111")
    (file,) = note.files
    assert (file.name, file.media_type, file.size) == ("card.png", "image/png", 5)
    assert notes.read_file(own, case.id, file.id).content == picture.content
    with pytest.raises(NotFound):
        notes.read_file(own, case.id + 1, file.id)
    with pytest.raises(Invalid, match="11 bytes: up to 10"):
        notes.add_note(own, case.id, ANA, "", [Attachment("a", "text/plain", b"x" * 11)])
    with pytest.raises(NotAllowed):
        notes.add_note(own, case.id, VIC, "hello")
    assert only(own).revision == case.revision


def test_views_are_ones_own_and_shared_by_leads(migrated: Settings) -> None:
    mine = View(owner="ana", name="mine", filters=Filters(assignee="ana", states=("claimed",)))
    queue.save_view(migrated, ANA, mine)
    gangs = View(
        owner="lea", name="gangs", filters=Filters(least_score=90), sort="due", shared=True
    )
    queue.save_view(migrated, LEA, gangs)
    assert queue.saved_views(migrated, ANA) == [mine, gangs]
    assert queue.view(migrated, BEN, "gangs") == gangs
    with pytest.raises(NotAllowed, match="a lead shares"):
        queue.save_view(migrated, ANA, replace(mine, shared=True))
    with pytest.raises(NotFound):
        queue.delete_view(migrated, ANA, "gangs")
    queue.delete_view(migrated, ANA, "mine")
    assert queue.saved_views(migrated, ANA) == [gangs]


@pytest.mark.parametrize(
    "change",
    ["UPDATE case_events SET who = 'eve'", "DELETE FROM case_events", "TRUNCATE case_events"],
)
def test_the_trail_is_never_changed(migrated: Settings, change: str) -> None:
    take_in(migrated, migrated, [alert("e1")])
    with (
        connect(migrated) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="never changed or removed"),
    ):
        connection.execute(change)
    with pytest.raises(Exception, match="permission denied"), within(migrated) as cursor:
        cursor.execute(change)
    assert len(queue.whole(migrated, only(migrated).id, ANA).trail) == 2


def test_who_listens_is_told_of_each_step(migrated: Settings) -> None:
    with connect(migrated) as connection:
        connection.execute("LISTEN cases")
        take_in(migrated, migrated, [alert("e1")])
        case = steps.claim(migrated, only(migrated).id, ANA)
        told = [one.payload for one in connection.notifies(timeout=5, stop_after=3)]
    assert f'"case": {case.id}' in told[-1]
    assert '"step": "claim"' in told[-1]


_MANY = """
INSERT INTO cases (user_id, users, rules, countries, alerts, score, stake, opened_at, due_at, state,
    verdict, judged_by, judged_at)
SELECT 'u-' || n, ARRAY['u-' || n], ARRAY[(ARRAY['burst', 'far', 'night'])[1 + n % 3]],
    ARRAY[(ARRAY['DE', 'FR'])[1 + n % 2]], 1, 40 + n % 61, n * 7 % 9973,
    now() - n * interval '1 minute', now() + n % 977 * interval '1 minute',
    CASE WHEN n <= 10000 THEN 'open' ELSE 'closed' END,
    CASE WHEN n > 10000 THEN 'fraud' END,
    CASE WHEN n > 10000 THEN 'ana' END,
    CASE WHEN n > 10000 THEN now() END
FROM generate_series(1, 40000) AS n
"""


def test_ten_thousand_open_cases_are_paged_within_50_ms(migrated: Settings) -> None:
    with connect(migrated) as connection:
        connection.execute(_MANY)
        connection.execute("ANALYZE cases")
    orders: tuple[Sort, ...] = ("risk", "stake", "age", "due")
    for filters in (
        Filters(),
        Filters(rule="far", country="FR"),
        Filters(least_score=90, assignee=""),
        Filters(user="u-77"),
    ):
        for sort in orders:
            took = []
            with within(migrated) as cursor:
                after: str | None = None
                for _ in range(8):
                    begun = time.perf_counter()
                    _, after = queue.page(cursor, filters, sort, 50, after)
                    took.append(time.perf_counter() - begun)
            assert min(took) < 0.05, (filters, sort, took)
