"""What pages of cases hear of others' steps on a real Postgres, and the parts that they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from risk.config.settings import Settings
from risk.console.app import create
from risk.console.live.changes import Changes
from risk.console.live.listener import Listener
from risk.console.live.place import Place
from risk.console.roles import ORDER
from risk.ops.actor import Actor
from risk.ops.cases import notes, queue, steps
from risk.ops.cases.take_in import take_in
from risk.ops.users import manage
from risk.registry.cases.records import Filters
from sinks.postgres.connect import connect
from tests.contract.browser import Browser, browser
from tests.pipeline import until
from tests.unit.ops.cases.alerts import alert

pytestmark = pytest.mark.stack

PASSWORD = "correct horse battery"
BEN = Actor("ben", "analyst")
END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def changes(migrated: Settings) -> Iterator[Changes]:
    """What a console hears of a database of the test's own."""
    found = Changes()
    before = found.place
    listener = Listener(migrated, found)
    listener.start()
    until(lambda: found.place.epoch != before.epoch, "it listens", 30)
    yield found
    listener.stop()


@pytest.fixture
def analyst(migrated: Settings) -> Iterator[Browser]:
    for role in ORDER:
        manage.add(migrated, role, role, PASSWORD)
    app = create(migrated)
    yield browser(app, migrated.console.origin, "analyst")
    app.state.site.pool.close()


def opened(settings: Settings, *users: str) -> list[int]:
    """Cases of these users, by one alert each."""
    take_in(settings, settings, [alert(f"of-{user}", user_id=user) for user in users])
    found = queue.page(settings, Filters(), limit=500)[0]
    return [next(one.id for one in found if one.user_id == user) for user in users]


def heard(changes: Changes, since: Place) -> list[tuple[int, str, int]]:
    return [(one.case, one.step, one.revision) for one in changes.after(since) or ()]


def test_each_step_is_heard_in_the_order_of_commits(migrated: Settings, changes: Changes) -> None:
    since = changes.place
    (case,) = opened(migrated, "u-1")
    claimed = steps.claim(migrated, case, BEN)
    notes.add_note(migrated, case, BEN, "called")
    until(lambda: len(heard(changes, since)) == 4, "all of it is heard", 30)
    *first, claim, note = heard(changes, since)
    assert {step for _, step, _ in first} == {"open", "alert"}
    assert claim == (case, "claim", claimed.revision)
    assert note == (case, "note", claimed.revision)
    told = [one.event for one in changes.after(since) or ()]
    trail = queue.whole(migrated, case, BEN).trail
    assert told == [one.id for one in trail]


def test_what_others_say_on_the_channel_is_left_out(migrated: Settings, changes: Changes) -> None:
    since = changes.place
    with connect(migrated) as connection:
        for text in ("not json", '{"case": "x"}', '{"case": 5, "revision": 2, "step": "claim"}'):
            connection.execute("SELECT pg_notify('cases', %s)", (text,))
    until(lambda: heard(changes, since), "what is right is heard", 30)
    assert heard(changes, since) == [(5, "claim", 2)]


def test_who_lost_the_connection_begins_anew(migrated: Settings, changes: Changes) -> None:
    since = changes.place
    with connect(migrated) as connection:
        connection.execute(END_ALL)
    until(lambda: changes.place.epoch != since.epoch, "it listens again", 30)
    assert changes.after(since) is None
    since = changes.place
    opened(migrated, "u-2")
    until(lambda: heard(changes, since), "what comes is heard", 30)


def test_of_the_queue_only_lines_that_changed_are_sent(
    migrated: Settings, analyst: Browser
) -> None:
    first, second = opened(migrated, "u-1", "u-2")
    page = analyst.get("/cases?sort=age").text
    shown = ",".join(
        f"{case}:{revision}"
        for case, revision in re.findall(r'data-case="(\d+)" data-revision="(\d+)"', page)
    )
    same = analyst.get(f"/cases/rows?sort=age&shown={shown}", part=True)
    assert "data-case" not in same.text
    assert (same.headers["x-cases-whole"], same.headers["x-cases-lacks"]) == ("0", "0")
    steps.claim(migrated, first, BEN)
    opened(migrated, "u-3")
    now = analyst.get(f"/cases/rows?sort=age&shown={shown}", part=True)
    assert re.findall(r'data-case="(\d+)"', now.text) == [str(first)]
    assert '<span class="tag own">ben</span>' in now.text
    assert "3 cases" in now.text
    assert now.headers["x-cases-lacks"] == "1"
    steps.close(migrated, second, BEN, "fraud")
    gone = analyst.get(f"/cases/rows?sort=age&shown={shown}", part=True)
    assert 'data-state="closed"' in gone.text, "one that the page shows is told of to its end"
    whole = analyst.get(f"/cases/rows?sort=age&shown={shown}&whole=1", part=True)
    assert whole.headers["x-cases-whole"] == "1"
    assert f'data-case="{second}"' not in whole.text
    assert whole.text.count("data-case=") == 2
    for wrong in ("shown=x", "shown=" + ",".join(f"{n}:1" for n in range(101))):
        assert analyst.get(f"/cases/rows?{wrong}", part=True).status_code == 400


def test_a_cases_page_is_told_what_happened_and_gets_its_parts(
    migrated: Settings, analyst: Browser
) -> None:
    (case,) = opened(migrated, "u-1")
    page = analyst.get(f"/cases/{case}?sort=age").text
    assert 'data-do="f"' in page
    steps.claim(migrated, case, BEN)
    now = analyst.get(f"/cases/{case}/now?sort=age", part=True).text
    assert 'data-told="ben has claimed this case."' in now
    assert 'data-do="f"' not in now
    assert 'name="queue" value="sort=age"' in now, "the next case is still next in that order"
    assert "<textarea" not in now, "what somebody writes stays"
    for part in ("stand", "payments", "graph", "note-list", "trail"):
        assert f'id="{part}"' in now
    take_in(migrated, migrated, [alert("e2", user_id="u-1", points=40)])
    told = analyst.get(f"/cases/{case}/now", part=True).text
    assert "Look at it before you judge." in told
    assert told.count("data-key=") == 2
    assert analyst.get("/cases/999999/now", part=True).status_code == 404


def test_a_verdict_that_was_approved_is_not_told_as_sent_before_it_is(
    migrated: Settings, analyst: Browser
) -> None:
    take_in(migrated, migrated, [alert("dear", user_id="u-1", amount=5_000_000)])
    (case,) = (one.id for one in queue.page(migrated, Filters())[0])
    assert steps.close(migrated, case, BEN, "fraud").state == "pending"
    with connect(migrated) as connection:  # judged an hour ago
        connection.execute("UPDATE cases SET judged_at = judged_at - interval '1 hour'")
    steps.approve(migrated, case, Actor("lead", "lead"))
    page = analyst.get(f"/cases/{case}").text
    assert "The verdict is sent in a few seconds" in page
    assert 'data-unsent="' in page
