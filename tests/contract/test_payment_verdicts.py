"""A payment's history of verdicts on a real Postgres, as the page of its case shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from risk.config.settings import Settings
from risk.console.app import create
from risk.engine.feedback import Logged, build
from risk.ops.actor import Actor
from risk.ops.cases import queue, steps
from risk.ops.cases.take_in import take_in
from risk.ops.users import manage
from risk.registry.cases.records import Filters
from risk.registry.cases.verdicts import of_payment
from risk.registry.session import session
from sinks import registry
from sinks.postgres.connect import connect
from tests.contract.browser import Browser, browser
from tests.unit.ops.cases.alerts import NOON, alert

pytestmark = pytest.mark.stack

PASSWORD = "correct horse battery"
ANA, LEA = Actor("ana", "analyst"), Actor("lea", "lead")
PAYMENT = ("e1", "u-1", NOON)


class Reviewed(NamedTuple):
    """A case of one payment, and a viewer who looks at it."""

    settings: Settings
    case: int
    viewer: Browser

    def told(self) -> list[tuple[str, str]]:
        """Each line's standing, and its text."""
        page = self.viewer.get(f"/cases/{self.case}").text
        path = re.findall(r'hx-get="(/cases/\d+/payments/\w+/verdicts)"', page)[0]
        part = self.viewer.get(path, part=True).text
        rows = re.findall(r'<tr data-standing="(\w+)">(.*?)</tr>', part, re.DOTALL)
        return [(name, re.sub(r"<[^>]+>", " ", text)) for name, text in rows]

    def deliver(self, *more: Logged) -> None:
        """What is waiting is sent, and Postgres has it, and more."""
        with connect(self.settings) as connection:
            connection.execute("UPDATE case_verdicts SET sent_at = now() WHERE undone_at IS NULL")
        with session(self.settings) as cursor:
            given = of_payment(cursor, *PAYMENT)
        sent = [
            build(PAYMENT, one.verdict, "analyst", one.known_at, one.said_by, one.note)
            for one in given
            if one.sent_at
        ]
        writer = registry.delivery("feedback").load().create(self.settings)
        writer.open()
        writer.write([*(Logged(one, one.known_at + 5, 0, n) for n, one in enumerate(sent)), *more])
        writer.close()


@pytest.fixture
def reviewed(migrated: Settings) -> Iterator[Reviewed]:
    manage.add(migrated, "viewer", "viewer", PASSWORD)
    take_in(migrated, migrated, [alert("e1", ip="192.0.2.77")])
    (case,) = queue.page(migrated, Filters())[0]
    app = create(migrated)
    yield Reviewed(migrated, case.id, browser(app, migrated.console.origin, "viewer"))
    app.state.site.pool.close()


def test_nobody_has_said_anything(reviewed: Reviewed) -> None:
    assert reviewed.told() == []


def test_each_verdict_is_told_with_who_said_it_and_what_became_of_it(reviewed: Reviewed) -> None:
    why = "the <b>customer</b> called from 192.0.2.77"
    steps.close(reviewed.settings, reviewed.case, ANA, "fraud", why)
    ((standing, text),) = reviewed.told()
    assert standing == "waits"
    assert "ana" in text
    assert "the &lt;b&gt;customer&lt;/b&gt; called from 192.0.2.•••" in text
    steps.undo(reviewed.settings, reviewed.case, ANA)
    assert [standing for standing, _ in reviewed.told()] == ["taken_back"]
    steps.close(reviewed.settings, reviewed.case, ANA, "legitimate")
    reviewed.deliver()
    assert [standing for standing, _ in reviewed.told()] == ["counts", "taken_back"]
    steps.undo(reviewed.settings, reviewed.case, LEA)
    (standing, text), _ = reviewed.told()
    assert standing == "counts"
    assert "undone" in text
    assert "until the next one comes" in text
    bank = Logged(build(PAYMENT, "fraud", "chargeback", NOON, "bank"), NOON + 9, 0, 99)
    reviewed.deliver(bank)
    told = reviewed.told()
    assert [standing for standing, _ in told] == ["superseded", "taken_back", "counts"]
    assert "chargeback" in told[-1][1]
    assert "bank" in told[-1][1]
