"""What a dropped connection is told when it comes back, and passwords and pauses after failures."""

from __future__ import annotations

import pytest

from risk.config.settings import Settings
from risk.console.live.events import Alerts, event
from risk.console.live.filters import Filter
from risk.console.live.hub import Hub
from risk.console.live.place import Place
from risk.errors import UserError
from risk.ops.users import passwords
from risk.registry.sign_in_tries import FREE, LONGEST_S, pause_s
from tests.unit.console.alerts import alert


def hub(count: int) -> Hub:
    found = Hub(Settings(), lambda: None)
    for number in range(count):
        found.ring.add(alert(number, decision="BLOCK" if number % 2 else "REVIEW"))
    return found


def test_all_that_came_meanwhile_is_told() -> None:
    own = hub(5)
    place = Place(own.epoch, 2)
    assert Alerts(own, Filter()).since(place) == ("alerts", {"count": 3})
    assert Alerts(own, Filter(decision="BLOCK")).since(place) == ("alerts", {"count": 1})
    assert Alerts(own, Filter(user="nobody")).since(place) is None


def test_another_console_begins_anew() -> None:
    own = hub(5)
    assert Alerts(own, Filter()).since(Place("00000000", 2)) == ("anew", {})
    assert Alerts(own, Filter()).since(Place(own.epoch, 9)) == ("anew", {})


def test_an_event_says_how_far_it_reaches() -> None:
    told = event("alerts", {"count": 3}, Place("0123abcd", 7))
    assert told == 'id: 0123abcd-7\nevent: alerts\ndata: {"count":3}\n\n'


def test_pauses_double_up_to_a_bound() -> None:
    free = FREE["user"]
    assert [pause_s("user", free + n) for n in (-1, 0, 1, 2)] == [0, 30, 60, 120]
    assert pause_s("user", 10_000) == LONGEST_S
    assert pause_s("address", free) == 0


@pytest.mark.parametrize("password", ["short", "a" * 40, "ada-lovelace-ada", "x\ny" * 9, "q" * 300])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(UserError, match=r"^password: "):
        passwords.check(password, "ada")


def test_a_password_is_known_again_and_nobody_has_one() -> None:
    known = passwords.hashed("correct horse battery")
    assert known.startswith("$argon2id$")
    assert passwords.is_right("correct horse battery", known)
    assert not passwords.is_right("correct horse batterx", known)
    assert not passwords.is_right("nobody has this password", None)
    assert not passwords.is_right("x" * 1_000_000, known)
    assert not passwords.is_outdated(known)
