"""Tokens, origins, roles, and where a sign-in leads to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.config.settings import Console
from risk.console import csrf
from risk.console.navigation import LINKS, navigation
from risk.console.roles import ORDER, allows
from risk.console.routes import ROUTES
from risk.console.security import POLICY, origins
from risk.console.sign_in.begin import next_of
from risk.registry.sessions import Viewer

SECRETS = st.text("abcXYZ_-", min_size=43, max_size=43)


@given(SECRETS, SECRETS)
def test_a_token_is_that_of_its_cookie_alone(one: str, other: str) -> None:
    assert csrf.is_right(one, csrf.token(one))
    assert csrf.is_right(one, csrf.token(other)) is (one == other)


@pytest.mark.parametrize(
    ("secret", "given_"), [(None, "x"), ("x", None), ("x", ""), ("x", "é\ud800")]
)
def test_no_token_is_wrong(secret: str | None, given_: str | None) -> None:
    assert not csrf.is_right(secret, given_)


def test_only_the_consoles_own_origin_may_change_anything() -> None:
    own = origins(Console(port=8_000))
    assert csrf.is_own("http://127.0.0.1:8000", own)
    assert csrf.is_own("http://localhost:8000", own)
    for other in (None, "null", "http://127.0.0.1:8001", "https://127.0.0.1:8000", "http://evil"):
        assert not csrf.is_own(other, own)
    assert origins(Console(public_origin="https://risk.example.org")) == {
        "https://risk.example.org"
    }


@pytest.mark.parametrize("path", ["/live", "/live?user=a%20b&score=3", "/users"])
def test_a_sign_in_leads_back(path: str) -> None:
    assert next_of(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//evil",
        "/\\evil",
        "https://evil",
        "/\t/evil",
        "/a\nb",
        "live",
        "/sign-out",
        "/" + "a" * 3_000,
    ],
)
def test_a_sign_in_leads_nowhere_else(path: str) -> None:
    assert next_of(path) == "/live"


def test_each_role_may_do_all_that_those_before_it_may() -> None:
    for at, role in enumerate(ORDER):
        assert [allows(role, needed) for needed in ORDER] == [n <= at for n in range(len(ORDER))]


def test_the_bar_leads_only_to_what_may_be_opened() -> None:
    needed = {page.path: page.role for page in ROUTES if page.method == "GET"}
    assert all(needed[link.path] == link.role for link in LINKS)
    assert navigation(None) == []
    assert [link.path for link in navigation(Viewer("ada", "viewer"))] == [
        "/live", "/cases", "/rules", "/models",
    ]  # fmt: skip


def test_only_what_signs_in_is_open_to_all() -> None:
    opened = {page.path for page in ROUTES if page.role is None}
    assert {path for path in opened if not path.startswith("/sign-in")} == {
        "/healthz", "/readyz", "/static/{digest}/{name}",
    }  # fmt: skip


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert POLICY.startswith("default-src 'none'; ")
