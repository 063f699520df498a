"""The queue and the page of a case on a real Postgres, asked as a browser asks."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from risk.config.settings import Settings
from risk.console import csrf
from risk.console.app import create
from risk.console.roles import ORDER
from risk.ops.actor import Actor
from risk.ops.cases import queue, steps
from risk.ops.cases.take_in import take_in
from risk.ops.users import manage
from risk.registry.cases.records import Case, Filters
from sinks.postgres.connect import connect
from tests.contract.browser import Browser, browser
from tests.unit.ops.cases.alerts import alert

pytestmark = pytest.mark.stack

PASSWORD = "correct horse battery"
EVIL = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}"
ANA = Actor("analyst", "analyst")


class Console(NamedTuple):
    """A console on a database of the test's own, with a user in each role."""

    settings: Settings
    app: Any

    def reviewer(self, role: str) -> Browser:
        return browser(self.app, self.settings.console.origin, role)

    def case(self) -> Case:
        (found,) = queue.page(self.settings, Filters(states=("open", "claimed", "closed")))[0]
        return found


@pytest.fixture
def console(migrated: Settings) -> Iterator[Console]:
    for role in ORDER:
        manage.add(migrated, role, role, PASSWORD)
    app = create(migrated)
    yield Console(migrated, app)
    app.state.site.pool.close()


def test_a_verdict_takes_one_request_and_is_undoable(console: Console) -> None:
    take_in(console.settings, console.settings, [alert("e1", device_id="device-0123456789")])
    analyst, case = console.reviewer("analyst"), console.case()
    page = analyst.get(f"/cases/{case.id}").text
    assert 'data-do="f"' in page
    assert "dev•••" in page
    assert "device-0123456789" not in page
    path = f"/cases/{case.id}/steps/close"
    done = analyst.post(path, part=True, revision=str(case.revision), verdict="fraud")
    assert done.status_code == 200
    assert 'data-state="closed"' in done.text
    assert 'data-do="u"' in done.text
    again = console.case()
    assert (again.verdict, again.judged_by) == ("fraud", "analyst")
    undone = analyst.post(f"/cases/{case.id}/steps/undo", True, revision=str(again.revision))
    assert 'data-state="claimed"' in undone.text
    assert console.case().verdict is None


def test_what_is_refused_is_told_in_a_sentence(console: Console) -> None:
    take_in(console.settings, console.settings, [alert("e1")])
    case, analyst = console.case(), console.reviewer("analyst")
    path, revision = f"/cases/{case.id}/steps", str(case.revision)
    steps.claim(console.settings, case.id, Actor("lead", "lead"))
    stale = analyst.post(f"{path}/close", part=True, revision=revision, verdict="fraud")
    assert stale.status_code == 409
    assert "has changed while you looked at it" in stale.text
    assert stale.headers["hx-reswap"] == "none"
    assert "<html" not in stale.text
    now = str(console.case().revision)
    taken = analyst.post(f"{path}/claim", revision=now)
    assert (taken.status_code, "lead has the case" in taken.text) == (409, True)
    assert analyst.post(f"{path}/approve", revision=now).status_code == 403
    assert analyst.post(f"{path}/close", revision=now, verdict="maybe").status_code in (400, 409)
    assert analyst.post(f"{path}/dance", revision=now).status_code == 404
    assert analyst.post(f"{path}/claim", revision="x").status_code == 400
    assert analyst.get("/cases/999999").status_code == 404
    assert analyst.get("/cases/9x").status_code == 404
    for odd in ("sort=x", "after=risk:1:x", "score=101", "state=lost", "country=Germany"):
        assert analyst.get(f"/cases?{odd}").status_code == 400, odd
    viewer = console.reviewer("viewer")
    assert 'data-do="f"' not in viewer.get(f"/cases/{case.id}").text
    assert viewer.post(f"{path}/claim", revision=now).status_code == 403


def test_next_is_by_the_filters_and_order_of_the_queue(console: Console) -> None:
    take_in(
        console.settings,
        console.settings,
        [alert(f"e{n}", user_id=f"u-{n}", points=50 + n, amount=100_000 - n) for n in range(4)],
    )
    analyst = console.reviewer("analyst")
    first = analyst.post("/cases/next", queue="sort=stake")
    found = re.fullmatch(r"/cases/(\d+)\?sort=stake", first.headers["location"])
    assert found
    assert queue.whole(console.settings, int(found[1]), ANA).case.user_id == "u-0"
    none = analyst.post("/cases/next", queue="user=nobody-like-this")
    assert none.headers["location"] == "/cases?user=nobody-like-this&none=1"
    assert "No case matches" in analyst.get("/cases?user=nobody-like-this").text


def test_views_are_saved_and_forgotten(console: Console) -> None:
    analyst = console.reviewer("analyst")
    assert "Nothing to review" in analyst.get("/cases").text
    saved = analyst.post("/cases/views", queue="decision=BLOCK&stake=500", name=f"big {EVIL}")
    assert saved.headers["location"] == "/cases?decision=BLOCK&stake=500"
    page = analyst.get("/cases?decision=BLOCK&stake=500").text
    assert '<a href="/cases?decision=BLOCK&amp;stake=500" aria-current="true"' in page
    assert "<img src=x" not in page
    assert analyst.post("/cases/views", queue="", name="all", shared="1").status_code == 403
    assert analyst.post("/cases/views/delete", name=f"big {EVIL}").status_code == 303
    assert analyst.post("/cases/views/delete", name=f"big {EVIL}").status_code == 404


def test_a_bulk_verdict_is_of_what_was_previewed(console: Console) -> None:
    take_in(
        console.settings,
        console.settings,
        [alert(f"e{n}", user_id=f"u-{n}", amount=10_000) for n in range(3)],
    )
    analyst = console.reviewer("analyst")
    shown = analyst.post("/cases/bulk/preview", queue="", verdict="legitimate", reason="a test")
    assert "<strong>3 cases</strong> with 3 alerts, 300 at stake" in shown.text
    seen = re.findall(r'name="seen" value="([^"]+)"', shown.text)[0]
    steps.claim(console.settings, int(seen.split(":")[0]), Actor("lead", "lead"))
    done = analyst.post("/cases/bulk", seen=seen, verdict="legitimate", reason="a test")
    assert "2 judged" in done.text
    assert "1 left out" in done.text
    judged = re.findall(r'name="seen" value="([^"]+)"', done.text)[0]
    assert "2 are yours again" in analyst.post("/cases/bulk/undo", seen=judged).text
    assert analyst.post("/cases/bulk", seen="1", verdict="fraud").status_code == 400


def test_no_text_becomes_markup_and_files_are_only_saved(console: Console) -> None:
    texts: dict[str, Any] = dict.fromkeys(
        ("merchant_id", "device_id", "card_token", "source", "ip"), EVIL
    )
    evil = alert(EVIL, user_id=EVIL, **texts, attributes={EVIL: EVIL}, undeclared={EVIL: [EVIL]})
    take_in(console.settings, console.settings, [evil])
    lead, case = console.reviewer("lead"), console.case()
    token = csrf.token(lead.client.cookies["risk-session"])
    answer = lead.client.post(
        f"/cases/{case.id}/notes",
        data={"csrf": token, "note": EVIL},
        files={
            "files": (f"{EVIL}.html".replace("/", ""), b"<script>alert(1)</script>", "text/html")
        },
        headers={"origin": lead.origin},
    )
    assert answer.status_code == 303
    reason: dict[str, Any] = {"revision": str(case.revision), "verdict": "fraud", "reason": EVIL}
    lead.post(f"/cases/{case.id}/steps/close", **reason)
    page = lead.get(f"/cases/{case.id}").text
    key = re.findall(r"/payments/([0-9a-f]{32})", page)[0]
    shown = lead.post(f"/cases/{case.id}/payments/{key}/reveal").text
    for text in (page, shown, lead.get("/cases?state=closed").text):
        assert "<img src=x" not in text
        assert "alert(1)</script>" not in text
    assert "noted in the access log" in shown
    path = re.findall(rf"/cases/{case.id}/files/\d+", page)[0]
    file = lead.get(path)
    assert file.content == b"<script>alert(1)</script>"
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in file.headers["content-security-policy"]


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


def test_a_page_of_ten_thousand_open_cases_is_a_few_statements(
    console: Console, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    with connect(console.settings) as connection:
        connection.execute(_MANY)
        connection.execute("ANALYZE cases")
    analyst = console.reviewer("analyst")
    asked: list[str] = []
    execute = queue_cursor().execute

    def counted(self: Any, query: Any, *more: Any, **named: Any) -> Any:
        asked.append(query if isinstance(query, str) else str(query))
        return execute(self, query, *more, **named)

    took = []
    for _ in range(5):
        begun = time.perf_counter()
        page = analyst.get("/cases?sort=stake&country=DE")
        took.append(time.perf_counter() - begun)
    assert page.text.count("data-case=") == 50
    monkeypatch.setattr(queue_cursor(), "execute", counted)
    analyst.get("/cases?sort=stake&country=DE")
    assert len(asked) <= 7, asked  # two of them look whether a connection answers
    seen, path = set[str](), "/cases?sort=stake&country=DE"
    for _ in range(3):
        page = analyst.get(path)
        found = set(re.findall(r'id="case-(\d+)"', page.text))
        assert not seen & found
        seen |= found
        path = re.findall(r'href="(/cases\?[^"]+)" data-next-page', page.text)[0].replace(
            "&amp;", "&"
        )
    record_property("queue_page_ms", round(1_000 * min(took), 1))
    print(f"the queue's page, of 10,000 open cases: {1_000 * min(took):.0f} ms")


def queue_cursor() -> Any:
    import psycopg

    return psycopg.Cursor
